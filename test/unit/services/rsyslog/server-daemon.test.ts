import assert from "node:assert/strict";
import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DesiredListener, DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { arrives, contentOf, filesBelow, sendTcp } from "./server-daemon.ts";
import { serverOf, storeRule } from "./server-host.ts";
import { scene } from "./server-scene.ts";

/** A server with these rules that listens on the scene's port. */
const rules =
  (store: (log: string) => DesiredStoreRule[], protocol: DesiredListener["protocol"] = "tcp") =>
  (log: string, port: number) =>
    serverOf(store(log), { listen: [{ protocol, port }] });

/** Today as the server spells it in a file's name. */
function today(): string {
  const now = new Date();
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

test("each client's messages go to its own file and, with stop, nowhere else", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ web: "127.0.0.2", db: "127.0.0.3" }, `${log}/remote/{host}.log`)]),
  });
  if (!run) return;
  await run.send("127.0.0.2", "web app: from-web");
  await run.send("127.0.0.3", "db app: from-db");
  await run.send("127.0.0.4", "other app: from-other");
  await arrives(join(run.log, "remote/web.log"), "from-web");
  await arrives(join(run.log, "remote/db.log"), "from-db");
  await arrives(join(run.log, "local"), "from-other");
  assert.doesNotMatch(contentOf(join(run.log, "local")), /from-web|from-db/);
  assert.doesNotMatch(contentOf(join(run.log, "remote/web.log")), /from-db|from-other/);
  assert.equal(statSync(join(run.log, "remote/web.log")).mode & 0o777, 0o640);
});

test("without stop a message goes on to the server's own files", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      storeRule({ web: "127.0.0.2" }, `${log}/{host}.log`, { stop: false, mode: "0600" }),
    ]),
  });
  if (!run) return;
  await run.send("127.0.0.2", "web app: seen-twice");
  await arrives(join(run.log, "web.log"), "seen-twice");
  await arrives(join(run.log, "local"), "seen-twice");
  assert.equal(statSync(join(run.log, "web.log")).mode & 0o777, 0o600);
});

test("a dated file carries the server's own date, whatever the message says", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      storeRule({ web: "127.0.0.2" }, `${log}/remote/{host}/{year}/{month}/{date}-{day}.log`),
    ]),
  });
  if (!run) return;
  const day = today();
  const [year, month, date] = day.split("-");
  await sendTcp(run.port, "127.0.0.2", "<134>1 1999-01-02T03:04:05Z web app - - - old-clock");
  await arrives(join(run.log, `remote/web/${year}/${month}/${day}-${date}.log`), "old-clock");
});

test("a rule for any sender takes what came over the network and leaves local messages alone", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [{ from: [{ kind: "any" }], file: `${log}/any/{address}.log`, stop: true }]),
  });
  if (!run) return;
  run.sendLocally("said-here");
  await run.send("127.0.0.1", "here app: from-loopback");
  await run.send("127.0.0.9", "there app: from-nine");
  await arrives(join(run.log, "local"), "said-here");
  await arrives(join(run.log, "any/127.0.0.1.log"), "from-loopback");
  await arrives(join(run.log, "any/127.0.0.9.log"), "from-nine");
  assert.deepEqual(filesBelow(join(run.log, "any")), ["127.0.0.1.log", "127.0.0.9.log"]);
  assert.doesNotMatch(contentOf(join(run.log, "local")), /from-/);
});

test("a client on the server itself does not take the server's own messages along", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ self: "127.0.0.1" }, `${log}/{host}.log`)]),
  });
  if (!run) return;
  run.sendLocally("said-here");
  await run.send("127.0.0.1", "self app: by-network");
  await arrives(join(run.log, "local"), "said-here");
  await arrives(join(run.log, "self.log"), "by-network");
  assert.doesNotMatch(contentOf(join(run.log, "self.log")), /said-here/);
});

test("a listener that somebody gave a name of its own is a network input all the same", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [{ from: [{ kind: "any" }], file: `${log}/any.log`, stop: true }]),
    main: (log, port) => `module(load="imtcp")
input(type="imtcp" port="${port}" name="edge")
$IncludeConfig /etc/rsyslog.d/*.conf
*.* ${log}/local
`,
  });
  if (!run) return;
  await run.send("127.0.0.2", "web app: by-edge");
  await arrives(join(run.log, "any.log"), "by-edge");
});

