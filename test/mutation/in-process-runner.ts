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
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import fc from "fast-check";
import { type CollectedTest, collect } from "./collected-tests.ts";
import type { HookData } from "./resolve-hooks.ts";

/** Generated inputs a property: a mutant that survives costs all of them. */
const PROPERTY_RUNS = "60";

/**
 * Runs the tests of `lfceTestFiles` in this process: they are imported once, a mutant is switched on, and
 * only the tests that reach it run, those first that found the latest mutants, until one fails. So a mutant
 * costs milliseconds instead of a process a test file. A mutant in code that runs at import (tables, regular
 * expressions) gets a fresh set of modules.
 */
export function inProcessRunner(options: StrykerOptions): TestRunner {
  // biome-ignore lint/suspicious/noAssignInExpressions: the name and place are Stryker's own contract
  const context: InstrumenterContext = ((globalThis as Record<string, unknown>).__stryker__ ??= {});
  const files = options.lfceTestFiles as string[];
  const leftOut = options.lfceLeftOut as string;
  let generation = 0;
  let tests: Promise<Map<string, CollectedTest>> | undefined;
  /** Test identifiers, the latest to have found a mutant first. */
  const finders: string[] = [];

  function loadedTests(anew: boolean): Promise<Map<string, CollectedTest>> {
    if (anew) tests = undefined;
    tests ??= load();
    return tests;
  }

  async function load(): Promise<Map<string, CollectedTest>> {
    generation += 1;
    const loaded = new Map<string, CollectedTest>();
    for (const file of files) {
      const url = `${pathToFileURL(join(process.cwd(), file)).href}?generation=${generation}`;
      for (const test of await collect(file, () => import(url))) {
        if (!test.id.includes(leftOut)) loaded.set(test.id, test);
      }
    }
    return loaded;
  }

  function inOrder(chosen: readonly CollectedTest[]): CollectedTest[] {
    const place = ({ id }: CollectedTest) => finders.indexOf(id) + 1 || Number.POSITIVE_INFINITY;
    return chosen
      .map((test) => ({ test, at: place(test) }))
      .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
      .map(({ test }) => test);
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    async init() {
      process.env.LFCE_PROPERTY_RUNS = PROPERTY_RUNS;
      fc.configureGlobal({ seed: 1, endOnFailure: true });
      const data: HookData = {
        sandbox: `${pathToFileURL(process.cwd()).href}/`,
        collector: new URL("./collected-tests.ts", import.meta.url).href,
      };
      register("./resolve-hooks.ts", import.meta.url, { data });
    },

    async dryRun(): Promise<DryRunResult> {
      const results: TestResult[] = [];
      for (const test of (await loadedTests(false)).values()) {
        context.currentTestId = test.id;
        results.push(await resultOf(test));
        context.currentTestId = undefined;
      }
      return { status: DryRunStatus.Complete, tests: results };
    },

    async mutantRun(run: MutantRunOptions): Promise<MutantRunResult> {
      context.hitLimit = run.hitLimit;
      context.hitCount = run.hitLimit ? 0 : undefined;
      const { id } = run.activeMutant;
      // A static mutant is on while modules are imported, any other only while tests run.
      if (run.mutantActivation === "runtime") context.activeMutant = undefined;
      else context.activeMutant = id;
      let loaded: Map<string, CollectedTest>;
      try {
        loaded = await loadedTests(run.reloadEnvironment);
      } catch (error) {
        // To node:test, too, a test file that cannot be imported is a test that fails.
        return toMutantRunResult({ status: DryRunStatus.Complete, tests: [importFailure(error)] });
      }
      context.activeMutant = id;
      const chosen = run.testFilter?.map((one) => loaded.get(one)) ?? [...loaded.values()];
      const results: TestResult[] = [];
      for (const test of inOrder(chosen.filter((one) => one !== undefined))) {
        const result = await resultOf(test);
        const timedOut = determineHitLimitReached(context.hitCount, context.hitLimit);
        if (timedOut) return toMutantRunResult(timedOut);
        results.push(result);
        if (result.status !== TestStatus.Failed || run.disableBail) continue;
        const found = finders.indexOf(test.id);
        if (found >= 0) finders.splice(found, 1);
        finders.unshift(test.id);
        break;
      }
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: results });
    },
  };
}
inProcessRunner.inject = tokens(commonTokens.options);

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
