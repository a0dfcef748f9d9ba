import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeInstall, installPackages } from "../../../src/remote/install.ts";
import type { RunScript, ScriptChannel } from "../../../src/remote/run-script.ts";
import { shells } from "./apply-host.ts";

const STAND_INS = fileURLToPath(new URL("./install-stand-ins", import.meta.url));

for (const shell of shells) {
  describe(`installing packages (${shell.name})`, () => {
    test("apt-get installs without asking and without reading the lists anew", async (t) => {
      const host = makeHost(t, shell.command, { lists: "chrony\n" });
      assert.match(await installPackages(host.channel, "apt-get", ["chrony"]), /^Setting up chrony/);
      const calls = host.calls();
      assert.equal(calls.length, 1);
      assert.match(calls[0] ?? "", /^apt-get -q -y .* install -- chrony \[noninteractive\]$/);
    });

    test("apt-get reads the lists anew when they do not know the package", async (t) => {
      const host = makeHost(t, shell.command, { lists: "", mirror: "chrony\n" });
      await installPackages(host.channel, "apt-get", ["chrony"]);
      assert.deepEqual(
        host.calls().map((call) => / (update|install) /.exec(call)?.[1]),
        ["update", "install"],
      );
    });

    test("apt-get waits for another package manager", async (t) => {
      const host = makeHost(t, shell.command, { lists: "chrony\n", busy: "2" });
      await installPackages(host.channel, "apt-get", ["chrony"]);
      assert.equal(host.calls().filter((call) => call === "sleep 3").length, 2);
    });

    test("a package that does not exist is install-failed, with the package manager's words", async (t) => {
      const host = makeHost(t, shell.command, { lists: "", mirror: "" });
      await assert.rejects(installPackages(host.channel, "apt-get", ["chronyy"]), {
        code: "install-failed",
        message: /Unable to locate package chronyy/,
        at: { host: "web01", phase: "install" },
      });
    });

    test("dnf and zypper are told not to ask", async (t) => {
      const host = makeHost(t, shell.command, {});
      await installPackages(host.channel, "dnf", ["chrony", "rsyslog"]);
      await installPackages(host.channel, "zypper", ["rsyslog"]);
      assert.deepEqual(host.calls(), [
        "dnf -y install chrony rsyslog",
        "zypper --non-interactive install rsyslog",
      ]);
    });

    test("the script itself refuses what is not the name of a package", async (t) => {
      const host = makeHost(t, shell.command, {});
      const channel: ScriptChannel = {
        ...host.channel,
        run: (script, options) =>
          host.channel.run(script, { ...options, stdin: Buffer.from("dnf\nchrony;reboot\ngo\n") }),
      };
      await assert.rejects(installPackages(channel, "dnf", ["chrony"]), { message: /chrony;reboot/ });
      assert.deepEqual(host.calls(), []);
    });

    test("a list that breaks off installs nothing", async (t) => {
      const host = makeHost(t, shell.command, {});
      const channel: ScriptChannel = {
        ...host.channel,
        run: (script, options) =>
          host.channel.run(script, { ...options, stdin: Buffer.from("dnf\nchrony\n") }),
      };
      await assert.rejects(installPackages(channel, "dnf", ["chrony"]), { message: /incomplete/ });
      assert.deepEqual(host.calls(), []);
    });
  });
}

test("a name that could be an option or a command is refused before anything is sent", () => {
  for (const name of ["-y", "a b", "a;b", "$(id)", "", "go"]) {
    assert.throws(() => encodeInstall("dnf", [name]), { code: "bad-package-name" });
  }
});

function makeHost(t: { after(done: () => void): void }, command: string[], files: Record<string, string>) {
  const directory = mkdtempSync(join(tmpdir(), "lfce-install-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "calls"), "");
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  const run: RunScript = async (script, options) => {
    const [program = "sh", ...rest] = command;
    const result = spawnSync(program, [...rest, "-c", script.source], {
      input: options.stdin as Buffer,
      env: { PATH: `${STAND_INS}:${process.env.PATH}`, STAND_INS: directory },
    });
    return { code: result.status, stderr: result.stderr.toString(), stdout: result.stdout };
  };
  const channel: ScriptChannel = {
    host: "web01",
    run,
    open: () => Promise.reject(new Error("not part of this test")),
  };
  return {
    channel,
    calls: () =>
      readFileSync(join(directory, "calls"), "utf8")
        .split("\n")
        .filter((call) => call !== ""),
  };
}
