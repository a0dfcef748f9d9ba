import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { which } from "../ssh/shells.ts";
import { fleetLab } from "./fleet-lab.ts";
import { homeCombinations } from "./ssh-compare/at-home.ts";
import { asLfce, asSsh } from "./ssh-compare/both.ts";
import { allKnown, type Combination } from "./ssh-compare/combination.ts";
import { configCombinations } from "./ssh-compare/config-combinations.ts";
import { type Difference, differences } from "./ssh-compare/differences.ts";
import { drawnCombinations } from "./ssh-compare/drawn-combinations.ts";
import { type Ground, prepareGround } from "./ssh-compare/ground.ts";
import { asLfceAtHome, asSshAtHome, type Home, makeHome } from "./ssh-compare/home.ts";
import { hostKeyCombinations } from "./ssh-compare/host-key-combinations.ts";
import { keyCombinations } from "./ssh-compare/key-combinations.ts";
import { wayCombinations } from "./ssh-compare/way-combinations.ts";

/** Logins wait for the network and the other side most of the time. */
const AT_ONCE = { concurrency: 4 };
const DRAWN = Number(process.env.LFCE_SSH_COMBINATIONS ?? 40);
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
    for (const machine of ["web1", "time1", "log1", "old1"]) await lab.reset(machine);
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
    const [ssh, lfce] = await Promise.all([
      asSsh(login("ssh"), ground.names),
      asLfce(login("lfce"), ground.names),
    ]);
    const told = `${combination.config}\nssh: ${ssh.said}\nlfce: ${lfce.said}`;
    return { ssh: ssh.outcome, lfce: lfce.outcome, told };
  }

  const chosen = {
    "of keys": keyCombinations,
    "of host keys": hostKeyCombinations,
    "of ways": wayCombinations,
    "of what is said where": configCombinations,
  };
  for (const [about, combinations] of Object.entries(chosen)) {
    it(`in each of the chosen combinations ${about}`, AT_ONCE, async (t) => {
      const compare = (combination: Combination, index: number) =>
        t.test(combination.name, async () => {
          const { ssh, lfce, told } = await both(combination, `${about}-${index}`.replaceAll(" ", "-"));
          assert.equal(lfce, ssh, told);
          assert.equal(ssh, combination.expect, told);
        });
      await Promise.all(combinations(ground).map(compare));
    });
  }

  it("in combinations drawn from everything with everything", AT_ONCE, async (t) => {
    const outcomes: string[] = [];
    const compare = (combination: Combination, index: number) =>
      t.test(combination.name, async () => {
        const { ssh, lfce, told } = await both(combination, `drawn-${index}`);
        outcomes.push(ssh);
        assert.equal(lfce, ssh, told);
      });
    await Promise.all(drawnCombinations(ground, DRAWN).map(compare));
    const logins = outcomes.filter((outcome) => outcome.includes(" by ")).length;
    const share = `${logins} of ${outcomes.length} log in`;
    assert.ok(logins >= outcomes.length / 5 && logins <= outcomes.length * 0.8, share);
  });

  it("by the files of the home directory and the system", { concurrency: 2 }, async (t) => {
    const login = { host: "target" };
    const compare = ({ name, expect, ...files }: Home & { name: string; expect: string }) =>
      t.test(name, async () => {
        const home = makeHome(ground.directory, files);
        const ssh = await asSshAtHome(login, home, ground.names);
        const lfce = await asLfceAtHome(login, home, ground.names);
        const told = `${JSON.stringify(files)}\nssh: ${ssh.said}\nlfce: ${lfce.said}`;
        assert.deepEqual([lfce.outcome, ssh.outcome], [expect, expect], told);
      });
    await Promise.all(homeCombinations(ground).map(compare));
  });

  it("but for what lfce does otherwise on purpose", AT_ONCE, async (t) => {
    const compare = (difference: Difference, index: number) =>
      t.test(difference.name, async () => {
        const { ssh, lfce, told } = await both(difference, `difference-${index}`);
        assert.deepEqual({ ssh, lfce }, { ssh: difference.ssh, lfce: difference.lfce }, told);
      });
    await Promise.all(differences(ground).map(compare));
  });
});
