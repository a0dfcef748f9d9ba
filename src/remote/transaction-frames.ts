import type { ByteText } from "../core/byte-text.ts";
import { displayText } from "../core/byte-text.ts";

/** How a transaction ended, as the script's last line tells it. */
export type TransactionEnd =
  | { kind: "committed" }
  /** Nothing on the host was changed. */
  | { kind: "untouched" }
  /** `healthy`: every file is back and every service runs as before. */
  | { kind: "rolled-back"; healthy: boolean; reason: string }
  /** `--keep-failed`: left as it is. */
  | { kind: "kept"; reason: string };

/** One line of scripts/apply.sh. Texts are decoded for people, control characters made visible. */
export type TransactionFrame =
  | { kind: "phase"; phase: string }
  | { kind: "notice"; text: string }
  | { kind: "error"; code: string; message: string }
  /** A program's own words about the error before it. */
  | { kind: "detail"; text: string }
  /** Up to the matching `recovered`, what is restored belongs to an earlier, interrupted transaction. */
  | { kind: "recovering"; id: string }
  | { kind: "recovered"; id: string; healthy: boolean }
  | { kind: "restored"; path: string }
  | { kind: "restarted" | "stopped"; unit: string }
  /** Something that could not be put back as it was. */
  | { kind: "broken"; text: string }
  | { kind: "healthy" }
  | { kind: "renewed" }
  | { kind: "end"; end: TransactionEnd };

/** Parses one line; undefined for a line that is not apply.sh's (a login banner, say). */
export function parseTransactionFrame(line: ByteText): TransactionFrame | undefined {
  if (!line.startsWith("lfce ")) return undefined;
  const [keyword = "", ...words] = displayText(line).slice("lfce ".length).split(" ");
  const text = words.join(" ");
  const [first = "", ...others] = words;
  const rest = others.join(" ");
  switch (keyword) {
    case "phase":
      return { kind: keyword, phase: text };
    case "notice":
    case "detail":
    case "broken":
      return { kind: keyword, text };
    case "error":
      return { kind: keyword, code: first, message: rest };
    case "recovering":
      return { kind: keyword, id: text };
    case "recovered":
      return { kind: keyword, healthy: first === "yes", id: rest };
    case "restored":
      return { kind: keyword, path: text };
    case "restarted":
    case "stopped":
      return { kind: keyword, unit: text };
    case "healthy":
    case "renewed":
      return { kind: keyword };
    case "committed":
    case "untouched":
      return { kind: "end", end: { kind: keyword } };
    case "rolled-back":
      return { kind: "end", end: { kind: keyword, healthy: first === "yes", reason: rest } };
    case "kept":
      return { kind: "end", end: { kind: keyword, reason: text } };
    default:
      return undefined;
  }
}

/** What a run of apply.sh has said so far. */
export interface TransactionReport {
  phase: string;
  notices: string[];
  error?: { code: string; message: string; details: string[] };
  restoredFiles: string[];
  restartedUnits: string[];
  broken: string[];
  recovered?: { id: string; healthy: boolean; restoredFiles: string[]; broken: string[] };
  healthy: boolean;
  end?: TransactionEnd;
}

/** A report of nothing yet. */
export function emptyReport(): TransactionReport {
  return { phase: "start", notices: [], restoredFiles: [], restartedUnits: [], broken: [], healthy: false };
}

/** As many things of one kind as a report keeps: a change has some dozens, a host that babbles has no end. */
const MOST_OF_A_KIND = 1_000;

function added<Item>(list: Item[], item: Item): Item[] {
  return list.length < MOST_OF_A_KIND ? [...list, item] : list;
}

/** Adds one frame to a report (the report itself is not changed). */
export function addFrame(report: TransactionReport, frame: TransactionFrame): TransactionReport {
  switch (frame.kind) {
    case "phase":
      return { ...report, phase: frame.phase };
    case "notice":
      return { ...report, notices: added(report.notices, frame.text) };
    case "error":
      // The first error is the cause; what follows is about putting back.
      return report.error ? report : { ...report, error: { ...frame, details: [] } };
    case "detail":
      return report.error
        ? { ...report, error: { ...report.error, details: added(report.error.details, frame.text) } }
        : report;
    case "recovering":
      return report;
    case "recovered":
      return {
        ...report,
        recovered: {
          id: frame.id,
          healthy: frame.healthy,
          restoredFiles: report.restoredFiles,
          broken: report.broken,
        },
        restoredFiles: [],
        restartedUnits: [],
        broken: [],
      };
    case "restored":
      return { ...report, restoredFiles: added(report.restoredFiles, frame.path) };
    case "restarted":
    case "stopped":
      return { ...report, restartedUnits: added(report.restartedUnits, frame.unit) };
    case "broken":
      return { ...report, broken: added(report.broken, frame.text) };
    case "healthy":
      return { ...report, healthy: true };
    case "renewed":
      return report;
    case "end":
      return { ...report, end: frame.end };
  }
}
