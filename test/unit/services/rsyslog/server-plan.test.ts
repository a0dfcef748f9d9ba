import assert from "node:assert/strict";
import { test } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import { rsyslogInForce } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { filesAfter, hostWith, plainMain, planServer, serverOf, storeRule } from "./server-host.ts";

const files = { "/etc/rsyslog.conf": plainMain };
const server = serverOf([storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log")]);

/** Clients host1 … hostN, each with an address of its own. */
const clients = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`host${i}`, `10.1.${i >> 8}.${i & 255}`]));

test("every declared listener is checked after the restart", () => {
  const listen = [
    { protocol: "tcp" as const, port: 514 },
    { protocol: "udp" as const, port: 5140, address: "10.0.0.9" },
  ];
  assert.deepEqual(planServer({ ...server, listen }).health, [
    { kind: "listening", protocol: "tcp", port: 514 },
    { kind: "listening", protocol: "udp", port: 5140 },
  ]);
});

test("the directory for log files belongs to the user that rsyslogd becomes", () => {
  const main = `$PrivDropToUser syslog\n$PrivDropToGroup syslog\n${plainMain}`;
  const edits = planServer(server, { "/etc/rsyslog.conf": main });
  assert.deepEqual(
    edits.directories.map(({ path, owner, group, mode }) => ({ path, owner, group, mode })),
    [{ path: "/var/log/remote", owner: "syslog", group: "adm", mode: "2750" }],
  );
  const rule = edits.files.find(({ path }) => path.endsWith("00-lfce-10.0.0.1.conf"))?.after ?? "";
  assert.doesNotMatch(rule, /fileGroup|fileOwner/);
});

test("a directory that is there is not planned again", () => {
  const edits = planServer(server, files, debian, (host) => ({
    ...host,
    files: { ...host.files, "/var/log/remote": { path: "/var/log/remote", kind: "directory" } },
  }));
  assert.deepEqual(edits.directories, []);
});

test("every directory that is missing above the log files is announced, outermost first", () => {
  const deep = serverOf([storeRule({ web: "10.0.0.1" }, "/srv/logs/remote/{host}.log")]);
  const edits = planServer(deep, files, debian, (host) => ({
    ...host,
    files: {
      ...host.files,
      "/srv": { path: "/srv", kind: "directory" },
      "/srv/logs": { path: "/srv/logs", kind: "missing" },
      "/srv/logs/remote": { path: "/srv/logs/remote", kind: "missing" },
    },
  }));
  assert.deepEqual(
    edits.directories.map(({ path }) => path),
    ["/srv/logs", "/srv/logs/remote"],
  );
});

test("from few clients to many and back, every file is as it was", () => {
  const declare = (count: number) => serverOf([storeRule(clients(count), "/var/log/remote/{host}.log")]);
  const few = filesAfter(files, planServer(declare(32), files));
  assert.equal(Object.keys(few).filter((path) => path.startsWith("/etc/rsyslog.d/")).length, 32);
  const many = filesAfter(few, planServer(declare(33), few));
  assert.deepEqual(
    Object.keys(many).filter((path) => path.startsWith("/etc/rsyslog.d/")),
    ["/etc/rsyslog.d/00-lfce-clients.conf", "/etc/rsyslog.d/00-lfce-clients.json"],
  );
  assert.deepEqual(filesAfter(many, planServer(declare(32), many)), few);
});

test("where the include reads every file of the directory, no table is put into it", () => {
  const main = {
    "/etc/rsyslog.conf": 'module(load="imuxsock")\n$IncludeConfig /etc/rsyslog.d/\n*.* /var/log/syslog\n',
  };
  const edits = planServer(serverOf([storeRule(clients(40), "/var/log/remote/{host}.log")]), main);
  assert.equal(
    edits.files.some(({ path }) => path.endsWith(".json")),
    false,
  );
  assert.equal(edits.files.filter(({ path }) => path.startsWith("/etc/rsyslog.d/")).length, 40);
});

test("two thousand clients are planned in a moment, and again without a change", () => {
  const declared = serverOf([storeRule(clients(2000), "/var/log/remote/{host}/{date}.log")]);
  const started = performance.now();
  const after = filesAfter(files, planServer(declared, files));
  assert.deepEqual(planServer(declared, after).files, []);
  assert.ok(performance.now() - started < 5000);
});

test("the order in which a name service gives addresses changes nothing", () => {
  const declare = (addresses: string[]) => serverOf([storeRule({ web: addresses }, "/var/log/{host}.log")]);
  const after = filesAfter(files, planServer(declare(["10.0.0.9", "10.0.0.10", "fd00::1"]), files));
  assert.deepEqual(planServer(declare(["fd00::1", "10.0.0.10", "10.0.0.9"]), after).files, []);
});

