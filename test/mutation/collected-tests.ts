/**
 * Stands in for node:test while mutants are tried: tests are collected when their files are imported and run
 * one by one, as often as wanted, in this process. It knows what the project's tests use; anything else is a
 * missing export or a thrown error, never a test that silently does not run.
 */

interface Options {
  skip?: boolean | string;
  timeout?: number;
}

export interface TestContext {
  name: string;
  after(cleanUp: () => unknown): void;
  diagnostic(message: string): void;
  skip(message?: string): void;
  test(name: string, body: Body): Promise<void>;
}

type Body = (context: TestContext) => unknown;

export interface CollectedTest {
  /** File and names of the surrounding suites: the same in every run. */
  id: string;
  fileName: string;
  run(): Promise<void>;
}

interface Suite {
  fileName: string;
  path: readonly string[];
  before: (() => unknown)[];
  beforeEach: (() => unknown)[];
  afterEach: (() => unknown)[];
  parent?: Suite;
}

let collected: CollectedTest[] = [];
let current: Suite | undefined;
const ids = new Set<string>();

/** Collects the tests that `load` registers for one file. */
export async function collect(fileName: string, load: () => Promise<unknown>): Promise<CollectedTest[]> {
  collected = [];
  current = newSuite(fileName, []);
  ids.clear();
  try {
    await load();
    return collected;
  } finally {
    current = undefined;
  }
}

export function describe(name: string, ...rest: [Body] | [Options, Body] | [() => void]): void {
  const { options, body } = argumentsOf(rest);
  if (options.skip) return;
  const outer = suite();
  current = newSuite(outer.fileName, [...outer.path, name], outer);
  try {
    const result: unknown = (body as () => unknown)();
    if (result instanceof Promise) throw new Error(`the suite ${name} is asynchronous`);
  } finally {
    current = outer;
  }
}

export function it(name: string, ...rest: [Body] | [Options, Body]): void {
  const { options, body } = argumentsOf(rest);
  if (options.skip) return;
  const home = suite();
  const full = [home.fileName, ...home.path, name].join(" > ");
  let id = full;
  for (let again = 2; ids.has(id); again += 1) id = `${full} (${again})`;
  ids.add(id);
  collected.push({ id, fileName: home.fileName, run: () => run(home, name, body) });
}

export const test = it;

export function before(hook: () => unknown): void {
  suite().before.push(hook);
}

export function beforeEach(hook: () => unknown): void {
  suite().beforeEach.push(hook);
}

export function afterEach(hook: () => unknown): void {
  suite().afterEach.push(hook);
}

/** What is tidied up at the end of a suite stays until the process ends: its tests run again and again. */
export function after(_hook: () => unknown): void {}

async function run(home: Suite, name: string, body: Body): Promise<void> {
  const chain: Suite[] = [];
  for (let one: Suite | undefined = home; one; one = one.parent) chain.unshift(one);
  for (const one of chain) for (const hook of one.before.splice(0)) await hook();
  for (const one of chain) for (const hook of one.beforeEach) await hook();
  try {
    await inContext(name, body);
  } finally {
    for (const one of chain) for (const hook of one.afterEach) await hook();
  }
}

async function inContext(name: string, body: Body): Promise<void> {
  const cleanUps: (() => unknown)[] = [];
  try {
    await body({
      name,
      after: (cleanUp) => cleanUps.push(cleanUp),
      diagnostic: () => {},
      skip: () => {},
      test: inContext,
    });
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

function newSuite(fileName: string, path: readonly string[], parent?: Suite): Suite {
  return { fileName, path, before: [], beforeEach: [], afterEach: [], parent };
}

function suite(): Suite {
  if (!current) throw new Error("a test was declared outside the import of its file");
  return current;
}

function argumentsOf(rest: readonly unknown[]): { options: Options; body: Body } {
  const [first, second] = rest;
  if (typeof first === "function") return { options: {}, body: first as Body };
  return { options: (first ?? {}) as Options, body: (second ?? (() => {})) as Body };
}
