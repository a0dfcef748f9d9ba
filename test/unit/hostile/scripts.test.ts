import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { byteText } from "../../../src/core/byte-text.ts";
import { LfceError } from "../../../src/core/errors.ts";
import type { DirectoryChange, FileChange } from "../../../src/core/host-plan.ts";
import { ntpEvidence, syslogEvidence } from "../../../src/remote/evidence.ts";
import { installPackages } from "../../../src/remote/install.ts";
import { logNonce } from "../../../src/remote/nonce.ts";
import { observe } from "../../../src/remote/observe.ts";
import { localChannel } from "../../ssh/local-transport.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { groupName, makeHost, shells, transactionOf } from "../remote/apply-host.ts";
import { applyTo } from "../remote/apply-steps.ts";
import { evidenceHost } from "../remote/evidence-host.ts";
import { RUNS, SEED } from "./runs.ts";
import { ATTACKS, CANARY, hostileStrings } from "./strings.ts";

/** Attacks that have shell in them. */
const sharp = ATTACKS.filter((text) => text.includes(CANARY) || /^[-%\\'"*]/.test(text));
/** Each costs processes: the sharp ones in every test run, two thousand in the long one. */
const strings = RUNS <= 1_000 ? sharp : hostileStrings(2_000, SEED + 2);
const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
const canary = `/tmp/${CANARY}`;

/** A name for a file as near to the string as a file system lets it be, and a plan's own checks. */
function fileName(text: string): string {
  // A blank at the end of a path does not survive the shell's read; apply.sh then refuses the target.
  const name = Buffer.from(text.replaceAll(/[/\n\r\0]/g, "_").replace(/[ \t]+$/, "_")).toString();
  return byteText(name).length > 120 ? name.slice(0, 30) : name;
}

/** Runs what may be refused; anything but an LfceError is a fault. */
async function refusedOrDone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof LfceError, String(error));
  }
}

for (const shell of shells.filter(({ name }) => name !== "bash")) {
  describe(`scripts that are given hostile strings (${shell.name})`, () => {
    test("apply.sh writes them, as contents and as names, and runs none", async (t) => {
      if (!usesShell(t, shell.command[0] as string)) return;
      const texts = strings.map((text) => text.slice(0, 10_000));
      for (let from = 0; from < texts.length; from += 100) {
        const host = makeHost(shell);
        const directories: DirectoryChange[] = [];
        const files = texts.slice(from, from + 100).map((text, index): FileChange => {
          const rights = { owner: host.owner, group: groupName() };
          const directory = host.path(`etc/${index} ${fileName(text)}_`);
          directories.push({ path: directory, mode: "0755", ...rights, reason: "test" });
          const path = `${directory}/${fileName(text)}.conf`;
          return { path, before: null, after: byteText(text), mode: "0640", ...rights, reason: "test" };
        });
        const pending = await applyTo(
          host,
          transactionOf({ directories, files, playbook: texts[from] ?? "" }),
        );
        if (from % 200 === 0) await pending.commit();
        for (const { path, after } of files) assert.equal(host.read(path.slice(host.root.length)), after);
        if (from % 200 !== 0) {
          assert.equal((await pending.rollback(texts[from + 1] ?? "")).healthy, true);
          assert.deepEqual(readdirSync(host.path("etc")), []);
        }
        assert.ok(!existsSync(canary));
        host.remove();
      }
    });

    test("observe.sh looks at them as paths, and brings back what is there", async (t) => {
      if (!usesShell(t, shell.command[0] as string)) return;
      const host = makeHost(shell);
      t.after(host.remove);
      mkdirSync(host.path("etc/include"));
      const names = [...new Set(strings.map(fileName))].filter((name) => !/^\.{0,2}$|[*?[\]\\]/.test(name));
      for (const name of names) host.write(join("etc/include", name), byteText(`is ${name}\n`));
      // Absolute ones would lead to this machine's own files.
      const includes = strings.filter((text) => !text.startsWith("/"));
      host.write("etc/chrony.conf", includes.map((text) => byteText(`include ${text}\n`)).join(""));
      const channel = localChannel(shell.command);
      const seen = await observe(
        channel,
        {
          ...nothing,
          follow: [{ service: "chrony", path: host.path("etc/chrony.conf") }],
          files: names.map((name) => host.path(`etc/include/${name}`)),
          stat: names.map((name) => host.path(`etc/missing/${name}`)),
        },
        { stateDirectory: host.stateDirectory },
      );
      for (const name of names) {
        assert.equal(seen.files[host.path(`etc/include/${name}`)]?.content, byteText(`is ${name}\n`));
      }
      assert.ok(!existsSync(canary));
    });
  });
}

for (const shell of scriptShells.filter(({ program }) => program !== "bash")) {
  test(`what asks a host under ${shell.name} refuses hostile strings or looks for them as they are`, async (t) => {
    if (!usesShell(t, shell.program)) return;
    const host = evidenceHost(shell);
    t.after(host.remove);
    const { channel } = host;
    for (const text of RUNS <= 1_000 ? sharp.filter((_, index) => index % 4 === 0) : sharp) {
      const ntp = {
        unit: "chrony",
        waitSeconds: 0,
        acceptable: [],
        burst: false,
        accessChecks: [],
        names: [],
      };
      await refusedOrDone(() => ntpEvidence(channel, { ...ntp, unit: text }));
      await refusedOrDone(() =>
        ntpEvidence(channel, { ...ntp, acceptable: [text], accessChecks: [text], names: [text] }),
      );
      await refusedOrDone(() => logNonce(channel, text, "local6.info"));
      await refusedOrDone(() => logNonce(channel, "nonce", text));
      await refusedOrDone(() => installPackages(channel, "apt-get", [text]));
      await refusedOrDone(() => observe(channel, { ...nothing, names: [text], units: [], programs: [] }));
      await refusedOrDone(() => observe(channel, { ...nothing, units: [text] }));
      await refusedOrDone(() => observe(channel, { ...nothing, programs: [text] }));
    }
    await refusedOrDone(() =>
      syslogEvidence(channel, {
        unit: "rsyslog",
        targets: [],
        names: [],
        spoolDirectory: `${host.directory}/$(touch ${canary})`,
        searchDirectories: sharp.map((text) => `${host.directory}/${fileName(text)}`),
        nonces: ["nonce"],
        files: sharp.map((text) => `${host.directory}/${fileName(text)}`),
        configurations: sharp.map((text) => `${host.directory}/${fileName(text)}`),
      }),
    );
    assert.ok(!existsSync(canary));
  });
}

test("no string has left its mark so far", () => {
  assert.ok(!existsSync(canary), `something ran: remove ${canary} and look for what did`);
});
