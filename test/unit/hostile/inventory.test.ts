import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InventorySchema } from "../../../src/config/inventory-schema.ts";
import { PlaySchema } from "../../../src/config/playbook-schema.ts";
import { connectionVariables } from "../../../src/config/variable-names.ts";
import { stringPlaces } from "./parameters.ts";
import { type Attempt, type Outcome, passAll } from "./passage.ts";
import { RUNS, SEED } from "./runs.ts";
import { hostileStrings } from "./strings.ts";
import { shapeOf } from "./written.ts";

const strings = hostileStrings(RUNS, SEED + 1);
const roles = [
  { role: "ntp_client", servers: ["203.0.113.1"] },
  { role: "syslog_client", servers: [{ address: "203.0.113.2" }] },
];
const variables = [
  ...new Set([...connectionVariables, ...Object.keys(InventorySchema.definitions.variables.properties)]),
];

/** Everything that lfce makes of a host's variables, secrets included, as one text. */
function settingsText({ declaration }: Outcome & { kind: "planned" }): string {
  const seen: unknown[] = [declaration.serviceAddress];
  const open = (value: unknown): void => {
    if (value === null || typeof value !== "object") seen.push(value);
    else if ("reveal" in value && typeof value.reveal === "function") seen.push(value.reveal());
    else for (const inner of Object.values(value)) open(inner);
  };
  open(declaration.connection);
  return seen.map(String).join("\n");
}

function* tried(attempt: (text: string) => Attempt): Generator<[string, Outcome]> {
  for (let at = 0; at < strings.length; at += 250) {
    const texts = strings.slice(at, at + 250);
    const outcomes = passAll(texts.map(attempt));
    for (const [index, outcome] of outcomes.entries()) yield [texts[index] as string, outcome];
  }
}

/** The statements that the roles above add: a variable must not change them. */
const ordinary = passAll([{ text: "", roles }]).map((one) =>
  one.kind === "planned" ? shapeOf(one.result) : "",
)[0];

describe("hostile strings in inventory variables", () => {
  for (const name of variables) {
    test(`${name}: refused with its position, or taken as it is`, () => {
      const found: string[] = [];
      let accepted = 0;
      for (const [text, outcome] of tried((one) => ({ text: one, roles, variables: { [name]: one } }))) {
        if (outcome.kind === "refused") continue;
        accepted += 1;
        if (shapeOf(outcome.result) !== ordinary) found.push(`${JSON.stringify(text)} changes the plan`);
        // Not evaluated, not split, not expanded: but for ssh's own arguments and paths below the home directory.
        const isPlain = !/_args$|_file$|^ansible_group_priority$|^ansible_become$|^ansible_connection$/.test(
          name,
        );
        if (isPlain && !settingsText(outcome).includes(text))
          found.push(`${JSON.stringify(text)} was changed`);
        if (/ProxyCommand/i.test(settingsText(outcome)) && name.endsWith("_args"))
          found.push(`${JSON.stringify(text)} became a command`);
      }
      assert.deepEqual(found.slice(0, 5), []);
      // It orders groups, and is nothing to a host.
      if (name !== "ansible_group_priority") assert.ok(accepted < strings.length, "nothing is refused");
    });
  }
});

describe("hostile strings in a play's own keys", () => {
  const { roles: _roles, ...properties } = PlaySchema.properties;
  for (const { path, put } of stringPlaces({ type: "object", properties })) {
    test(`${path}: refused with its position, or without effect on the plan`, () => {
      const found: string[] = [];
      const attempt = (text: string): Attempt => {
        const play = put(text) as Record<string, unknown>;
        if ("hosts" in play) play.hosts = ["@probe", play.hosts].flat();
        return { text, roles, play };
      };
      for (const [text, outcome] of tried(attempt)) {
        if (outcome.kind === "planned" && shapeOf(outcome.result) !== ordinary)
          found.push(`${JSON.stringify(text)} changes the plan`);
      }
      assert.deepEqual(found.slice(0, 5), []);
    });
  }

  test("a variable's value: refused with its position, or written as if it stood in the role", () => {
    const viaVariable = (text: string): Attempt => ({
      text,
      roles: [
        { role: "ntp_client", servers: ["203.0.113.1"], directives: { keyfile: "{{ some_variable }}" } },
      ],
      variables: { some_variable: text },
    });
    const direct = (text: string): Attempt => ({
      text,
      roles: [{ role: "ntp_client", servers: ["203.0.113.1"], directives: { keyfile: text } }],
    });
    const through = [...tried(viaVariable)];
    for (const [index, [text, outcome]] of [...tried(direct)].entries()) {
      const other = through[index]?.[1];
      if (outcome.kind !== "planned" || other?.kind !== "planned") continue;
      assert.deepEqual(other.result.after, outcome.result.after, JSON.stringify(text));
    }
    assert.ok(through.some(([, outcome]) => outcome.kind === "planned"));
  });
});
