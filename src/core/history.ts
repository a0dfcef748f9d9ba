import type { HostCounts } from "./events.ts";

/** One recorded run of `lfce drift`: what the first and the last line of its file say. */
export interface RecordedRun {
  /** The file: the run's events, one a line, as `-o json` prints them. */
  path: string;
  /** Identifier of the run. */
  run: string;
  /** The playbook as it was typed. */
  playbook: string;
  version: string;
  /** RFC 3339, UTC. `since` of what is new in this run is this time. */
  started: string;
  ended: string;
  exitCode: number;
  hosts: HostCounts;
}

/** One finding on one host over the last looks at it. */
export interface ItemHistory {
  code: string;
  item: string;
  /** What the newest finding said. */
  message: string;
  /** When it was found first in the unbroken spell that is, or was, its newest (RFC 3339, UTC: a run's start). */
  since: string;
  /** The start of the run that found it last. */
  last: string;
  /** Looks in which it was found in that spell; not bounded by `seen`. */
  looks: number;
  /**
   * One character a look at the host, the newest last, at most `REMEMBERED_LOOKS`: `1` found, `0` not found, `x` found
   * and mended in the same run. It stands where this ends in `1`.
   */
  seen: string;
}

/** One host over the last looks at it. */
export interface HostHistory {
  host: string;
  /** Looks that are remembered, at most `REMEMBERED_LOOKS`. A run that could not look at the host is none. */
  looks: number;
  /** The start of the last run that looked at it, and of the last that met it at all. */
  looked?: string;
  met: string;
  /** The start of the first run of those, up to the last, that could not look at it: unreachable, or it failed. */
  unknownSince?: string;
  /** What stands and what has gone within the remembered looks. */
  items: ItemHistory[];
}

/** Looks at a host that are remembered finding by finding: a month of nights. */
export const REMEMBERED_LOOKS = 30;

/** So many times gone and found again within the remembered looks is flapping. */
export const FLAPPING_RETURNS = 2;

/** Whether the last look at the host found it (and left it as it is). */
export function isStanding({ seen }: Pick<ItemHistory, "seen">): boolean {
  return seen.endsWith("1");
}

/** In how many of the remembered looks it was found. */
export function timesFound({ seen }: Pick<ItemHistory, "seen">): number {
  return seen.replaceAll("0", "").length;
}

/** How often it had gone and was found again within the remembered looks. */
export function timesReturned({ seen }: Pick<ItemHistory, "seen">): number {
  return seen.replace(/^0+/, "").match(/[0x](?=[1x])/g)?.length ?? 0;
}

/** Whether it comes and goes. */
export function isFlapping(item: Pick<ItemHistory, "seen">): boolean {
  return timesReturned(item) >= FLAPPING_RETURNS;
}

/** What one run found on one host, in a word and three numbers. */
export interface NightOfHost {
  /** `looked`: it was looked at. `unknown`: it could not be. `skipped`: nobody tried. */
  state: "looked" | "unknown" | "skipped";
  /** Findings that stood after the run; how many of them were new; how many of the looks before had gone. */
  found: number;
  fresh: number;
  resolved: number;
}

/** One recorded run with what it found on each host that it met. */
export interface Night {
  run: RecordedRun;
  hosts: Map<string, NightOfHost>;
}
