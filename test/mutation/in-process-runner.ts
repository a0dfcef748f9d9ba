import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { InstrumenterContext, StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, tokens } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { type CollectedTest, collect } from "./collected-tests.ts";
import { MOST_INPUTS } from "./fewer-inputs.ts";
import type { HookData } from "./resolve-hooks.ts";

/**
 * Stryker takes a mutant for an endless loop that is reached a hundred times as often as all tests together
 * reach it without a mutant; here three times, because properties do not look for smaller inputs.
 */
const HIT_LIMIT_SHARE = 0.03;
const LEAST_HIT_LIMIT = 1000;

/**
 * Runs the tests of `lfceTestFiles` in this process: they are imported once, a mutant is switched on, and
 * only the tests that reach it run, those first that found the latest mutants, then the quick ones, until one
 * fails. So a mutant costs milliseconds instead of a process a test file. A mutant in code that runs at import
 * (tables, regular expressions) gets a fresh set of modules, imported a test file at a time until a test fails.
 */
export function inProcessRunner(options: StrykerOptions): TestRunner {
  // biome-ignore lint/suspicious/noAssignInExpressions: the name and place are Stryker's own contract
  const context: InstrumenterContext = ((globalThis as Record<string, unknown>).__stryker__ ??= {});
  const leftOut = options.lfceLeftOut as string[];
  const everyNth = options.lfceSample as number;
  /** Files and tests, the latest to have found a mutant first. */
  const files = [...(options.lfceTestFiles as string[])];
  const finders: string[] = [];
  /** Milliseconds that tests took without a mutant, by identifier. */
  const durations = new Map<string, number>();
  let generation = 1;
  let loaded = new Map<string, Promise<CollectedTest[]>>();

  function testsOf(file: string): Promise<CollectedTest[]> {
    const known = loaded.get(file);
    if (known) return known;
    const url = `${pathToFileURL(join(process.cwd(), file)).href}?generation=${generation}`;
    const tests = collect(file, () => import(url)).then((all) =>
      all.filter(({ id }) => !leftOut.some((text) => id.includes(text))),
    );
    loaded.set(file, tests);
    return tests;
  }

  /** The wanted tests, file by file; of files that are loaded already, the latest finders first. */
  async function* testsToRun(wanted: ReadonlySet<string> | undefined): AsyncGenerator<CollectedTest> {
    const place = ({ id }: CollectedTest) =>
      finders.indexOf(id) + 1 || finders.length + 1 + (durations.get(id) ?? 0);
    const inOrder = (tests: CollectedTest[]) =>
      tests
        .filter(({ id }) => wanted?.has(id) !== false)
        .map((test) => ({ test, at: place(test) }))
        .sort((one, other) => one.at - other.at)
        .map(({ test }) => test);
    if (files.every((file) => loaded.has(file))) {
      const all: CollectedTest[] = [];
      for (const file of files) all.push(...(await testsOf(file)));
      yield* inOrder(all);
    } else for (const file of [...files]) yield* inOrder(await testsOf(file));
  }

  function noteFinder({ id, fileName }: CollectedTest): void {
    toFront(finders, id);
    toFront(files, fileName);
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    async init() {
      process.env.LFCE_PROPERTY_RUNS = String(MOST_INPUTS);
      const data: HookData = {
        sandbox: `${pathToFileURL(process.cwd()).href}/`,
        standIns: {
          "node:test": new URL("./collected-tests.ts", import.meta.url).href,
          "fast-check": new URL("./fewer-inputs.ts", import.meta.url).href,
        },
      };
      register("./resolve-hooks.ts", import.meta.url, { data });
    },

    async dryRun(): Promise<DryRunResult> {
      const results: TestResult[] = [];
      // All are imported before the first runs, so that what runs at import counts as such.
      for (const file of files) await testsOf(file);
      for await (const test of testsToRun(undefined)) {
        context.currentTestId = test.id;
        const result = await resultOf(test);
        context.currentTestId = undefined;
        results.push(result);
        durations.set(test.id, result.timeSpentMs);
      }
      return { status: DryRunStatus.Complete, tests: results };
    },

    async mutantRun(run: MutantRunOptions): Promise<MutantRunResult> {
      context.hitLimit = run.hitLimit && Math.max(run.hitLimit * HIT_LIMIT_SHARE, LEAST_HIT_LIMIT);
      context.hitCount = run.hitLimit ? 0 : undefined;
      const { id } = run.activeMutant;
      // Counts as a mutant that could not run, so it is in no percentage.
      if (Number(id) % everyNth !== 0)
        return { status: MutantRunStatus.Error, errorMessage: "not in the sample" };
      const isStatic = run.mutantActivation === "static";
      if (run.reloadEnvironment) {
        generation += 1;
        loaded = new Map();
      }
      // A static mutant is on while modules are imported, any other only while tests run.
      context.activeMutant = isStatic ? id : undefined;
      if (!isStatic) for (const file of files) await testsOf(file);
      context.activeMutant = id;
      const results: TestResult[] = [];
      try {
        for await (const test of testsToRun(run.testFilter && new Set(run.testFilter))) {
          const result = await resultOf(test);
          const timedOut = determineHitLimitReached(context.hitCount, context.hitLimit);
          if (timedOut) return toMutantRunResult(timedOut);
          results.push(result);
          if (result.status !== TestStatus.Failed) continue;
          noteFinder(test);
          if (!run.disableBail) break;
        }
      } catch (error) {
        // To node:test, too, a test file that cannot be imported is a test that fails.
        results.push(importFailure(error));
      }
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: results });
    },
  };
}
inProcessRunner.inject = tokens(commonTokens.options);

function toFront(list: string[], item: string): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  list.unshift(item);
}

async function resultOf(test: CollectedTest): Promise<TestResult> {
  const started = performance.now();
  const base = { id: test.id, name: test.id, fileName: test.fileName };
  try {
    await test.run();
    return { ...base, timeSpentMs: performance.now() - started, status: TestStatus.Success };
  } catch (error) {
    const timeSpentMs = performance.now() - started;
    return { ...base, timeSpentMs, status: TestStatus.Failed, failureMessage: textOf(error) };
  }
}

function importFailure(error: unknown): TestResult {
  const name = "the test files are imported";
  return { id: name, name, timeSpentMs: 0, status: TestStatus.Failed, failureMessage: textOf(error) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
