/** One way in which a host is not as declared: in its files, at run time, or both. */
export interface DriftFinding {
  /** Stable, lower case with hyphens, e.g. `source-undeclared`; docs/drift.md lists them. */
  code: string;
  /**
   * What it is about, so that a finding is recognised from night to night: a path, a unit, `tcp/514`, a source's
   * address. Together with `code` unique on a host; holds nothing that changes by itself (no line, count or time).
   */
  item: string;
  /** A sentence for people, without a full stop. */
  message: string;
  /** Evidence: a unified diff, or what was seen, with `FILE:LINE` where there is one. */
  detail?: string;
  /** From the history: when this was found first without a break (RFC 3339, UTC: a run's start). Absent: not recorded. */
  since?: string;
  /** From the history: in how many looks at the host running it was found. 1: it is new. */
  looks?: number;
  /** From the history: how often it had gone and came back within the last looks (core/history.ts); 2 is flapping. */
  returned?: number;
}

/** A finding of the runs before that this run looked for and did not find any more, or one that this run mended. */
export interface ResolvedFinding extends Omit<DriftFinding, "detail"> {
  /** It was found in this run, and mended (`--fix`). */
  mended?: boolean;
}

/** Where a host is declared to take its time from or to send its messages to, and how that stands. */
export interface HostLink {
  kind: "ntp" | "syslog";
  /** Inventory name of the other host, else its address or name as declared. */
  to: string;
  /** `standby`: usable, but another one is in use. `unknown`: nobody could tell. */
  state: "in-use" | "standby" | "broken" | "unknown";
  /** A few words for people: `no answer`, `a falseticker`, `tcp port 514`. */
  detail?: string;
}

/** What a host's own clock says of itself, as `chronyc tracking` tells. */
export interface HostClock {
  stratum: number;
  /** Seconds that the system clock is fast (positive) or slow (negative). */
  offset: number;
  leap: "normal" | "insert" | "delete" | "unsynchronised";
}