test("a listener of imptcp is a network input as well", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [{ from: [{ kind: "any" }], file: `${log}/any.log`, stop: true }]),
    main: (log, port) => `module(load="imptcp")
input(type="imptcp" port="${port}")
$IncludeConfig /etc/rsyslog.d/*.conf
*.* ${log}/local
`,
  });
  if (!run) return;
  run.sendLocally("said-here");
  await run.send("127.0.0.2", "web app: by-imptcp");
  await arrives(join(run.log, "any.log"), "by-imptcp");
  await arrives(join(run.log, "local"), "said-here");
  assert.doesNotMatch(contentOf(join(run.log, "any.log")), /said-here/);
});

test("a client with two addresses has one file, whichever it sends from", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ dual: ["127.0.0.3", "127.0.0.2"] }, `${log}/{host}.log`)]),
  });
  if (!run) return;
  await run.send("127.0.0.2", "dual app: from-two");
  await run.send("127.0.0.3", "dual app: from-three");
  await run.send("127.0.0.4", "other app: from-four");
  await arrives(join(run.log, "dual.log"), "from-two");
  await arrives(join(run.log, "dual.log"), "from-three");
  await arrives(join(run.log, "local"), "from-four");
  assert.doesNotMatch(contentOf(join(run.log, "local")), /from-t/);
});

test("rules for networks hold for their senders only, in the declared order", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "network", network: "127.0.16.0/20" }], file: `${log}/wide.log`, stop: true },
      { from: [{ kind: "network", network: "127.0.40.128/25" }], file: `${log}/narrow.log`, stop: true },
      { from: [{ kind: "any" }], file: `${log}/any.log`, stop: true },
    ]),
  });
  if (!run) return;
  await run.send("127.0.31.7", "a app: in-wide");
  await run.send("127.0.32.7", "a app: beyond-wide");
  await run.send("127.0.40.200", "a app: in-narrow");
  await run.send("127.0.40.20", "a app: beyond-narrow");
  await arrives(join(run.log, "wide.log"), "in-wide");
  await arrives(join(run.log, "narrow.log"), "in-narrow");
  await arrives(join(run.log, "any.log"), "beyond-wide");
  await arrives(join(run.log, "any.log"), "beyond-narrow");
  assert.doesNotMatch(contentOf(join(run.log, "any.log")), /in-/);
});

test("an IPv6 client and an IPv6 network are told apart", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "network", network: "::/64" }], file: `${log}/network.log`, stop: false },
      storeRule({ six: "::1" }, `${log}/{host}-{address}.log`),
    ]),
  });
  if (!run) return;
  await sendTcp(run.port, "::1", "<134>Nov 23 12:00:00 six app: by-six", "::1");
  await arrives(join(run.log, "six-::1.log"), "by-six");
  await arrives(join(run.log, "network.log"), "by-six");
});

test("a host name is what the sender reports, in any case", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "hostname", hostname: "Router.example" }], file: `${log}/router.log`, stop: true },
    ]),
  });
  if (!run) return;
  await run.send("127.0.0.5", "ROUTER.example app: by-name");
  await run.send("127.0.0.5", "router app: other-name");
  await arrives(join(run.log, "router.log"), "by-name");
  await arrives(join(run.log, "local"), "other-name");
  assert.doesNotMatch(contentOf(join(run.log, "local")), /by-name/);
});

test("a sender cannot lead its messages out of the declared directory", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "any" }], file: `${log}/in/{hostname}/{program}.log`, stop: true },
    ]),
  });
  if (!run) return;
  await sendTcp(run.port, "127.0.0.2", "<134>1 2026-11-23T12:00:00Z ../../up ../../x - - - climbs");
  await sendTcp(run.port, "127.0.0.2", "<134>1 2026-11-23T12:00:00Z .. .. - - - dots");
  await sendTcp(run.port, "127.0.0.2", "<134>1 2026-11-23T12:00:00Z plain app - - - stays");
  await arrives(join(run.log, "in/plain/app.log"), "stays");
  assert.deepEqual(
    filesBelow(run.log).filter((path) => !path.startsWith("in/")),
    [],
  );
  const stored = filesBelow(join(run.log, "in")).map((path) => contentOf(join(run.log, "in", path)));
  assert.match(stored.join(""), /climbs/);
  assert.match(stored.join(""), /dots/);
});

