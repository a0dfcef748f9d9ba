import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadScript } from "../../../src/remote/scripts.ts";
import { waitFor } from "../../lab/processes.ts";
import { shells } from "./apply-host.ts";

const { source } = loadScript("lock-holder");

for (const { name, command } of shells) {
  const [shell = "", ...words] = command;
  const ask = (script: string) =>
    spawnSync(shell, [...words, "-c", `${source}\n${script}`], { encoding: "utf8" }).stdout;

  test(`a process is known by its number and its start (${name})`, () => {
    const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    assert.equal(ask(`process_start ${process.pid}`), `${start}\n`);
    assert.equal(ask("process_start 999999999"), "");
  });

  test(`a process that is dead and not yet buried holds no lock (${name})`, async (t) => {
    // The shell becomes a program that never asks after its child.
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.after(() => parent.kill("SIGKILL"));
    const child = await new Promise<string>((resolve) =>
      parent.stdout.once("data", (said) => resolve(String(said).trim())),
    );
    await waitFor("the child to be dead", () => / Z /.test(readFileSync(`/proc/${child}/stat`, "utf8")), {
      seconds: 20,
    });
    assert.equal(ask(`process_start ${child}`), "");
  });
}
