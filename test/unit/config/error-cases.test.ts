import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { errorLine, errorsOf, inventoryOf } from "./sources.ts";

/**
 * One file is one case. Everything above the line `# errors` is the input, what follows are the errors that
 * it must give, all of them and in this order: `# LINE:COLUMN+LENGTH message | hint`.
 */
const cases = join(import.meta.dirname, "cases");

function readCases(directory: string): { name: string; input: string; expected: string[] }[] {
  const names = readdirSync(join(cases, directory)).filter((name) => name.endsWith(".yml"));
  assert.ok(names.length > 0, `no cases in ${directory}`);
  return names.map((name) => {
    const [input = "", errors] = readFileSync(join(cases, directory, name), "utf8").split("# errors\n");
    assert.ok(errors !== undefined, `${name} lacks the line "# errors"`);
    const expected = errors.split("\n").filter((line) => line !== "");
    return { name, input, expected: expected.map((line) => line.replace(/^# /, "")) };
  });
}

describe("a playbook with errors", () => {
  for (const { name, input, expected } of readCases("playbook")) {
    it(name, () => {
      const found = errorsOf(() => loadPlaybook({ path: name, text: input }));
      assert.deepEqual(found.map(errorLine), expected);
    });
  }
});

describe("an inventory with errors", () => {
  for (const { name, input, expected } of readCases("inventory")) {
    it(name, () => {
      const found = errorsOf(() => {
        // What a host's variables mean is looked at when they are used.
        for (const host of inventoryOf(input).hosts.values())
          assert.ok(host.connection && host.serviceAddress);
      });
      assert.deepEqual(found.map(errorLine), expected);
    });
  }
});

describe("a playbook that does not fit its inventory", () => {
  const inventory = readFileSync(join(cases, "fleet", "inventory.yaml"), "utf8");
  for (const { name, input, expected } of readCases("fleet")) {
    it(name, () => {
      const playbook = loadPlaybook({ path: name, text: input });
      const found = errorsOf(() => expandPlaybook(playbook, inventoryOf(inventory)));
      assert.deepEqual(found.map(errorLine), expected);
    });
  }
});
