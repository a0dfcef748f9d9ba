/** Lines to put into the plays and roles of `timeAndLogs`, as YAML flow or `key: value` lines. */
export interface PlaybookParts {
  /** Of the clients' play, such as `serial: 1`. */
  clients?: readonly string[];
  syslogServer?: readonly string[];
  ntpClient?: readonly string[];
  syslogClient?: readonly string[];
}

/**
 * The playbook that most tests apply: the group `servers` serves time and logs, the group `clients` uses both.
 * Proofs that will fail give up soon.
 */
export function timeAndLogs(parts: PlaybookParts = {}): string {
  const lines = (indent: number, given: readonly string[] = []) =>
    given.map((line) => `${" ".repeat(indent)}${line}\n`).join("");
  return `- name: Time and logs
  hosts: servers
  roles:
    - role: ntp_server
      allow: [172.31.96.0/20]
      local_stratum: 10
    - role: syslog_server
${lines(6, parts.syslogServer ?? ['store: { file: "/var/log/remote/{host}.log" }'])}- name: Clients
  hosts: clients
${lines(2, parts.clients)}  roles:
    - role: ntp_client
${lines(6, parts.ntpClient)}    - role: syslog_client
${lines(6, parts.syslogClient)}`;
}

/** Gives up a proof of logs after so many seconds. */
export const LOGS_GIVE_UP_SOON = "verify_timeout: 3s";

/** As a parameter of ntp_client: polled four times a second, a source is selected or given up within moments. */
export const SELECTED_SOON = "servers: [{ group: servers, minpoll: -2, maxpoll: -2 }]";
