import assert from "node:assert/strict";
import { test } from "node:test";
import { applyTransaction } from "../../../src/remote/apply.ts";
import type { RunningScript, ScriptChannel } from "../../../src/remote/run-script.ts";
import { transactionOf } from "./apply-host.ts";

/** Silence that ends a script on a host that says nothing more, as `applyTransaction` asks for it; milliseconds. */
const SILENCE_MS = 330_000;

test("a lease of hours is renewed before the host's silence would end its script", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const written: string[] = [];
  const never = new Promise<never>(() => {});
  let idleTimeoutMs: number | undefined;
  const script: RunningScript = {
    lines: (async function* () {
      yield "lfce healthy";
      await never;
    })(),
    write: async (data) => void written.push(data.toString()),
    end: () => {},
    kill: () => {},
    done: never,
  };
  const channel: ScriptChannel = {
    host: "web1",
    run: () => never,
    open: async (_script, options) => {
      idleTimeoutMs = options?.idleTimeoutMs;
      return script;
    },
  };
  await applyTransaction(channel, transactionOf({ leaseSeconds: 7200 }));
  assert.equal(idleTimeoutMs, SILENCE_MS);
  written.length = 0;
  t.mock.timers.tick(SILENCE_MS / 2);
  assert.deepEqual(written, ["renew\n"]);
});
