import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import {
  renderRotation,
  reopenCommand,
  rotationEntries,
  rotationPath,
} from "../../../../src/services/rsyslog/server/rotation.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { scratchDirectory } from "./server-daemon.ts";
import { planServer, serverOf, storeRule } from "./server-host.ts";

const rotate = { keepDays: 3, compress: true };
const day = 86_400;

/** Runs the real logrotate on files in a scratch directory, one run a day as its timer does. */
interface Logs {
  directory: string;
  /** Writes a log file whose last message is `days` old. */
  write(name: string, days: number): void;
  names(below?: string): string[];
  /** Runs logrotate; before each run but the first its state file is put back by a day. */
  run(...options: string[]): void;
  reopened(): number;
}

function logs(context: TestContext, rules: (directory: string) => DesiredStoreRule[]): Logs | undefined {
  if (spawnSync("logrotate", ["--version"]).status !== 0 || process.getuid?.() !== 0) {
    context.skip("logrotate is not installed or this is not root: what logrotate does was not tested");
    return undefined;
  }
  const directory = scratchDirectory();
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const [state, configuration, marker] = ["state", "conf", "reopened"].map((name) => join(directory, name));
  const { entries, errors } = rotationEntries(readStoreRules(serverOf(rules(join(directory, "log")))).rules);
  assert.deepEqual(errors, []);
  const text = renderRotation(entries, "lab", `echo reopened >>${marker}`);
  writeFileSync(configuration ?? "", text ?? "", { mode: 0o644 });
  let runs = 0;
  return {
    directory: join(directory, "log"),
    write: (name, days) => {
      const path = join(directory, "log", name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, `message of ${name}\n`);
      const time = Date.now() / 1000 - days * day - 60;
      utimesSync(path, time, time);
    },
    names: (below = "") =>
      readdirSync(join(directory, "log", below), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort(),
    run: (...options) => {
      if (runs++ > 0) {
        const yesterday = new Date(Date.now() - day * 1000);
        const date = `${yesterday.getFullYear()}-${yesterday.getMonth() + 1}-${yesterday.getDate()}-0:0:0`;
        const known = readFileSync(state ?? "", "utf8").replace(/ \d+-\d+-\d+-\S+$/gm, ` ${date}`);
        writeFileSync(state ?? "", known);
      }
      const result = spawnSync("logrotate", [...options, "-s", state ?? "", configuration ?? ""], {
        encoding: "utf8",
      });
      assert.equal(result.status, 0, result.stderr);
    },
    reopened: () =>
      existsSync(marker ?? "") ? readFileSync(marker ?? "", "utf8").split("\n").length - 1 : 0,
  };
}

test("a file with one name is renamed every day and as many are kept as declared", (t) => {
  const run = logs(t, (log) => [storeRule({ web: "10.0.0.1" }, `${log}/{host}.log`, { rotate })]);
  if (!run) return;
  run.write("web.log", 0);
  run.run();
  for (let days = 0; days < 6; days++) {
    run.write("web.log", 0);
    run.run();
  }
  assert.deepEqual(run.names(), ["web.log", "web.log.1", "web.log.2.gz", "web.log.3.gz"]);
  assert.equal(run.reopened(), 6);
});

test("dated files are compressed after a day and deleted when they are as old as declared", (t) => {
  const run = logs(t, (log) => [storeRule({ web: "10.0.0.1" }, `${log}/{host}/{date}.log`, { rotate })]);
  if (!run) return;
  run.write("web/2026-11-23.log", 0);
  run.write("web/2026-11-22.log", 1);
  run.write("web/2026-11-21.log", 2);
  run.write("web/2026-11-20.log", 3);
  run.write("web/2026-10-01.log", 50);
  run.write("web/notes.log", 50);
  run.run();
  run.run();
  const kept = ["2026-11-21.log.gz", "2026-11-22.log.gz", "2026-11-23.log", "notes.log"];
  assert.deepEqual(run.names("web"), kept);
  const old = Date.now() / 1000 - 3 * day - 60;
  utimesSync(join(run.directory, "web/2026-11-21.log.gz"), old, old);
  run.run();
  run.run();
  assert.deepEqual(run.names("web"), kept.slice(1));
  const text = spawnSync("gzip", ["-dc", join(run.directory, "web/2026-11-22.log.gz")], { encoding: "utf8" });
  assert.equal(text.stdout, "message of web/2026-11-22.log\n");
});

test("dated files that are not to be compressed are only deleted", (t) => {
  const keep = { rotate: { keepDays: 2, compress: false } };
  const run = logs(t, (log) => [
    storeRule({ web: "10.0.0.1" }, `${log}/{host}-{year}{month}{day}.log`, keep),
  ]);
  if (!run) return;
  run.write("web-20261123.log", 0);
  run.write("web-20261122.log", 1);
  run.write("web-20261121.log", 2);
  run.run();
  run.run();
  assert.deepEqual(run.names(), ["web-20261122.log", "web-20261123.log"]);
});

test("a forced run takes no dated file away before its time", (t) => {
  const run = logs(t, (log) => [storeRule({ web: "10.0.0.1" }, `${log}/{host}/{date}.log`, { rotate })]);
  if (!run) return;
  run.write("web/2026-11-23.log", 0);
  run.write("web/2026-11-22.log", 1);
  run.write("web/2026-11-20.log", 3);
  for (let runs = 0; runs < 4; runs++) run.run("-f");
  assert.deepEqual(run.names("web"), ["2026-11-22.log.gz", "2026-11-23.log"]);
});

test("files of senders that nobody names are found by a pattern, once", (t) => {
  const run = logs(t, (log) => [
    storeRule({ web: "10.0.0.1" }, `${log}/{host}.log`, { rotate }),
    { from: [{ kind: "any" }], file: `${log}/{hostname}.log`, stop: true, rotate },
  ]);
  if (!run) return;
  run.write("web.log", 0);
  run.write("stranger.log", 0);
  run.run();
  run.run();
  assert.deepEqual(run.names(), ["stranger.log", "stranger.log.1", "web.log", "web.log.1"]);
});

test("one file that is to be rotated in two ways is an error", () => {
  const store: DesiredStoreRule[] = [
    storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log", { rotate }),
    {
      from: [{ kind: "any" }],
      file: "/var/log/remote/{hostname}.log",
      stop: true,
      rotate: { ...rotate, keepDays: 9 },
    },
  ];
  assert.deepEqual(
    rotationEntries(readStoreRules(serverOf(store)).rules).errors.map(({ code }) => code),
    ["rotation-overlap"],
  );
});

test("a file that two patterns can mean is an error where neither covers the other", () => {
  const codes = (...files: string[]) => {
    const store = files.map(
      (file): DesiredStoreRule => ({ from: [{ kind: "any" }], file, stop: false, rotate }),
    );
    return rotationEntries(readStoreRules(serverOf(store)).rules).errors.map(({ code }) => code);
  };
  assert.deepEqual(codes("/l/a{hostname}.log", "/l/{hostname}b.log"), ["rotation-overlap"]);
  assert.deepEqual(codes("/l/{date}-{hostname}.log", "/l/{hostname}-{date}.log"), ["rotation-overlap"]);
  assert.deepEqual(codes("/l/x{hostname}.log", "/l/{hostname}.log"), []);
  assert.deepEqual(codes("/l/{hostname}.log", "/l/x{hostname}.log"), []);
  assert.deepEqual(codes("/l/a{hostname}.log", "/l/b{hostname}.log"), []);
  assert.deepEqual(codes("/l/{hostname}/a.log", "/l/{hostname}.log"), []);
});

test("a pattern that covers those before it takes their place", () => {
  const store = ["/l/x{hostname}.log", "/l/y{hostname}.log", "/l/{hostname}.log"].map(
    (file): DesiredStoreRule => ({ from: [{ kind: "any" }], file, stop: false, rotate }),
  );
  assert.deepEqual(
    rotationEntries(readStoreRules(serverOf(store)).rules).entries.map(({ patterns }) => patterns),
    [["/l/*.log"]],
  );
});

test("a name that ends in a token cannot be rotated, because rotated files would match it too", () => {
  const store: DesiredStoreRule[] = [
    { from: [{ kind: "any" }], file: "/var/log/remote/{hostname}", stop: true, rotate },
  ];
  assert.deepEqual(
    rotationEntries(readStoreRules(serverOf(store)).rules).errors.map(({ code }) => code),
    ["rotation-without-ending"],
  );
});

test("rsyslogd is told to reopen its files the way the distribution does it", () => {
  assert.equal(reopenCommand(debian.family, "rsyslog"), "/usr/lib/rsyslog/rsyslog-rotate");
  assert.match(reopenCommand(el.family, "rsyslog"), /^\/usr\/bin\/systemctl kill -s HUP rsyslog\.service /);
});

test("a rule without rotate warns that the disk will fill, one with it does not", () => {
  const codes = (more: Partial<DesiredStoreRule>) =>
    planServer(serverOf([storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log", more)])).warnings.map(
      ({ code }) => code,
    );
  assert.deepEqual(codes({}), ["disk-will-fill"]);
  assert.deepEqual(codes({ rotate }), []);
});

test("the logrotate file is written for all rules together", () => {
  const edits = planServer(
    serverOf([
      storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log", { rotate }),
      storeRule({ db: "10.0.0.2" }, "/var/log/remote/{host}-{date}.log", { rotate }),
    ]),
  );
  const text = edits.files.find(({ path }) => path === rotationPath)?.after ?? "";
  assert.match(text, /^# lfce: file of syslog_server, playbook lab\n/);
  assert.match(text, /"\/var\/log\/remote\/web\.log"/);
  assert.match(
    text,
    /"\/var\/log\/remote\/db-\[0-9\]\[0-9\]\[0-9\]\[0-9\]-\[0-9\]\[0-9\]-\[0-9\]\[0-9\]\.log"/,
  );
});
