import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { change, shells, transactionOf } from "./apply-host.ts";
import { applyTo, CHRONY_RESTART, hostWithChrony } from "./apply-steps.ts";

/** A killed machine loses no page cache, so only the system calls show that a power cut would lose nothing either. */
const CALLS = "trace=fsync,fdatasync,rename,renameat,renameat2,write";

const mayTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

for (const shell of shells) {
  test(`before the rename counts, file, way back and directory are on disk (${shell.name})`, async (t) => {
    if (!mayTrace)
      return t.skip("strace is not there or may not trace: the order of fsync and rename was not tested");
    const trace = `/dev/shm/lfce-trace-${process.pid}-${shell.name}`;
    t.after(() => spawnSync("rm", ["-f", trace]));
    const traced = ["strace", "-f", "-y", "-s", "300", "-e", CALLS, "-o", trace, ...shell.command];
    const host = hostWithChrony(t, { ...shell, command: traced });
    const transaction = transactionOf({
      files: [change(host, "etc/chrony.conf", "server b\n"), change(host, "etc/new.conf", "new\n")],
      ...CHRONY_RESTART,
    });
    await (await applyTo(host, transaction)).commit();

    const lines = readFileSync(trace, "utf8").split("\n");
    const own = `${host.stateDirectory}/transactions/${transaction.id}`;
    const stage = (number: number) => host.path(`etc/.lfce-stage-${transaction.id}-${number}~`);
    /** The line of a call that succeeded, after another line. */
    const at = (what: string, pattern: RegExp, from = 0): number => {
      const found = lines.findIndex((line, index) => index >= from && pattern.test(line));
      assert.ok(found >= 0, `${what}: not in the trace after line ${from}`);
      return found;
    };
    const flushed = (path: string, from = 0) =>
      at(`fsync of ${path}`, new RegExp(`f(data)?sync\\(\\d+<${escaped(path)}>\\) += 0`), from);
    const renamed = (one: string, other: string) =>
      at(`rename to ${other}`, new RegExp(`rename.*"${escaped(one)}".*"${escaped(other)}".*= 0`));
    const said = (words: string) => at(words, new RegExp(`write\\(1.*lfce ${words}\\\\n`));

    for (const path of ["recover", "meta", "holder"])
      assert.ok(
        flushed(`${own}/${path}`) < said("phase backup"),
        `${path} is on disk before anything is staged`,
      );
    assert.ok(
      flushed(`${own}/leftovers`) < said("phase validate"),
      "so is what names the stage files, with them",
    );
    const record = renamed(`${host.stateDirectory}/open.new`, `${host.stateDirectory}/open`);
    for (const path of [
      "before/1",
      "facts/1",
      "facts/2",
      "files",
      "units-before",
      "recover",
      "holder",
      "before",
    ]) {
      assert.ok(flushed(`${own}/${path}`) < record, `${path} is on disk before the record`);
    }
    assert.ok(flushed(own) < record);
    assert.ok(flushed(`${host.stateDirectory}/open.new`) < record);
    const recordFlushed = flushed(host.stateDirectory, record);
    const swap = renamed(stage(1), host.path("etc/chrony.conf"));
    assert.ok(recordFlushed < swap, "the record is on disk before the first rename");
    assert.ok(flushed(stage(1)) < swap, "the new file is on disk before it gets its name");
    const swapped = flushed(host.path("etc"), swap);
    assert.ok(swapped < said("phase units"), "the new name is on disk before anything is restarted");
    const unit = renamed(
      `${host.bootUnits}/.lfce-recover-${transaction.id}~`,
      `${host.bootUnits}/lfce-recover.service`,
    );
    assert.ok(
      flushed(`${host.bootUnits}/multi-user.target.wants`, unit) < swap,
      "so is the unit for the next boot",
    );
    const committed = renamed(`${host.stateDirectory}/open`, `${own}/committed`);
    assert.ok(flushed(own, committed) < said("committed"), "the verdict is on disk before it is told");
  });
}

function escaped(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