test("a rule for any sender that is declared before a client's own is followed first, and once", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "any" }], file: `${log}/all.log`, stop: false },
      storeRule({ web: "127.0.0.2" }, `${log}/{host}.log`, { stop: false }),
      storeRule({ db: "127.0.0.3" }, `${log}/{host}.log`),
      { from: [{ kind: "network", network: "127.0.0.0/24" }], file: `${log}/net.log`, stop: true },
    ]),
  });
  if (!run) return;
  await run.send("127.0.0.2", "web app: from-web");
  await run.send("127.0.0.3", "db app: from-db");
  await run.send("127.0.0.4", "other app: from-other");
  await arrives(join(run.log, "net.log"), "from-other");
  await arrives(join(run.log, "net.log"), "from-web");
  const lines = (name: string) =>
    contentOf(join(run.log, name))
      .split("\n")
      .flatMap((line) => /from-\w+/.exec(line) ?? [])
      .sort();
  assert.deepEqual(lines("all.log"), ["from-db", "from-other", "from-web"]);
  assert.deepEqual(lines("web.log"), ["from-web"]);
  assert.deepEqual(lines("db.log"), ["from-db"]);
  assert.deepEqual(lines("net.log"), ["from-other", "from-web"]);
  assert.deepEqual(lines("local"), []);
});

test("many clients are found in a table, and every rule holds for them as for few", async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`host${index}`, `127.0.2.${index + 1}`]),
  );
  const run = await scene(t, {
    server: rules((log) => [
      { from: [{ kind: "any" }], file: `${log}/all.log`, stop: false },
      storeRule({ host3: "127.0.2.4" }, `${log}/special.log`),
      storeRule(many, `${log}/remote/{host}/{date}.log`),
      storeRule({ last: "127.0.3.1" }, `${log}/last-{address}.log`, { stop: false }),
      { from: [{ kind: "any" }], file: `${log}/rest.log`, stop: false },
    ]),
  });
  if (!run) return;
  for (const address of ["127.0.2.1", "127.0.2.40", "127.0.2.4", "127.0.3.1", "127.0.4.1"])
    await run.send(address, `a app: from-${address}-`);
  run.sendLocally("said-here");
  await arrives(join(run.log, "rest.log"), "from-127.0.4.1-");
  await arrives(join(run.log, "rest.log"), "from-127.0.3.1-");
  await arrives(join(run.log, `remote/host0/${today()}.log`), "from-127.0.2.1-");
  await arrives(join(run.log, `remote/host39/${today()}.log`), "from-127.0.2.40-");
  await arrives(join(run.log, "special.log"), "from-127.0.2.4-");
  await arrives(join(run.log, "last-127.0.3.1.log"), "from-127.0.3.1-");
  await arrives(join(run.log, "local"), "said-here");
  assert.equal(contentOf(join(run.log, "all.log")).match(/from-/g)?.length, 5);
  assert.equal(contentOf(join(run.log, "rest.log")).match(/from-/g)?.length, 2);
  assert.doesNotMatch(contentOf(join(run.log, "local")), /from-127\.0\.2\./);
});

test("messages arrive by UDP as well", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ web: "127.0.0.2" }, `${log}/{host}.log`)], "udp"),
  });
  if (!run) return;
  await run.sendUdp("127.0.0.2", "web app: by-udp");
  await arrives(join(run.log, "web.log"), "by-udp");
});

test("a listener that gave its messages to another ruleset is replaced on its port", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ web: "127.0.0.2" }, `${log}/{host}.log`)]),
    main: (log, port) => `$ModLoad imtcp
$RuleSet remote
*.* ${log}/remote-ruleset
$RuleSet RSYSLOG_DefaultRuleset
$InputTCPServerBindRuleset remote
$InputTCPServerRun ${port}
$IncludeConfig /etc/rsyslog.d/*.conf
*.* ${log}/local
`,
  });
  if (!run) return;
  await run.send("127.0.0.2", "web app: from-web");
  await arrives(join(run.log, "web.log"), "from-web");
  assert.doesNotMatch(contentOf(join(run.log, "remote-ruleset")), /from-web/);
});

test("after its file was renamed and a HUP came, the daemon writes to a new one", async (t) => {
  const run = await scene(t, {
    server: rules((log) => [storeRule({ web: "127.0.0.2" }, `${log}/{host}.log`)]),
  });
  if (!run) return;
  const file = join(run.log, "web.log");
  await run.send("127.0.0.2", "web app: before");
  await arrives(file, "before");
  renameSync(file, `${file}.1`);
  process.kill(run.pid, "SIGHUP");
  let sent = 0;
  while (!/after/.test(contentOf(file)) && sent++ < 50) await run.send("127.0.0.2", `web app: after-${sent}`);
  await arrives(file, "after");
});
