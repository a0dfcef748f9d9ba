/** The roles that a play can give a host. */
export const roleNames = ["ntp_server", "ntp_client", "syslog_server", "syslog_client"] as const;

export type RoleName = (typeof roleNames)[number];
