import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { applyScript, recoveryScript } from "../../../src/remote/apply.ts";
import type { RemoteScript } from "../../../src/remote/scripts.ts";
import { encodeTransaction } from "../../../src/remote/transaction-encode.ts";
import { dyingAt, withStep } from "./apply-faults.ts";
import { type ApplyHost, change, groupName, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, type Cleanup, hostWithChrony } from "./apply-steps.ts";

/**
 * Every step of apply.sh failing on its own. What comes of it is written to the table of docs/reliability.md, which
 * must be the one that stands there: `LFCE_WRITE_TABLE=1` writes it anew.
 */
const DOCUMENT = new URL("../../../docs/reliability.md", import.meta.url);
const [BEGIN, END] = ["<!-- steps: begin -->\n", "<!-- steps: end -->\n"];

/** In the order in which a change goes through them; a transaction of three files, one directory, one restart. */
const FORWARD =
  "locked recovered prepared read compared boot-armed lease-armed directories-made staged-1 staged-2 staged-3 " +
  "units-noted validated recorded swapped-1 swapped-2 swapped-3 restart-chrony units-changed healthy " +
  "restarts-recorded committed disarmed";
/** Those of a change that is put back. */
const BACKWARD = "rollback-decided put-back-1 put-back-2 put-back-3 units-put-back concluded";
/** From here on the change stands, whatever happens. */
const DECIDED = new Set(["committed", "disarmed"]);

const shell = shells[0] as (typeof shells)[0];

/** What a step that fails or dies leads to, in the words of the table. */
type Outcome = "as before" | "as after";

interface Row {
  step: string;
  fails: string;
  killed: string;
  powerCut: string;
}

