import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { which } from "../ssh/shells.ts";
import { fleetLab } from "./fleet-lab.ts";
import { asLfce, asSsh } from "./ssh-compare/both.ts";
import {
  allKnown,
  type Combination,
  chosenCombinations,
  drawnCombinations,
} from "./ssh-compare/combinations.ts";
import { type Ground, prepareGround } from "./ssh-compare/ground.ts";

const DRAWN = Number(process.env.LFCE_SSH_COMBINATIONS ?? 60);
const missing = ["ssh", "ssh-agent", "ssh-add", "ssh-keygen"].filter(
  (program) => which(program) === undefined,
);
const skip =
  missing.length > 0 && `${missing.join(", ")} missing: lfce's logins were not compared with ssh's`;

describe("lfce logs in exactly when ssh does, as the same user by the same key", { skip }, () => {
  let lab: Lab;
  let ground: Ground;
  before(async () => {
    lab = await fleetLab();
    for (const machine of ["web1", "time1", "log1"]) await lab.reset(machine);
    ground = await prepareGround(lab);
  });
  after(() => ground.close());

  /** The same twice: each has its own known_hosts, which it may write. */
  async function both(combination: Combination, file: string) {
    const login = (who: string) => {
      const known = ground.write(`${file}-known-${who}`, combination.knownHosts ?? allKnown(ground));
      const defaults = `Host *\n UserKnownHostsFile ${known}\n GlobalKnownHostsFile none\n`;
      return {
        host: combination.host ?? "target",
        config: ground.write(`${file}-config-${who}`, `${combination.config}${defaults}`),
        agent: ground.agent(combination.agent ?? "none"),
        ...(combination.arguments ? { arguments: combination.arguments } : {}),
        ...(combination.settings ? { settings: combination.settings } : {}),
      };
    };
    const [ssh, lfce] = await Promise.all([asSsh(login("ssh"), ground), asLfce(login("lfce"), ground)]);
    const told = `${combination.config}\nssh: ${ssh.said}\nlfce: ${lfce.said}`;
    assert.equal(lfce.outcome, ssh.outcome, told);
    return { outcome: ssh.outcome, told };
  }

  it("in each of the chosen combinations", async (t) => {
    for (const [index, combination] of chosenCombinations(ground).entries()) {
      await t.test(combination.name, async () => {
        const { outcome, told } = await both(combination, `chosen-${index}`);
        if (combination.expect !== undefined) assert.equal(outcome, combination.expect, told);
      });
    }
  });

  it("in combinations drawn from everything with everything", async (t) => {
    const outcomes: string[] = [];
    for (const [index, combination] of drawnCombinations(ground, DRAWN).entries()) {
      await t.test(combination.name, async () => {
        outcomes.push((await both(combination, `drawn-${index}`)).outcome);
      });
    }
    const logins = outcomes.filter((outcome) => outcome.includes(" by ")).length;
    assert.ok(
      logins >= outcomes.length / 5 && logins <= outcomes.length * 0.8,
      `${logins} of ${outcomes.length}`,
    );
  });
});
