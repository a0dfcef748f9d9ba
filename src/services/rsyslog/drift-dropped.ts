import type { DriftFinding } from "../../core/drift.ts";
import type { SyslogEvidence } from "../../core/evidence.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { rsyslogInForce } from "./in-force/in-force.ts";
import { plainMessage } from "./proof/diagnosis-journal.ts";

/** How far back rsyslogd's own words count: one night to the next. */
export const DROPPED_WITHIN_SECONDS = 86_400;

/**
 * What rsyslogd says of messages that it threw away: rate limits (imuxsock, imjournal, ratelimit.c), full queues. Its
 * counters miss the first of them: with 2,980 of 3,000 messages dropped impstats said ratelimit.discarded=0 (8.2302).
 */
const DROPPED =
  /begin to drop messages|messages? (?:lost|dropped|discarded)|(?:lost|dropped|discarded) \d+ messages|discarding (?:the )?message|queue (?:is )?full/i;

/** Counters of impstats that only lost messages raise. */
const COUNTER = /(?:^|[\s,{"])(discarded(?:\.full|\.nf)?|ratelimit\.discarded)"?\s*[=:]\s*"?(\d+)/g;

/**
 * The files to which impstats writes its counters, if it runs; undefined: it does not. Those that it logs as messages
 * stand in the distribution's file of messages.
 */
export function statisticsFiles(
  observed: ObservedHost,
  mainFile: string,
  messagesFile: string,
): string[] | undefined {
  if (!Object.values(observed.files).some(({ content }) => content?.includes("impstats"))) return undefined;
  const found = rsyslogInForce(observed, mainFile).modules.filter(({ name }) => name === "impstats");
  if (found.length === 0) return undefined;
  return found.map(({ parameters }) => parameters["log.file"] ?? messagesFile);
}

/** That rsyslogd has thrown messages away lately, by its own words or its counters. */
export function droppedFinding({ recent = [], tails = [] }: SyslogEvidence): DriftFinding | undefined {
  const said = recent.filter((line) => DROPPED.test(line)).map(plainMessage);
  const counted = tails.flatMap(({ path, text }) => raisedCounters(text).map((one) => `${path}: ${one}`));
  const detail = [...new Set([...said.slice(-5), ...counted])];
  if (detail.length === 0) return undefined;
  const message = "rsyslogd has thrown messages away";
  return { code: "messages-dropped", item: "rsyslogd", message, detail: detail.join("\n") };
}

/** Counters that grew between two lines about the same thing, in any of impstats' formats. */
function raisedCounters(text: string): string[] {
  const first = new Map<string, number>();
  const raised = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (!line.includes("discarded")) continue;
    const name = /"name"\s*:\s*"([^"]*)"/.exec(line)?.[1] ?? /([^:]*): origin=/.exec(line)?.[1]?.trim();
    if (name === undefined) continue;
    for (const [, counter = "", value] of line.matchAll(COUNTER)) {
      const key = `${name} ${counter}`;
      const before = first.get(key);
      // Counters begin again with the daemon, or with every line where resetCounters is on.
      if (before === undefined || Number(value) < before) first.set(key, Number(value));
      else if (Number(value) > before) raised.set(key, `${name}: ${counter} went from ${before} to ${value}`);
    }
  }
  return [...raised.values()];
}
