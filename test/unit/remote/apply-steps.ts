import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import type { LfceError } from "../../../src/core/errors.ts";
import type { PendingTransaction, Transaction } from "../../../src/core/transaction.ts";
import { applyTransaction } from "../../../src/remote/apply.ts";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { type ApplyHost, makeHost, type Shell } from "./apply-host.ts";

export interface Cleanup {
  after(done: () => void): void;
}

export const CHRONY_RESTART = {
  units: [{ unit: "chrony", action: "restart", reason: "test" }],
  health: [{ kind: "active", unit: "chrony" }],
} satisfies Partial<Transaction>;

/** A host whose chrony runs with /etc/chrony.conf holding `server a`. */
export function hostWithChrony(
  t: Cleanup,
  shell: Shell,
  environment: Record<string, string> = {},
): ApplyHost {
  const host = makeHost(shell, environment);
  t.after(host.remove);
  host.write("etc/chrony.conf", "server a\n");
  host.addUnit("chrony", "etc/chrony.conf");
  return host;
}

export function applyTo(host: ApplyHost, transaction: Transaction): Promise<PendingTransaction> {
  return applyTransaction(host.channel, transaction, {
    stateDirectory: host.stateDirectory,
    bootUnits: host.bootUnits,
    who: "anna@desk",
  });
}

/** Applies, expects an error, and expects that nothing on the host is different from before. */
export async function refusal(
  host: ApplyHost,
  transaction: Transaction,
  code: string | RegExp,
  message: RegExp,
  tamper: (input: Buffer) => Buffer = (input) => input,
): Promise<LfceError> {
  const before = host.snapshot();
  const channel: ScriptChannel = {
    ...host.channel,
    open: async (script, options) => {
      const running = await host.channel.open(script, options);
      const write = async (data: Buffer | string) => {
        const sent = tamper(Buffer.from(data));
        await running.write(sent);
        if (sent.length !== data.length) running.end();
      };
      return { ...running, write };
    },
  };
  const error: LfceError = await applyTransaction(channel, transaction, {
    stateDirectory: host.stateDirectory,
    bootUnits: host.bootUnits,
    who: "anna@desk",
  }).then(
    () => assert.fail("the change was not refused"),
    (reason) => reason,
  );
  if (typeof code === "string") assert.equal(error.code, code, error.message);
  else assert.match(error.code, code);
  assert.match(error.message, message);
  assert.deepEqual(error.at, { host: "web01", phase: "apply" });
  assert.deepEqual(host.snapshot(), before);
  assertNothingLeft(host);
  return error;
}

/** No timer, no unit for the next boot, no lock, no open record, no directory of a transaction without a verdict. */
export function assertNothingLeft(host: ApplyHost): void {
  assert.deepEqual(host.timers(), {});
  if (existsSync(host.bootUnits)) assert.deepEqual(unitsIn(host.bootUnits), []);
  if (!existsSync(host.stateDirectory)) return;
  for (const name of readdirSync(host.stateDirectory)) assert.match(name, /^(restarts|transactions)$/);
  if (!existsSync(`${host.stateDirectory}/transactions`)) return;
  for (const id of readdirSync(`${host.stateDirectory}/transactions`)) {
    const names = readdirSync(`${host.stateDirectory}/transactions/${id}`);
    assert.ok(
      ["committed", "rolled-back", "kept"].some((verdict) => names.includes(verdict)),
      `transaction ${id} has no verdict`,
    );
  }
}

function unitsIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(
    (name) => name !== "multi-user.target.wants",
  );
}
