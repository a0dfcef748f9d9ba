import { setImmediate as immediately } from "node:timers/promises";
import type { Progress } from "../lab/progress.ts";
import type { CorpusFile } from "./corpus-files.ts";
import type { EditedService } from "./edited-service.ts";
import { inputKinds, tryGenerated } from "./generated.ts";
import { startJudge } from "./judge.ts";
import { ensureJudgeRoot, judgeRoots } from "./judge-roots.ts";
import { judgeFile } from "./judging.ts";
import { checkEdits, checkPairs, type PairChoice, type Tally, type Violation } from "./rules.ts";

/** The parts of a corpus run. */
export const corpusParts = ["edits", "pairs", "judges", "generated"] as const;
export type CorpusPart = (typeof corpusParts)[number];

/** What a run is to do. */
export interface CorpusOptions {
  parts: readonly CorpusPart[];
  pairs: PairChoice;
  /** Only files whose name contains this. */
  file: string;
  /** Only the daemons of releases whose name contains this. */
  release: string;
  /** Generated inputs a service. */
  inputs: number;
  seed: number;
  say: Progress;
  /** Told of each violation when it is found. */
  onViolation(violation: Violation): void;
}

/** One line of the table at the end. */
export interface CorpusResult {
  what: string;
  /** Files, or generated inputs. */
  inputs: number;
  /** What was compared: edits, pairs, judged edits. */
  compared: number;
  /** What could not be: plans that are a deserved error, files that the daemon itself does not take. */
  leftOut: number;
  violations: number;
  minutes: number;
}

/** Seconds between two signs of life. */
const quiet = 20;

/** Generated inputs are made in portions, each with a seed of its own. */
const portion = 1000;

/** Runs the parts on one service, one after the other. */
export async function runCorpus(service: EditedService, options: CorpusOptions): Promise<CorpusResult[]> {
  const files = service.files().filter(({ name }) => name.includes(options.file));
  const results: CorpusResult[] = [];
  for (const part of corpusParts.filter((one) => options.parts.includes(one))) {
    if (part === "edits") {
      const what = `${service.name}: ${service.settings.length} settings`;
      results.push(await overFiles(what, files, options, async (file) => checkEdits(service, file)));
    } else if (part === "pairs") {
      const what = `${service.name}: ${options.pairs.next === "every" ? "every pair" : "pairs"} of settings`;
      results.push(
        await overFiles(what, files, options, async (file) => checkPairs(service, file, options.pairs)),
      );
    } else if (part === "judges") results.push(...(await runJudges(service, files, options)));
    else results.push(...(await runGenerated(service, options)));
  }
  return results;
}

async function runJudges(
  service: EditedService,
  files: readonly CorpusFile[],
  options: CorpusOptions,
): Promise<CorpusResult[]> {
  const results: CorpusResult[] = [];
  for (const root of judgeRoots.filter(({ release }) => release.includes(options.release))) {
    const version = root[service.name];
    const judge = await startJudge(await ensureJudgeRoot(root.release, { say: options.say }));
    try {
      const what = `${service.name} ${version} judges (${root.title})`;
      const ask = async (file: CorpusFile): Promise<Tally> => {
        const { violations, judged, unjudged } = await judgeFile[service.name](judge, file, version);
        return { violations, edits: judged, refused: unjudged === undefined ? 0 : 1 };
      };
      results.push(await overFiles(what, files, options, ask));
    } finally {
      await judge.stop();
    }
  }
  return results;
}

async function runGenerated(service: EditedService, options: CorpusOptions): Promise<CorpusResult[]> {
  const share = Math.ceil(options.inputs / inputKinds.length);
  const results: CorpusResult[] = [];
  for (const kind of inputKinds) {
    const what = `${service.name}: ${kind}`;
    const meter = startMeter(what, share, options);
    for (let done = 0; done < share; done += portion) {
      const count = Math.min(portion, share - done);
      const { violations, tried, edited } = tryGenerated(service, kind, { count, seed: options.seed + done });
      meter.add({ violations, edits: edited, refused: tried - edited }, tried);
      await immediately();
    }
    results.push(meter.result());
  }
  return results;
}

async function overFiles(
  what: string,
  files: readonly CorpusFile[],
  options: CorpusOptions,
  check: (file: CorpusFile) => Promise<Tally>,
): Promise<CorpusResult> {
  const meter = startMeter(what, files.length, options);
  for (const file of files) {
    meter.add(await check(file), 1);
    // So that a signal is heard between two files.
    await immediately();
  }
  return meter.result();
}

/** Adds up what was found, and says now and then how far it is. */
function startMeter(what: string, all: number, { say, onViolation }: CorpusOptions) {
  const started = performance.now();
  const result: CorpusResult = { what, inputs: 0, compared: 0, leftOut: 0, violations: 0, minutes: 0 };
  let said = started;
  say(what);
  return {
    add({ violations, edits, refused }: Tally, inputs: number): void {
      result.inputs += inputs;
      result.compared += edits;
      result.leftOut += refused;
      result.violations += violations.length;
      for (const violation of violations) onViolation(violation);
      if (performance.now() - said < quiet * 1000) return;
      said = performance.now();
      say(
        `${what}: ${result.inputs} of ${all}, ${result.compared} compared, ${result.violations} violations`,
      );
    },
    result: (): CorpusResult => ({ ...result, minutes: (performance.now() - started) / 60_000 }),
  };
}
