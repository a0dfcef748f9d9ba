import assert from "node:assert/strict";
import type { HostFinished } from "../../../src/core/events.ts";
import type { Lab } from "../../lab/lab.ts";
import { waitFor } from "../../lab/processes.ts";
import { differences, snapshot } from "../host-state.ts";
import type { LfceRun, Workplace } from "../lfce.ts";
import { onHost, restartUnits } from "../proof-hosts.ts";
import type { DriftKind } from "./kind.ts";

/** Keeps a copy of the configuration of both daemons. */
const SAVE = `rm -rf /root/as-declared; mkdir /root/as-declared; cd /
  cp -a --parents etc/chrony* etc/rsyslog.conf etc/rsyslog.d etc/logrotate.d /root/as-declared`;

/** Puts back what differs from that copy and nothing else: a time that changed would make its daemon look stale. */
const PUT_BACK = `cd / && find etc/chrony* etc/rsyslog.conf etc/rsyslog.d etc/logrotate.d -type f | while read -r path; do
    [ -e "/root/as-declared/$path" ] || rm "$path"
  done
  cd /root/as-declared && find . -type f | while read -r path; do
    cmp -s "$path" "/$path" || cp -a "$path" "/$path"
    [ "$(stat -c '%a %u %g' "$path")" = "$(stat -c '%a %u %g' "/$path")" ] || {
      chown --reference="$path" "/$path" && chmod --reference="$path" "/$path"
    }
  done`;

/** Generous: a machine may share its box with much else. */
const PATIENCE = { seconds: 60 };

/** Lets one kind of drift happen, looks, mends it, and looks again; the fleet is as declared before and after. */
export async function seeKind(lab: Lab, place: Workplace, kind: DriftKind): Promise<void> {
  const { host } = kind;
  // One kind after the other is more starts of a unit than systemd allows.
  await onHost(lab, host, `systemctl reset-failed; ${SAVE}`);
  let found: LfceRun | undefined;
  try {
    await act(lab, host, kind.inject);
    await restartUnit(lab, kind);
    await untilHolds(lab, host, kind.until);
    const before = await configuration(lab, host);
    found = await place.json("drift");
    if (kind.refused !== undefined) await assertRefused(place, host, kind.refused);
    assert.deepEqual(differences(before, await configuration(lab, host)), [], "nothing was changed");
    assertFound(found, kind);
  } finally {
    if (kind.mend === "apply") await assertMended(place, host, found);
    else if (kind.mend === "fix") await assertFixed(place, kind);
    else await act(lab, host, kind.mend ?? PUT_BACK);
    await restartUnit(lab, kind);
    await untilHolds(lab, host, kind.healed);
  }
  const clean = await place.json("drift");
  assertClean(clean);
  const resolved = clean.host(kind.foundOn ?? host).resolved ?? [];
  assert.deepEqual(namesOf(resolved), kind.mend === "fix" ? [] : [...kind.expect].sort());
}

/** Nothing is reported of any host, and every host was looked at. */
export function assertClean(run: LfceRun): void {
  assert.deepEqual(reported(run), [], run.trouble);
  assert.equal(run.code, 0, run.trouble);
  const { unchanged, ...others } = run.summary.hosts;
  assert.equal(unchanged, finishedHosts(run).length);
  assert.deepEqual([...new Set(Object.values(others))], [0], run.trouble);
}

function assertFound(run: LfceRun, { foundOn, host: happened, expect }: DriftKind): void {
  const host = foundOn ?? happened;
  assert.deepEqual(reported(run), expect.map((finding) => `${host}: ${finding}`).sort(), details(run));
  assert.equal(run.code, 2, run.trouble);
  const { status, error, drift = [] } = run.host(host);
  assert.deepEqual([status, error], ["drifted", undefined]);
  for (const { message } of drift) assert.match(message, /^\S+ [^\n]*[^.]$/);
  for (const other of finishedHosts(run)) {
    if (other.host !== host) assert.equal(other.status, "unchanged", run.trouble);
  }
  assert.equal(run.summary.hosts.drifted, 1);
}

/** All findings of a run, as `HOST: CODE ITEM`, sorted. */
export function reported(run: LfceRun): string[] {
  return finishedHosts(run)
    .flatMap(({ host, drift = [] }) => drift.map(({ code, item }) => `${host}: ${code} ${item}`))
    .sort();
}

function finishedHosts(run: LfceRun): HostFinished[] {
  return run.events.filter((event) => event.event === "host-finished");
}

function details(run: LfceRun): string {
  const findings = finishedHosts(run).flatMap(({ drift = [] }) => drift);
  const changes = finishedHosts(run).flatMap(({ changes }) => changes);
  return [run.trouble, JSON.stringify(findings, null, 1), JSON.stringify(changes, null, 1)].join("\n");
}

async function act(lab: Lab, host: string, action: DriftKind["inject"]): Promise<void> {
  if (typeof action === "string") await onHost(lab, host, action);
  else await action(lab);
}

async function assertRefused(place: Workplace, host: string, code: string): Promise<void> {
  const run = await place.json("apply", undefined, "--limit", host);
  assert.equal(run.code, 3, run.trouble);
  const { status, error } = run.host(host);
  assert.deepEqual([status, error?.code], ["failed", code]);
}

/** `apply` mends it, and does nothing else than what the drift run announced, where that is known. */
async function assertMended(place: Workplace, host: string, found: LfceRun | undefined): Promise<void> {
  const run = await place.json("apply", undefined, "--limit", host, "--no-verify");
  assert.equal(run.code, 0, run.trouble);
  if (found) assert.deepEqual(withoutReasons(run.host(host)), withoutReasons(found.host(host)));
}

/** `drift --fix` mends it, and says so. */
async function assertFixed(place: Workplace, { host, expect }: DriftKind): Promise<void> {
  const run = await place.json("drift", undefined, "--fix", "--limit", host);
  assert.equal(run.code, 0, run.trouble);
  const { status, resolved = [], drift } = run.host(host);
  assert.deepEqual([status, drift], ["changed", []]);
  assert.deepEqual(namesOf(resolved), [...expect].sort());
  assert.ok(resolved.every(({ mended }) => mended));
}

function namesOf(findings: readonly { code: string; item: string }[]): string[] {
  return findings.map(({ code, item }) => `${code} ${item}`).sort();
}

/** What was announced is told in another tense once it was done. */
function withoutReasons({ changes }: HostFinished) {
  return changes.map(({ kind, target, diff }) => ({ kind, target, diff }));
}

async function restartUnit(lab: Lab, { host, restart, clients = [] }: DriftKind): Promise<void> {
  if (restart === undefined) return;
  await Promise.all([host, ...clients].map((name) => restartUnits(lab, name, restart)));
}

async function untilHolds(lab: Lab, host: string, command: string | undefined): Promise<void> {
  if (command === undefined) return;
  const holds = async () => (await lab.run(host, ["sh", "-c", command])).code === 0;
  await waitFor(`${host}: ${command}`, holds, PATIENCE);
}

/** What lfce could write; the queues of rsyslogd change by themselves. */
async function configuration(lab: Lab, host: string): Promise<Map<string, string>> {
  const files = await snapshot(lab, host);
  return new Map([...files].filter(([path]) => !/^\/var\/(spool|lib)\/rsyslog\//.test(path)));
}
