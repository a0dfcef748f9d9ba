import { LfceError } from "../core/errors.ts";
import {
  type HostHistory,
  isFlapping,
  isStanding,
  type Night,
  timesFound,
  timesReturned,
} from "../core/history.ts";
import { type NightFilter, readNight } from "../history/nights.ts";
import { rememberedHosts } from "../history/remembered.ts";
import { recordedRuns } from "../history/run-files.ts";
import { type HistoryView, historyText } from "../report/history-text.ts";
import { jsonLine } from "../report/json.ts";
import type { Paint } from "../report/paint.ts";
import { EXIT } from "./exit-codes.ts";
import { localCalendar } from "./local-calendar.ts";
import { recordedPlaybook } from "./recorded-playbook.ts";
import { stateDirectory } from "./state-directory.ts";
import { tellError } from "./tell-error.ts";
import { type OutputFormat, standardOutput } from "./terminal.ts";

export interface HistoryOptions {
  playbook?: string;
  runs: number;
  /** Milliseconds since 1970. */
  since?: number;
  code?: string[];
  output?: OutputFormat;
  stateDir?: string;
  debug?: boolean;
}

/** What does not fit a pipe's reader has no width to fit. */
const PLAIN_COLUMNS = 400;

/** Shows the drift of a playbook's hosts over time. Returns the exit code. */
export function historyCommand(host: string | undefined, options: HistoryOptions, paint: Paint): number {
  try {
    const state = stateDirectory(options.stateDir, process.env);
    const { playbook, directory } = recordedPlaybook(state, options.playbook, "--playbook PATH");
    const filter: NightFilter = {
      ...(options.code ? { codes: new Set(options.code) } : {}),
      ...(host === undefined ? {} : { host: namePattern(host) }),
    };
    const nights = readNights(directory, options, filter);
    const hosts = [...rememberedHosts(directory).hosts.values()]
      .filter((one) => filter.host?.(one.host) !== false)
      .map((one) => withoutOthers(one, options, filter));
    if (host !== undefined && !nights.some((night) => night.hosts.size > 0) && hosts.length === 0) {
      throw new LfceError({
        code: "no-hosts",
        message: `no recorded run of ${playbook} met a host ${host}`,
        hint: "`lfce history` without a host shows those that drifted; --runs looks further back",
      });
    }
    const view = { playbook, nights, hosts, inDetail: host !== undefined };
    if (options.output === "json") standardOutput.write(jsonLine(asData(view)));
    else standardOutput.write(historyText(view, screen(paint, new Date())));
    return EXIT.ok;
  } catch (error) {
    return tellError(error, options, paint).exitCode;
  }
}

/** The newest runs that the options leave, the oldest first. */
function readNights(directory: string, { runs, since }: HistoryOptions, filter: NightFilter): Night[] {
  const nights: Night[] = [];
  for (const run of recordedRuns(directory)) {
    if (nights.length === runs || (since !== undefined && Date.parse(run.started) < since)) break;
    nights.unshift(readNight(run, filter));
  }
  if (nights.length > 0) return nights;
  throw new LfceError({
    code: "nothing-recorded",
    message: since === undefined ? "no run is recorded" : "no run is recorded since then",
    hint:
      since === undefined ? "run `lfce drift PLAYBOOK` first" : "leave --since out, or give an earlier day",
  });
}

/** A host's history without the items that the options leave out. */
function withoutOthers(host: HostHistory, { since }: HistoryOptions, { codes }: NightFilter): HostHistory {
  const items = host.items.filter(
    ({ code, last }) =>
      (codes === undefined || codes.has(code)) && (since === undefined || Date.parse(last) >= since),
  );
  return { ...host, items };
}

/** `web*`: a name in which a star stands for anything. */
function namePattern(pattern: string): (name: string) => boolean {
  const words = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${words.join(".*")}$`, "s");
  return (name) => expression.test(name);
}

function screen(paint: Paint, now: Date) {
  return {
    calendar: localCalendar(),
    columns: standardOutput.columns ?? PLAIN_COLUMNS,
    paint,
    now: now.toISOString(),
  };
}

/** The same for programs: runs, and of each host every night and item. */
function asData({ playbook, nights, hosts }: HistoryView) {
  const known = new Map(hosts.map((host) => [host.host, host]));
  const names = [...new Set([...known.keys(), ...nights.flatMap((night) => [...night.hosts.keys()])])].sort();
  return {
    playbook,
    runs: nights.map(({ run: { run, started, ended, exitCode, path } }) => ({
      run,
      started,
      ended,
      exitCode,
      path,
    })),
    hosts: names.map((host) => {
      const { looked, unknownSince, looks = 0, items = [] } = known.get(host) ?? {};
      return {
        host,
        ...(looked === undefined ? {} : { looked }),
        ...(unknownSince === undefined ? {} : { unknownSince }),
        nights: nights.map((night) => night.hosts.get(host) ?? null),
        items: items.map((item) => ({
          code: item.code,
          item: item.item,
          message: item.message,
          standing: isStanding(item),
          since: item.since,
          last: item.last,
          looks: item.looks,
          found: timesFound(item),
          of: looks,
          returned: timesReturned(item),
          flapping: isFlapping(item),
        })),
      };
    }),
  };
}
