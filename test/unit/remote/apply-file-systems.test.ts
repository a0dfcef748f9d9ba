import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { describe, test } from "node:test";
import { applyScript } from "../../../src/remote/apply.ts";
import { withStep } from "./apply-faults.ts";
import { change, makeHost, type Shell, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, refusal } from "./apply-steps.ts";

/** Mounts in a namespace of the script's own, which goes with it. PLACE is the directory that is to be faulty. */
const FAULTS = {
  full:
    'cp -a "$PLACE" "$PLACE.kept" && mount -t tmpfs -o size=40k lfce-test "$PLACE" && cp -a "$PLACE.kept/." "$PLACE"' +
    ' && { dd if=/dev/zero of="$PLACE/fill" bs=1k count=20 2>/dev/null; true; }',
  "read-only": 'mount --bind "$PLACE" "$PLACE" && mount -o remount,bind,ro "$PLACE"',
};
const CODES = { full: "disk-full", "read-only": "read-only" };

const mayMount = spawnSync("unshare", ["-m", "true"]).status === 0;

for (const shell of shells) {
  describe(`a faulty file system (${shell.name})`, () => {
    for (const fault of ["full", "read-only"] as const) {
      for (const place of ["state", "etc"] as const) {
        test(`${place} is ${fault}: said so, and nothing is changed`, async (t) => {
          if (!mayMount)
            return t.skip("mounting needs root: full and read-only file systems were not tested");
          const host = makeHost(faulty(shell, fault, place));
          t.after(host.remove);
          mkdirSync(host.stateDirectory);
          host.write("etc/chrony.conf", "server a\n");
          const files = [change(host, "etc/chrony.conf", "server b\n".repeat(5000))];
          const error = await refusal(host, transactionOf({ files }), CODES[fault], /file system is/);
          assert.match(error.message, /nothing on the host was changed/);
        });
      }
    }
  });
}

for (const shell of shells) {
  test(`no room for one more file, found while contents arrive: said so (${shell.name})`, async (t) => {
    if (!mayMount) return t.skip("mounting needs root: a file system without inodes was not tested");
    const text = `mount -t tmpfs -o size=900k lfce-test "\${STAND_INS%/*}/state" && exec "$@"`;
    const host = makeHost({ ...shell, command: ["unshare", "-m", "sh", "-c", text, "sh", ...shell.command] });
    t.after(host.remove);
    mkdirSync(host.stateDirectory);
    host.write("etc/chrony.conf", "server a\n");
    const noMore =
      '[ "$1" != prepared ] || { set -- $(stat -f -c "%c %d" "$state"); ' +
      'mount -o "remount,nr_inodes=$(($1 - $2))" "$state"; }';
    const channel = { ...host.channel, open: async () => host.start(withStep(applyScript(), noMore)) };
    const files = [change(host, "etc/chrony.conf", "server b\n")];
    await refusal({ ...host, channel }, transactionOf({ files }), "disk-full", /file system is full/);
  });
}

test("a stage file that cannot be removed keeps the timer, which removes it once it can", async (t) => {
  if (!mayMount) return t.skip("mounting needs root: what a read-only file system keeps was not tested");
  const shell = shells[0] as Shell;
  const text = 'PLACE="$(dirname "$STAND_INS")/etc"; mount --bind "$PLACE" "$PLACE" && exec "$@"';
  const host = makeHost({ ...shell, command: ["unshare", "-m", "sh", "-c", text, "sh", ...shell.command] });
  t.after(host.remove);
  host.write("etc/chrony.conf", "server a\n");
  const transaction = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
  const readOnly = `[ "$1" != healthy ] || mount -o remount,bind,ro "${host.path("etc")}"`;
  const channel = { ...host.channel, open: async () => host.start(withStep(applyScript(), readOnly)) };
  await (await applyTo({ ...host, channel }, transaction)).commit();
  assert.equal(host.read("etc/chrony.conf"), "server b\n");
  assert.deepEqual(Object.keys(host.timers()), [`lfce-lease-${transaction.id}.timer`]);
  assert.equal(Object.keys(host.snapshot()).length, 2);
  // Outside of its namespace nothing is read-only.
  await host.recover(transaction.id, "lease");
  assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf"]);
  assert.equal(host.read("etc/chrony.conf"), "server b\n");
  assertNothingLeft(host);
});

/** The same shell, started where one directory of its host is faulty. */
function faulty(shell: Shell, fault: keyof typeof FAULTS, place: string): Shell {
  const text = `PLACE="\${STAND_INS%/*}/${place}"; ${FAULTS[fault]} && exec "$@"`;
  return { ...shell, command: ["unshare", "-m", "sh", "-c", text, "sh", ...shell.command] };
}
