import { leftBehind } from "../fleet/left-behind.ts";
import { onHost } from "../fleet/proof-hosts.ts";
import { EDITORS_LINE } from "./faults.ts";
import { type Files, filesOf, type MachineSet } from "./machine-set.ts";

/** What must hold once the host has come to rest by itself. Violations in words; empty is good. */
export async function atRest(set: MachineSet, edited: boolean): Promise<string[]> {
  const { lab, client } = set;
  const violations: string[] = [];
  const now = await filesOf(lab, client);
  const states = Object.entries(now).map(([path, content]) => [path, stateOf(path, content, set)] as const);
  for (const [path, state] of states) {
    if (state === "neither")
      violations.push(`${path} is neither what it was before nor what it would be after`);
  }
  if (new Set(states.map(([, state]) => state)).size > 1) {
    violations.push(
      `the files do not agree: ${states.map(([path, state]) => `${path} ${state}`).join(", ")}`,
    );
  }
  if (edited && !(await isKept(set, now))) violations.push("what the editor saved is lost");
  for (const command of [
    "chronyd -p -f /etc/chrony/chrony.conf",
    "rsyslogd -N1 -f /etc/rsyslog.conf",
    "systemctl is-active chrony rsyslog",
  ]) {
    const { code, stdout, stderr } = await lab.run(client, ["sh", "-c", command]);
    if (code !== 0) violations.push(`${command}: ${code} ${stdout.slice(-200)} ${stderr.slice(-300)}`);
  }
  return violations;
}

/** What must hold after the next run: it converges and leaves nothing behind. */
export async function afterNextRun(set: MachineSet): Promise<string[]> {
  const violations: string[] = [];
  const apply = await set.start("apply").ended;
  if (apply.code !== 0)
    violations.push(`the next apply ends with ${apply.code}: ${apply.output.slice(-1500)}`);
  const plan = await set.start("plan").ended;
  if (plan.code !== 0) violations.push(`the next plan ends with ${plan.code}: ${plan.output.slice(-1500)}`);
  const left = await leftBehind(set.lab, set.client);
  if (left.length > 0) violations.push(`left behind: ${left.join(", ")}`);
  return violations;
}

/** Whether nothing that lfce armed is at work any more: no record, no timer, no process that holds the lock. */
export async function isAtRest({ lab, client }: MachineSet): Promise<boolean> {
  const { code } = await lab.run(client, [
    "sh",
    "-c",
    `cd /var/lib/lfce 2>/dev/null || exit 0
     [ ! -e open ] && [ ! -e rolling-back ] || exit 1
     [ -z "$(systemctl list-units --all --no-legend --plain 'lfce-lease-*.timer')" ] || exit 1
     pid=$(sed -n 's/^pid //p' lock 2>/dev/null)
     [ -z "$pid" ] || [ ! -e "/proc/$pid" ]`,
  ]);
  return code === 0;
}

function stateOf(
  path: string,
  content: string,
  { before, after }: MachineSet,
): "before" | "after" | "neither" {
  const plain = content.replaceAll(`${EDITORS_LINE}\n`, "");
  if (plain === before[path]) return "before";
  return plain === after[path] ? "after" : "neither";
}

/** In the file itself, or among what lfce kept aside. */
async function isKept({ lab, client }: MachineSet, now: Files): Promise<boolean> {
  if (Object.values(now).some((content) => content.includes(EDITORS_LINE))) return true;
  const found = await onHost(
    lab,
    client,
    `grep -rlF '${EDITORS_LINE}' /var/lib/lfce /etc/chrony 2>/dev/null; true`,
  );
  return found !== "";
}
