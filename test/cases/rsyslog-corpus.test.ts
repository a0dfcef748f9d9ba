import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { debian } from "../../src/distros/debian.ts";
import type { DesiredForward, DesiredRsyslog } from "../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../src/services/rsyslog/plan.ts";
import { parseRsyslog, printRsyslog } from "../../src/services/rsyslog/syntax/parse.ts";
import { carriedOut, type Files, observedHost } from "../unit/services/rsyslog/host.ts";

/** Real configuration files, not part of the project: LFCE_CORPUS, else a directory beside it. */
const corpus = process.env.LFCE_CORPUS ?? new URL("../../../shared/corpus", import.meta.url).pathname;
const main = debian.services.rsyslog.mainFile;
const missing = existsSync(corpus) ? false : `no corpus at ${corpus}: no real rsyslog file was tried`;

const forward: DesiredForward = {
  address: "192.0.2.77",
  aliases: [],
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: -1,
  queue: { file: "lfce-site", maxDisk: "1g", saveOnShutdown: true, written: [] },
};

function clientOf(...forwards: DesiredForward[]): DesiredRsyslog {
  return { playbook: "site", client: { state: "present", forwards, verifyTimeout: 60 } };
}

/** Settings of the role; with targets that files of the corpus forward to lines are switched off. */
const settings: Record<string, DesiredRsyslog> = {
  "one server": clientOf(forward),
  "udp without a queue": clientOf({ ...forward, protocol: "udp", queue: false, retry: 0 }),
  "two servers, some facilities": clientOf(
    { ...forward, selector: ["authpriv.*", "local6.info"] },
    { ...forward, address: "logs.example.net", port: 6514, queue: { ...queueOf("lfce-site-2") } },
  ),
  "targets that are forwarded to already": clientOf(
    ...["10.9.9.9", "172.19.2.16", "10.0.1.4", "192.168.66.245", "CHANGE_ME", "remote-host", "fluentd"].map(
      (address, index) => ({ ...forward, address, queue: queueOf(`lfce-site-${index}`) }),
    ),
  ),
};

function queueOf(file: string): Exclude<DesiredForward["queue"], false> {
  return { file, maxDisk: "1g", saveOnShutdown: true, written: [] };
}

const absent: DesiredRsyslog = {
  playbook: "site",
  client: { state: "absent", forwards: [], verifyTimeout: 60 },
};

describe("rsyslog corpus", { skip: missing }, () => {
  const files = missing ? [] : corpusFiles();
  it("has files", () => assert.ok(files.length > 400, `${files.length} files`));

  for (const { name, content } of [...files, ...files.flatMap(toOtherHost)]) {
    it(`${name}: read without loss, edited once, undone`, () => {
      assert.equal(printRsyslog(parseRsyslog(content)), content);
      const ends: string[] = [];
      for (const [setting, desired] of Object.entries(settings)) {
        const { after, errors } = plan(desired, content);
        // The reason why a file alone cannot be edited: a forward that is joined to something else.
        if (errors.length > 0) {
          assert.deepEqual([...new Set(errors)], ["forward-entangled"], setting);
          continue;
        }
        assert.equal(plan(desired, after).after, after, `${setting}: twice`);
        assert.equal(plan(absent, after).after, content, `${setting}: undone`);
        assert.equal(withoutLfce(after), content.replace(/\r?\n$/, ""), `${setting}: other lines`);
        for (const end of ends)
          assert.equal(plan(desired, end).after, after, `${setting}: after another one`);
        ends.push(after);
      }
    });
  }
});

const daemon = spawnSync("rsyslogd", ["-v"], { encoding: "utf8" }).status === 0;
const noJudge = missing || (daemon ? false : "rsyslogd is not installed: no edited file was judged by it");

describe("rsyslog corpus, judged by rsyslogd", { skip: noJudge }, () => {
  const directory = noJudge ? "" : mkdtempSync(join(tmpdir(), "lfce-corpus-"));
  process.on("exit", () => noJudge || rmSync(directory, { recursive: true, force: true }));
  const files = noJudge ? [] : corpusFiles();

  for (const { name, content } of files) {
    it(`${name}: rsyslogd says nothing that it did not say before`, (t) => {
      const before = messages(directory, new Map([[main, withAction(directory, content)]]));
      if (before === undefined) return t.skip(`rsyslogd ends abnormally with ${name} itself`);
      if (before.some((message) => message.includes("could not interpret master config file"))) {
        return t.skip(`rsyslogd reads ${name} to its first error only, so its answers cannot be compared`);
      }
      for (const setting of ["one server", "targets that are forwarded to already"]) {
        const { after, errors, staged } = plan(settings[setting] as DesiredRsyslog, content);
        if (errors.length > 0) continue;
        const now = messages(directory, new Map([[main, after]])) ?? ["it ends abnormally"];
        assert.deepEqual(
          now.filter((message) => !before.includes(message)),
          [],
          setting,
        );
        if (staged === undefined || /include/i.test(content)) continue;
        assert.equal(staged, after, `${setting}: without includes the staged file is the file itself`);
      }
    });
  }
});

/** A file that forwards to itself, as many test configurations do, made to forward to a host of the settings. */
function toOtherHost({ name, content }: { name: string; content: string }) {
  const other = content.replaceAll("127.0.0.1", "10.9.9.9");
  return other === content ? [] : [{ name: `${name}, to another host`, content: other }];
}

function plan(desired: DesiredRsyslog, content: string) {
  const files: Files = new Map([[main, content]]);
  const result = planRsyslog(desired, observedHost(files, main), debian);
  return {
    after: carriedOut(files, result).get(main) as string,
    errors: result.errors.map(({ code }) => code),
    staged: result.staged?.files[result.staged.stagedMain],
  };
}

/** A text without lfce's blocks and marks, and without the last line end. */
function withoutLfce(text: string): string {
  return text
    .replaceAll(/(?<![^\n])# lfce: begin [\s\S]*?# lfce: end [^\n]*(?:\n|$)/g, "")
    .replaceAll(/(?<![^\n])#lfce# /g, "")
    .replace(/\r?\n$/, "");
}

/** Without any action rsyslogd stops before it looks at the rest: such a file is compared with one of its own. */
function withAction(directory: string, content: string): string {
  const alone = messages(directory, new Map([[main, content]])) ?? [];
  if (!alone.some((message) => message.includes("no active actions"))) return content;
  return `${content}\n*.* action(type="omfile" file="/dev/null")\n`;
}

/** What `rsyslogd -N1` says of these files, line numbers left out; undefined when it is killed. */
function messages(directory: string, files: Files): string[] | undefined {
  rmSync(directory, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text, "latin1");
  }
  const run = spawnSync("rsyslogd", ["-N1", "-f", join(directory, main)], {
    encoding: "latin1",
    timeout: 20_000,
    input: "",
  });
  if (run.status === null) return undefined;
  return run.stderr
    .split("\n")
    .map((line) => line.replaceAll(/\bline \d+/g, "line N").trim())
    .filter((line) => line !== "" && !/config validation run/.test(line));
}

function corpusFiles(): { name: string; content: string }[] {
  return ["rsyslog", "stock/rsyslog"].flatMap((directory) =>
    readdirSync(join(corpus, directory))
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .map((name) => ({
        name: `${directory}/${name}`,
        content: readFileSync(join(corpus, directory, name), "latin1"),
      })),
  );
}
