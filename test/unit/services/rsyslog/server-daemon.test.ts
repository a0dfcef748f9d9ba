import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredSyslogServer } from "../../../../src/services/rsyslog/desired.ts";
import { rsyslogInForce, treeOf } from "../../../../src/services/rsyslog/in-force.ts";
import { planSyslogServer } from "../../../../src/services/rsyslog/server-plan.ts";
import {
  arrives,
  complaints,
  contentOf,
  daemonMissing,
  filesBelow,
  freePort,
  scratchDirectory,
  sendTcp,
  sendUdp,
  startDaemon,
  writeTree,
} from "./server-daemon.ts";
import { filesAfter, hostWith, serverOf, storeRule } from "./server-host.ts";

const family = { ...debian, logGroup: "root" };

/** A running rsyslogd whose configuration was planned; everything it writes is below its `log` directory. */
interface Scene {
  port: number;
  log: string;
  send(from: string, message: string): Promise<void>;
  sendUdp(from: string, message: string): Promise<void>;
}

async function scene(
  context: TestContext,
  declare: (log: string, port: number) => DesiredSyslogServer,
  main?: (log: string, port: number) => string,
): Promise<Scene | undefined> {
  const missing = daemonMissing();
  if (missing !== undefined) {
    context.skip(missing);
    return undefined;
  }
  const directory = scratchDirectory();
  const log = join(directory, "log");
  mkdirSync(log);
  const port = await freePort();
  const start = `global(workDirectory="${directory}/work")\n$IncludeConfig /etc/rsyslog.d/*.conf\n*.* ${log}/local\n`;
  const files = { "/etc/rsyslog.conf": main?.(log, port) ?? start };
  const server = declare(log, port);
  const host = hostWith(files);
  const model = rsyslogInForce(host, "/etc/rsyslog.conf");
  const edits = planSyslogServer({ playbook: "lab", server }, host, family, model, treeOf(host).texts);
  assert.deepEqual(edits.errors, []);
  const path = writeTree(directory, filesAfter(files, edits));
  assert.equal(complaints(path), "");
  const daemon = await startDaemon(directory, path, port);
  context.after(() => daemon.stop());
  return {
    port,
    log,
    send: (from, message) => sendTcp(port, from, `<134>Nov 23 12:00:00 ${message}`),
    sendUdp: (from, message) => sendUdp(port, from, `<134>Nov 23 12:00:00 ${message}`),
  };
}

const on = (port: number) => ({ listen: [{ protocol: "tcp" as const, port }] });

test("each client's messages go to its own file and, with stop, nowhere else", async (t) => {
  const run = await scene(t, (log, port) =>
    serverOf([storeRule({ web: "127.0.0.2", db: "127.0.0.3" }, `${log}/remote/{host}.log`)], on(port)),
  );
  if (!run) return;
  await run.send("127.0.0.2", "web app: from-web");
  await run.send("127.0.0.3", "db app: from-db");
  await run.send("127.0.0.4", "other app: from-other");
  await arrives(join(run.log, "remote/web.log"), "from-web");
  await arrives(join(run.log, "remote/db.log"), "from-db");
  await arrives(join(run.log, "local"), "from-other");
  assert.doesNotMatch(contentOf(join(run.log, "local")), /from-web|from-db/);
  assert.doesNotMatch(contentOf(join(run.log, "remote/web.log")), /from-db|from-other/);
});
