/** A run of `lfce drift` every night, as plain data. All paths are absolute. */
export interface NightlyRun {
  /** Name of the units, without their ending. */
  name: string;
  playbook: string;
  /** Node's own program, and lfce's. */
  node: string;
  lfce: string;
  /** What follows: `drift`, the playbook and options. */
  words: string[];
  /** Relative paths in inventories start here. */
  workingDirectory: string;
  /** Where the run's memory is; the only directory that it may write to, but for `reportDirectories`. */
  stateDirectory: string;
  reportDirectories: string[];
  /** Local time. */
  at: { hour: number; minute: number };
  /** Up to how many seconds later a run starts, so that not all controllers begin at once. */
  jitterSeconds: number;
  /** Whose timer it is: the system's, running as a user, or a user's own. */
  scope: { kind: "system"; user: string; ownStateDirectory: boolean } | { kind: "user" };
  /** Whether a notification starts a program (mail, command), which may need rights that lfce does not. */
  startsPrograms: boolean;
  /** Socket of an ssh-agent. */
  agent?: string;
}

/** `02:30` as hour and minute; undefined if it is no time of day. */
export function timeOfDay(text: string): NightlyRun["at"] | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? { hour: Number(match[1]), minute: Number(match[2]) } : undefined;
}

/** The name of a playbook's units, made of its file's name and of nothing that a unit's name cannot hold. */
export function unitName(playbook: string): string {
  const file = playbook.slice(playbook.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
  return `${UNIT_PREFIX}${file.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 100) || "playbook"}`;
}

/** With it the names of all units begin that lfce writes on the machine it runs on. */
export const UNIT_PREFIX = "lfce-drift-";
