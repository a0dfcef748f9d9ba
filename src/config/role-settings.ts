import type { Position } from "../core/errors.ts";
import type { NtpClientParameters, NtpServerParameters } from "../services/chrony/schema.ts";
import type { SyslogClientParameters, SyslogServerParameters } from "../services/rsyslog/schema.ts";
import type { Play } from "./playbook.ts";

/** One role as it applies to one host: merged from every play that gives it. */
export interface RoleSettings<P> {
  state: "present" | "absent";
  /** Validated, as given: defaults are not filled in. */
  parameters: P;
  /** Of each given parameter. */
  positions: Record<string, Position>;
  /** Where the role was given first. */
  at: Position;
}

/** What the playbook says about one host. */
export interface HostRoles {
  host: string;
  /** The first play that names the host: its `serial` and `max_fail_percentage` count. */
  firstPlay: Play;
  /** `ansible_become` of the host, else `become` of the plays that name it; undefined when none says. */
  become: boolean | undefined;
  roles: {
    ntp_server?: RoleSettings<NtpServerParameters>;
    ntp_client?: RoleSettings<NtpClientParameters>;
    syslog_server?: RoleSettings<SyslogServerParameters>;
    syslog_client?: RoleSettings<SyslogClientParameters>;
  };
}
