/** Directives that a role owns through parameters of its own, and the parameter that says it instead. */
export const ownedDirectives: Readonly<Record<string, string>> = {
  server: "sources of ntp_server or servers of ntp_client",
  pool: "sources of ntp_server or servers of ntp_client",
  peer: "sources of ntp_server or servers of ntp_client",
  sourcedir: "exclusive",
  allow: "allow of ntp_server",
  deny: "deny of ntp_server",
  local: "local_stratum and orphan of ntp_server",
};

/** Directives that lfce leaves to whoever wrote them: clocks, and what loads other files. */
export const untouchableDirectives: readonly string[] = ["refclock", "include", "confdir"];