test("a listener's port there and back leaves the file as it was", () => {
  const before = {
    "/etc/rsyslog.conf": `module(load="imtcp")\ninput(type="imtcp" port="514")\n${plainMain}`,
  };
  const bound = { ...server, listen: [{ protocol: "tcp" as const, port: 514, address: "10.0.0.9" }] };
  const start = filesAfter(before, planServer(server, before));
  const away = filesAfter(start, planServer(bound, start));
  assert.match(away["/etc/rsyslog.conf"] ?? "", /^#lfce# input/m);
  assert.deepEqual(filesAfter(away, planServer(server, away)), start);
});

test("every listener that is left alone is named with its place", () => {
  const main = { "/etc/rsyslog.conf": `module(load="imudp")\ninput(type="imudp" port="514")\n${plainMain}` };
  const warning = planServer(server, main).warnings.find(({ code }) => code === "other-listener");
  assert.match(warning?.message ?? "", /^\/etc\/rsyslog\.conf:2 listens on udp port 514/);
});

test("what the playbook declares for any sender is in force in the default ruleset", () => {
  const rules = serverOf([{ from: [{ kind: "any" }], file: "/var/log/any.log", stop: true }]);
  const after = hostWith(filesAfter(files, planServer(rules, files)));
  const model = rsyslogInForce(after, "/etc/rsyslog.conf");
  assert.deepEqual(
    model.fileActions.map(({ path, ruleset }) => [path, ruleset]),
    [
      ["/var/log/any.log", "RSYSLOG_DefaultRuleset"],
      ["/var/log/syslog", "RSYSLOG_DefaultRuleset"],
    ],
  );
});

test("rotate needs logrotate: it is installed first where it is missing", () => {
  const rotating = serverOf([
    storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log", { rotate: { keepDays: 7, compress: true } }),
  ]);
  const host = { ...hostWith(files), programs: {} };
  assert.deepEqual(planRsyslog({ playbook: "lab", server: rotating }, host, debian).packages, ["logrotate"]);
  assert.deepEqual(planRsyslog({ playbook: "lab", server }, host, debian).packages, []);
});

test("a mode that the daemon's umask would take bits from is a warning on EL", () => {
  const codes = (mode: string, main: string) =>
    planServer(
      serverOf([storeRule({ web: "10.0.0.1" }, "/var/log/remote/{host}.log", { mode })]),
      { "/etc/rsyslog.conf": main },
      el,
    ).warnings.map(({ code }) => code);
  assert.ok(codes("0644", plainMain).includes("mode-masked"));
  assert.ok(!codes("0600", plainMain).includes("mode-masked"));
  assert.ok(!codes("0644", `$Umask 0022\n${plainMain}`).includes("mode-masked"));
});

test("a server that takes messages from some senders only says so", () => {
  const main = { "/etc/rsyslog.conf": `$AllowedSender TCP, 127.0.0.1, 10.9.0.0/16\n${plainMain}` };
  assert.ok(planServer(server, main).warnings.some(({ code }) => code === "allowed-sender"));
  const udp = { ...server, listen: [{ protocol: "udp" as const, port: 514 }] };
  assert.ok(!planServer(udp, main).warnings.some(({ code }) => code === "allowed-sender"));
});

test("an address to listen on that is none is refused", () => {
  const listen = [{ protocol: "tcp" as const, port: 514, address: '10.0.0.1" x="' }];
  assert.deepEqual(
    planServer({ ...server, listen }).errors.map(({ code }) => code),
    ["address-invalid"],
  );
});

test("a file whose statement has no end is refused where lfce's lines would become part of it", () => {
  const codes = (main: string) =>
    planServer(server, { "/etc/rsyslog.conf": main }).errors.map(({ code }) => code);
  const include = "$IncludeConfig /etc/rsyslog.d/*.conf\n";
  // The pattern's `/*` begins a comment within the object.
  assert.deepEqual(codes(`module(load="imtcp"\n${include}`), ["statement-unfinished"]);
  assert.deepEqual(codes(`module(load="imtcp")\n${include}`), []);
});

test("a file that lfce did not write is never removed", () => {
  const foreign = {
    ...files,
    "/etc/rsyslog.d/00-lfce-other.json": "{}",
    "/etc/rsyslog.d/00-lfce-x.conf": "# mine\n",
  };
  const after = filesAfter(foreign, planServer({ ...server, state: "absent" }, foreign));
  assert.deepEqual(after, foreign);
});
