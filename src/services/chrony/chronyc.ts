/**
 * Readers of `chronyc -c` output: one line a record, fields separated by commas, seconds as decimals.
 * The columns are those of chronyc(1) in the order of the daemon's own report, tried with chrony 4.0 to 4.6;
 * later versions only append columns. Lines that are too short for their kind are left out.
 */

/** How a source takes part: `#` is a reference clock on the host itself. */
export type SourceMode = "server" | "peer" | "refclock";

/** What chronyd thinks of a source (the second column of `chronyc sources`). */
export type SourceState =
  | "selected"
  | "combined"
  | "not-combined"
  | "falseticker"
  | "too-variable"
  | "unusable";

/** One line of `chronyc -c sources`. */
export interface ChronycSource {
  mode: SourceMode;
  state: SourceState;
  /** Address with -n; the configured name with -N; `ID#…` with -n for a name that has not resolved. */
  name: string;
  stratum: number;
  /** Polling interval, log2 of seconds. */
  poll: number;
  /** The last eight polls, newest in the lowest bit; 0: no usable answer to any of them. */
  reach: number;
  /** Seconds since the last sample; absent when there never was one. */
  sinceSample?: number;
  /** Seconds by which the clock differed from the source, less what it was corrected by since; positive: the clock is ahead. */
  offset: number;
  /** Seconds: margin of that measurement. */
  error: number;
}

/** `chronyc -c tracking`. */
export interface ChronycTracking {
  /** Hexadecimal; 7F7F0101: the host's own clock (`local`), 00000000: none. */
  referenceId: string;
  name: string;
  stratum: number;
  /** Seconds by which the system clock is behind NTP time (negative: ahead). */
  systemTime: number;
  leap: string;
}

/** The counters of one line of `chronyc -c ntpdata`; they tell a silent server from one whose answers are no good. */
export interface ChronycNtpData {
  address: string;
  leap: string;
  stratum: number;
  sent: number;
  received: number;
  /** Answers that also fit the request and name a synchronised server; chrony 4.0 does not count them. */
  good?: number;
}

/** `chronyc -c activity`: number of sources in each condition. */
export interface ChronycActivity {
  online: number;
  offline: number;
  /** Sources whose name has not resolved. */
  unknownAddress: number;
}

/** Reference id of a server that hands out its own clock (`local stratum N`). */
export const LOCAL_REFERENCE = "7F7F0101";

const MODES: Record<string, SourceMode> = { "^": "server", "=": "peer", "#": "refclock" };
const STATES: Record<string, SourceState> = {
  "*": "selected",
  "+": "combined",
  "-": "not-combined",
  x: "falseticker",
  "~": "too-variable",
  "?": "unusable",
};
/** What chronyd reports for "never" (32 bits, all set). */
const NEVER = 4294967295;

/** Reads `chronyc -c sources` in any of its forms. */
export function parseSources(text: string): ChronycSource[] {
  return records(text, 10).flatMap((fields) => {
    const [mode = "", state = "", name = "", stratum, poll, reach = "", since, offset, , error] = fields;
    const knownMode = MODES[mode];
    const knownState = STATES[state];
    if (knownMode === undefined || knownState === undefined) return [];
    const sinceSample = Number(since);
    return [
      {
        mode: knownMode,
        state: knownState,
        name,
        stratum: Number(stratum),
        poll: Number(poll),
        reach: Number.parseInt(reach, 8),
        ...(sinceSample === NEVER ? {} : { sinceSample }),
        offset: Number(offset),
        error: Number(error),
      },
    ];
  });
}

/** Reads `chronyc -c tracking`; undefined when there is none (the daemon is down). */
export function parseTracking(text: string): ChronycTracking | undefined {
  const [fields] = records(text, 14);
  if (!fields || !/^[0-9A-F]{8}$/.test(fields[0] ?? "")) return undefined;
  return {
    referenceId: fields[0] as string,
    name: fields[1] ?? "",
    stratum: Number(fields[2]),
    systemTime: Number(fields[4]),
    leap: fields[13] ?? "",
  };
}

/** Reads `chronyc -c -n ntpdata`. */
export function parseNtpData(text: string): ChronycNtpData[] {
  return records(text, 33).map((fields) => ({
    address: fields[0] ?? "",
    leap: fields[5] ?? "",
    stratum: Number(fields[8]),
    sent: Number(fields[30]),
    received: Number(fields[31]),
    ...(fields[33] === undefined ? {} : { good: Number(fields[33]) }),
  }));
}

/** Reads `chronyc -c activity`; undefined when the daemon is down. */
export function parseActivity(text: string): ChronycActivity | undefined {
  const [fields] = records(text, 5);
  if (!fields) return undefined;
  return { online: Number(fields[0]), offline: Number(fields[1]), unknownAddress: Number(fields[4]) };
}

/**
 * Why chronyd does not select a source, in words, by the state letters of `chronyc selectdata` (chronyc(1));
 * letters that `sources` shows as well are left out.
 */
const SELECT_REASONS: Record<string, string> = {
  N: "it is marked noselect",
  s: "it is not synchronised itself",
  M: "chronyd has too few measurements of it yet",
  d: "its root distance is beyond maxdistance",
  w: "chronyd waits for measurements of other sources",
  S: "its measurements are older than those of other sources",
  O: "its stratum is not below the orphan stratum",
  T: "it disagrees with the sources marked trust",
  W: "chronyd waits for more selectable sources (minsources)",
  U: "chronyd waits for a new measurement of it",
};

/** Reads `chronyc -c -n selectdata`: address → why it is not selected. */
export function parseSelectReasons(text: string): Map<string, string> {
  return new Map(
    records(text, 3).flatMap(([state = "", name = ""]) => {
      const reason = SELECT_REASONS[state];
      return reason === undefined ? [] : [[name, reason] as const];
    }),
  );
}

/** What `chronyc accheck` said: `208 Access allowed` or `209 Access denied` (it exits 0 for both). */
export function parseAccessCheck(text: string): "allowed" | "denied" | "unknown" {
  if (/^208\b/.test(text.trim())) return "allowed";
  return /^209\b/.test(text.trim()) ? "denied" : "unknown";
}

function records(text: string, columns: number): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim().split(","))
    .filter((fields) => fields.length >= columns);
}
