import { setTimeout as wait } from "node:timers/promises";
import { onHost } from "../fleet/proof-hosts.ts";
import { waitFor } from "../lab/processes.ts";
import type { Case } from "./cases.ts";
import { inject, prepareFault, relieve, repair } from "./faults.ts";
import { afterNextRun, atRest, isAtRest } from "./invariants.ts";
import { GATES } from "./lab-build.ts";
import type { MachineSet, RunningLfce } from "./machine-set.ts";

/** What came of one case. */
export interface Verdict {
  index: number;
  fault: string;
  moment: Case["moment"];
  /** False: the change had ended before its moment came; the case then shows nothing but an undisturbed apply. */
  hit: boolean;
  /** Whether all files were as after the change when the host had come to rest. */
  ms: number;
  violations: string[];
}

const REST_SECONDS = 240;

/** One change, disturbed at one moment; then nobody does anything until the host has come to rest. */
export async function runCase(one: Case, set: MachineSet): Promise<Verdict> {
  const { lab, client } = set;
  const started = performance.now();
  await lab.reset(client);
  await prepareFault(one.fault, set);
  await onHost(lab, client, `mkdir -p ${GATES}`);
  if ("step" in one.moment) await onHost(lab, client, `: >${GATES}/${one.moment.step}`);
  const lfce = set.start("apply");
  const violations: string[] = [];
  const hit = await reachMoment(one, set, lfce);
  if (hit) {
    // A second lfce must meet the first one while it still waits there.
    await inject(one.fault, set, lfce);
  }
  if ("step" in one.moment) await lab.run(client, ["rm", "-f", `${GATES}/${one.moment.step}`]);
  const isOver = await endsWithin(REST_SECONDS * 1000, lfce);
  if (!isOver) {
    violations.push("lfce did not end");
    lfce.process.kill("SIGKILL");
  }
  await relieve(one.fault, set);
  const rested = await waitFor("the host to come to rest", () => isAtRest(set), {
    seconds: REST_SECONDS,
  }).then(
    () => true,
    () => false,
  );
  if (!rested) violations.push("the host did not come to rest");
  violations.push(...(await atRest(set, hit && one.fault.startsWith("editor"))));
  await repair(one.fault, set);
  // A machine that has just booted, or whose cable is back, may still lose a login: that is the lab's, not lfce's.
  const seconds = REST_SECONDS;
  await waitFor("ssh itself to log in to the client", () => canLogIn(set), { seconds });
  violations.push(...(await afterNextRun(set)));
  const ms = Math.round(performance.now() - started);
  return { index: one.index, fault: one.fault, moment: one.moment, hit, ms, violations };
}

async function canLogIn({ lab, client }: MachineSet): Promise<boolean> {
  const known = [
    "-o",
    `UserKnownHostsFile=${lab.knownHostsPath}`,
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=5",
  ];
  const login = ["-i", lab.privateKeyPath, ...known, `root@${lab.machine(client).address}`, "true"];
  return (await lab.runOnController(["timeout", "10", "ssh", ...login])).code === 0;
}

/** Whether lfce ends within so many milliseconds. */
async function endsWithin(milliseconds: number, lfce: RunningLfce): Promise<boolean> {
  const ended = new AbortController();
  const { signal } = ended;
  const late = wait(milliseconds, false, { signal }).catch(() => true);
  const isOver = await Promise.race([lfce.ended.then(() => true), late]);
  ended.abort();
  return isOver;
}

/** Whether the moment came before lfce had ended. */
async function reachMoment({ moment }: Case, set: MachineSet, lfce: RunningLfce): Promise<boolean> {
  let isOver = false;
  lfce.ended.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  if ("share" in moment) {
    return !(await endsWithin(moment.share * set.applyMs, lfce));
  }
  let reached = false;
  await waitFor(
    `the step ${moment.step}`,
    async () => {
      reached = (await set.lab.run(set.client, ["test", "-e", `${GATES}/reached`])).code === 0;
      return reached || isOver;
    },
    { seconds: REST_SECONDS },
  );
  return reached;
}
