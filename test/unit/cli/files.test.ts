import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { EXIT, exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { extraVariables } from "../../../src/cli/extra-variables.ts";
import { inventoryPaths, readSource } from "../../../src/cli/inventory-files.ts";
import type { Playbook } from "../../../src/config/playbook.ts";
import { noHosts } from "../../../src/core/events.ts";

const play = (inventory?: string) => ({ ...(inventory === undefined ? {} : { inventory }) });
const playbook = (...plays: object[]) => ({ file: "site.yml", name: "site", plays }) as unknown as Playbook;

describe("which inventory a run takes", () => {
  let place: string;
  const home = process.cwd();
  before(() => {
    place = mkdtempSync(join(tmpdir(), "lfce-inventories-"));
    process.chdir(place);
  });
  beforeEach(() => {
    rmSync(join(place, "inventories"), { recursive: true, force: true });
    mkdirSync(join(place, "inventories"));
  });
  after(() => {
    process.chdir(home);
    rmSync(place, { recursive: true, force: true });
  });

  it("is that of -i before all others", () => {
    assert.deepEqual(inventoryPaths(["x.yml"], "playbooks/site.yml", playbook(play("y.yml"))), ["x.yml"]);
  });

  it("is the play's, from the playbook's directory", () => {
    assert.deepEqual(inventoryPaths([], "playbooks/site.yml", playbook(play("../hosts.yml"), play())), [
      "hosts.yml",
    ]);
  });

  it("cannot be two", () => {
    assert.throws(() => inventoryPaths([], "site.yml", playbook(play("a.yml"), play("b.yml"))), {
      code: "several-inventories",
    });
  });

  it("is named as the playbook, else hosts.yml", () => {
    writeFileSync("inventories/hosts.yml", "");
    assert.deepEqual(inventoryPaths([], "playbooks/site.yml", playbook(play())), ["inventories/hosts.yml"]);
    writeFileSync("inventories/site.yml", "");
    assert.deepEqual(inventoryPaths([], "playbooks/site.yml", playbook(play())), ["inventories/site.yml"]);
  });

  it("is never one that lies beside some other directory", () => {
    mkdirSync("team");
    writeFileSync("inventories/site.yml", "");
    process.chdir("team");
    try {
      assert.throws(() => inventoryPaths([], "site.yml", playbook(play())), {
        message: "no inventory: tried inventories/site.yml, inventories/hosts.yml",
      });
      mkdirSync("playbooks");
      process.chdir("playbooks");
      writeFileSync("../hosts.yml", "");
      mkdirSync("../inventories");
      writeFileSync("../inventories/site.yml", "");
      assert.deepEqual(inventoryPaths([], "site.yml", playbook(play())), ["../inventories/site.yml"]);
    } finally {
      process.chdir(place);
    }
  });

  it("lists what was tried when there is none", () => {
    assert.throws(() => inventoryPaths([], "playbooks/site.yml", playbook(play())), {
      code: "no-inventory",
      message: "no inventory: tried inventories/site.yml, inventories/hosts.yml",
    });
  });
});

describe("a file that the user names", () => {
  const cases: [string, string][] = [
    ["/nowhere/site.yml", "there is no such file"],
    ["/", "it is a directory"],
  ];
  for (const [path, reason] of cases) {
    it(`cannot be read: ${reason}`, () => {
      assert.throws(() => readSource(path, "playbook"), {
        code: "file-not-readable",
        message: `cannot read the playbook ${path}: ${reason}`,
      });
    });
  }
});

describe("-e", () => {
  it("takes name=value as YAML, a JSON object, and lets the later one win", () => {
    assert.deepEqual(extraVariables(["stratum=10", "name=web", '{"stratum": 11, "list": [1]}']), {
      stratum: 11,
      name: "web",
      list: [1],
    });
  });

  it("does not show the value of what it cannot read", () => {
    assert.throws(
      () => extraVariables(["=hunter2"]),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });
});

describe("exit codes", () => {
  const none = { ...noHosts(), unchanged: 1 };
  const outcome = (hosts: Partial<typeof none>, failedChecks = 0, interrupted = false) => ({
    hosts: { ...none, ...hosts },
    checks: { passed: 0, failed: failedChecks, unproven: 0 },
    interrupted,
  });

  it("are 0 for all as declared, 2 for pending, 3 for failures, which win", () => {
    assert.equal(exitCodeOf("apply", outcome({ changed: 2 })), EXIT.ok);
    assert.equal(exitCodeOf("plan", outcome({ pending: 1 })), EXIT.pending);
    assert.equal(exitCodeOf("drift", outcome({ drifted: 1 })), EXIT.pending);
    assert.equal(exitCodeOf("drift", outcome({ drifted: 1, unreachable: 1 })), EXIT.failed);
    assert.equal(exitCodeOf("apply", outcome({ rolledBack: 1 })), EXIT.failed);
    assert.equal(exitCodeOf("verify", outcome({}, 1)), EXIT.failed);
    assert.equal(exitCodeOf("apply", outcome({ failed: 1 }, 0, true)), EXIT.interrupted);
  });
});
