import type { RunEffects } from "./effects.ts";
import type { HostRun } from "./host-run.ts";
import type { LogServers } from "./log-servers.ts";
import type { LooksAhead } from "./look-ahead.ts";
import type { Proofs } from "./proofs.ts";
import type { RunRequest } from "./run-request.ts";
import type { Sessions } from "./sessions.ts";

/** What the parts of one run share. */
export interface RunContext {
  request: RunRequest;
  effects: RunEffects;
  sessions: Sessions;
  looksAhead: LooksAhead;
  proofs: Proofs;
  runs: ReadonlyMap<string, HostRun>;
  /** Client → the servers that the playbook gives it. */
  serversOf: ReadonlyMap<string, string[]>;
  /** Only used by `drift`. */
  logServers: LogServers;
  /** Time servers that this drift run found unable to serve as declared. */
  brokenTimeServers: Set<string>;
}
