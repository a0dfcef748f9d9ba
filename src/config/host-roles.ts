import { LfceError, type Position } from "../core/errors.ts";
import type { NtpClientParameters, NtpServerParameters } from "../services/chrony/schema.ts";
import type { SyslogClientParameters, SyslogServerParameters } from "../services/rsyslog/schema.ts";
import type { Inventory } from "./inventory.ts";
import type { Play, Playbook } from "./playbook.ts";

export type { RoleName } from "./playbook.ts";

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
  /** `become` of the plays that name the host; undefined when none says. */
  become: boolean | undefined;
  roles: {
    ntp_server?: RoleSettings<NtpServerParameters>;
    ntp_client?: RoleSettings<NtpClientParameters>;
    syslog_server?: RoleSettings<SyslogServerParameters>;
    syslog_client?: RoleSettings<SyslogClientParameters>;
  };
}

/**
 * Works out every role of every host that the plays match, in inventory order: patterns, variables, merging
 * and all checks that need no host. Throws `LfceErrors`.
 */
export function expandPlaybook(_playbook: Playbook, _inventory: Inventory): Map<string, HostRoles> {
  throw new LfceError({ code: "config.not-built", message: "not built yet" });
}
