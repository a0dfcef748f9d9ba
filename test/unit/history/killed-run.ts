/**
 * A program: records one run in the state directory of its first argument, and is killed (SIGKILL) at the n-th call
 * that changes something there, n being its second argument: before the call, or half-way through what it writes.
 * Prints how many such calls there were when n is never reached.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { finding, hostFinished, wholeRun } from "./runs.ts";

const [state = "", at = "", started = ""] = process.argv.slice(2);
let calls = 0;

function reached(): boolean {
  calls += 1;
  return calls === Number(at);
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal comes at once; nothing after this is meant to run.
  for (;;);
}

for (const name of ["mkdirSync", "renameSync", "fsyncSync", "rmSync", "openSync", "closeSync"] as const) {
  const real = fs[name] as (...words: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...words: unknown[]) => {
      if (String(words[0]).startsWith("/proc")) return real(...words);
      return reached() ? die() : real(...words);
    },
  });
}
const realWrite = fs.writeFileSync;
Object.assign(fs, {
  writeFileSync: (file: number, text: string) => {
    if (!reached()) return realWrite(file, text);
    realWrite(file, text.slice(0, text.length / 2));
    return die();
  },
});
syncBuiltinESMExports();

const { driftHistory } = await import("../../../src/cli/drift-history.ts");
const history = driftHistory({
  stateDirectory: state,
  playbookFile: "site.yml",
  retention: { runs: 3 },
  record: true,
  tell: () => {},
});
// More than is buffered, so that the file is written in several pieces.
const long = { ...finding("long"), detail: "x".repeat(100_000) };
const { events } = wholeRun(started, [
  hostFinished("web1", [finding("stale"), long]),
  hostFinished("web2", [long]),
  hostFinished("web3", "unreachable"),
]);
for (const event of events) history.take(event);
process.stdout.write(String(calls));
