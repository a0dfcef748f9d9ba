import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const interrupts = fileURLToPath(new URL("../../../src/cli/interrupts.ts", import.meta.url));

/** What a process prints, and how it ends, that is interrupted so often and would otherwise never end. */
function interrupted(times: number) {
  const script = `
    import { interruptSignal } from ${JSON.stringify(interrupts)};
    const { signal } = interruptSignal(() => {}, () => console.log("the summary"));
    const busy = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => {
      console.log("finishing");
      if (${times} === 1) clearInterval(busy);
      else process.kill(process.pid, "SIGTERM");
    });
    process.kill(process.pid, "SIGINT");`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script],
    { encoding: "utf8", timeout: 30_000 },
  );
  return { stdout, status };
}

test("the first interrupt lets what is in flight end", () => {
  assert.deepEqual(interrupted(1), { stdout: "finishing\n", status: 0 });
});

test("the second leaves at once with exit code 130, the summary last all the same", () => {
  assert.deepEqual(interrupted(2), { stdout: "finishing\nthe summary\n", status: 130 });
});