describe("every step of a change, failing on its own", () => {
  const rows: Row[] = [];
  for (const [steps, verdict] of [
    [FORWARD, "commit"],
    [BACKWARD, "rollback the proof failed"],
  ] as const) {
    for (const step of steps.split(" ")) {
      test(`${step}`, async (t) => {
        rows.push({
          step,
          fails: await failing(t, step, verdict),
          killed: await killed(t, step, verdict, "lease"),
          powerCut: await killed(t, step, verdict, "boot"),
        });
      });
    }
  }

  test("all steps that the scripts name are in the table", () => {
    const named = [...applyScript().source.matchAll(/^ *step "?([a-z-]+[a-z])/gm)].map((match) => match[1]);
    const known = new Set(
      [...FORWARD.split(" "), ...BACKWARD.split(" ")].map((step) => step.replace(/-\d+$/, "")),
    );
    // `"$action-$unit"` begins with a variable.
    assert.deepEqual(
      [...new Set(named)].filter((step) => !known.has(step as string)),
      [],
    );
  });

  test("docs/reliability.md has this table", () => {
    const table = [
      "| step | the step fails | the process is killed after it | the power is cut after it |",
      "|---|---|---|---|",
      ...rows.map(({ step, fails, killed, powerCut }) => `| ${step} | ${fails} | ${killed} | ${powerCut} |`),
      "",
    ].join("\n");
    const text = readFileSync(DOCUMENT, "utf8");
    const [before = "", rest = ""] = text.split(BEGIN);
    const [there, after = ""] = rest.split(END);
    if (process.env.LFCE_WRITE_TABLE) writeFileSync(DOCUMENT, `${before}${BEGIN}${table}${END}${after}`);
    else assert.equal(there, table);
  });
});

/** The step reports an error: the script itself ends the change. */
async function failing(t: Cleanup, step: string, verdict: string): Promise<string> {
  if (DECIDED.has(step) || BACKWARD.includes(step)) return "(cannot fail: nothing is refused any more)";
  const body = `if [ "$1" = ${step} ]; then fail injected "the step failed"; fi`;
  const { host, states } = await run(t, withStep(applyScript(), body), verdict);
  assert.equal(stateOf(host, states), "as before");
  assertNothingLeft(host);
  return "as before, by the script itself";
}

/** The process dies; then its timer or the next boot acts, if they were armed by then. No other lfce runs. */
async function killed(t: Cleanup, step: string, verdict: string, how: "lease" | "boot"): Promise<string> {
  const { host, states, id } = await run(t, dyingAt(applyScript(), step), verdict);
  const armed = how === "lease" ? Object.keys(host.timers()).length > 0 : hasBootUnit(host);
  if (armed) await host.recover(id, how);
  const state = stateOf(host, states);
  assert.equal(state, DECIDED.has(step) ? "as after" : "as before");
  const left = leftOvers(host);
  if (armed) assert.deepEqual(left, []);
  // Whatever is left, the next run takes away, and changes nothing else.
  await (await applyTo(host, transactionOf({}))).commit();
  assert.equal(stateOf(host, states), state);
  assertNothingLeft(host);
  const by = armed ? (how === "lease" ? "by the timer" : "by the boot") : "nothing was armed";
  return `${state}, ${by}${left.length > 0 ? `; the next run tidies up ${left.join(", ")}` : ""}`;
}

interface Ran {
  host: ApplyHost;
  id: string;
  states: Record<Outcome, string>;
}

async function run(t: Cleanup, build: RemoteScript, verdict: string): Promise<Ran> {
  const host = hostWithChrony(t, shell);
  host.write("etc/old.conf", "old\n");
  const rights = { mode: "0755", owner: host.owner, group: groupName(), reason: "test" };
  const transaction = transactionOf({
    files: [
      change(host, "etc/chrony.conf", "server b\n"),
      change(host, "etc/new.conf", "new\n"),
      change(host, "etc/old.conf", null),
    ],
    directories: [{ path: host.path("etc/logs"), ...rights }],
    ...CHRONY_RESTART,
  });
  const before = contents(host);
  const after = JSON.stringify([
    ["chrony.conf", "server b\n"],
    ["logs", ""],
    ["new.conf", "new\n"],
  ]);
  const { stateDirectory, bootUnits } = host;
  const options = { stateDirectory, bootUnits, who: "anna@desk", recovery: recoveryScript().source };
  const script = host.start(build);
  script.write(encodeTransaction(transaction, options)).catch(() => undefined);
  script.write(`${verdict}\n`).catch(() => undefined);
  for await (const line of script.lines) void line;
  await script.done;
  return { host, id: transaction.id, states: { "as before": before, "as after": after } };
}

function stateOf(host: ApplyHost, states: Record<Outcome, string>): Outcome {
  const now = contents(host);
  const found = (Object.keys(states) as Outcome[]).find((outcome) => states[outcome] === now);
  assert.ok(found, `neither before nor after: ${now}`);
  return found;
}

/** Names and contents below /etc, without what lfce put beside. */
function contents(host: ApplyHost): string {
  const names = readdirSync(host.path("etc")).filter((name) => !name.startsWith(".lfce-"));
  return JSON.stringify(
    names
      .filter((name) => name !== "logs" || !isBeingMade(host))
      .sort()
      .map((name) => [name, name === "logs" ? "" : host.read(`etc/${name}`)]),
  );
}

/** A directory that was made for a change of which nothing is in place yet is a left-over like a stage file. */
function isBeingMade(host: ApplyHost): boolean {
  return host.read("etc/chrony.conf") === "server a\n";
}

function hasBootUnit(host: ApplyHost): boolean {
  return existsSync(`${host.bootUnits}/multi-user.target.wants/lfce-recover.service`);
}

function leftOvers(host: ApplyHost): string[] {
  const state = existsSync(host.stateDirectory) ? readdirSync(host.stateDirectory) : [];
  const etc = readdirSync(host.path("etc"));
  const undecided = existsSync(`${host.stateDirectory}/transactions`)
    ? readdirSync(`${host.stateDirectory}/transactions`).filter((id) => {
        const names = readdirSync(`${host.stateDirectory}/transactions/${id}`);
        return !["committed", "rolled-back", "kept"].some((name) => names.includes(name));
      })
    : [];
  return [
    ...(state.includes("lock") ? ["its lock"] : []),
    ...(undecided.length > 0 ? ["its directory"] : []),
    ...(etc.some((name) => name.startsWith(".lfce-")) ? ["stage files"] : []),
    ...(hasBootUnit(host) ? ["the unit for the boot"] : []),
    ...(etc.includes("logs") && isBeingMade(host) ? ["an empty directory"] : []),
  ];
}
