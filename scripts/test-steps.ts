import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

/** A program of the project's own dependencies. */
export function ownBinary(name: string): string {
  return join(root, "node_modules/.bin", name);
}

/** Runs one step and shows its output as it comes. Whether it succeeded. */
export function runStep(
  title: string,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): boolean {
  const [program = "", ...rest] = argv;
  process.stdout.write(`\n== ${title}\n`);
  const started = performance.now();
  const { status, error } = spawnSync(program, rest, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (error) process.stdout.write(`${error.message}\n`);
  return tellEnd(title, status === 0, started);
}

/** Like runStep beside others: shows the output when the step has ended, in one piece. */
export async function runBuffered(
  title: string,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<boolean> {
  const [program = "", ...rest] = argv;
  process.stdout.write(`\n== ${title}: started\n`);
  const started = performance.now();
  const chunks: Buffer[] = [];
  const child = spawn(program, rest, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const status = await once(child, "close").then(
    ([code]) => code as number | null,
    (error: Error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      return null;
    },
  );
  process.stdout.write(`\n== ${title}\n`);
  process.stdout.write(Buffer.concat(chunks));
  return tellEnd(title, status === 0, started);
}

function tellEnd(title: string, succeeded: boolean, started: number): boolean {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`== ${title}: ${succeeded ? "ok" : "FAILED"} (${seconds} s)\n`);
  return succeeded;
}

/** Every test file below a directory of the project, in order. */
export function testFiles(...directories: string[]): string[] {
  return directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
  );
}

/** node's test runner over TypeScript files. */
export function nodeTest(node: string, files: readonly string[], ...options: string[]): string[] {
  return [
    node,
    "--import",
    "tsx",
    "--test",
    "--test-reporter=spec",
    "--test-timeout=600000",
    ...options,
    ...files,
  ];
}
