import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredSyslogServer } from "../../../../src/services/rsyslog/desired.ts";
import { rsyslogInForce, treeOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { planSyslogServer } from "../../../../src/services/rsyslog/server/server-plan.ts";
import {
  complaints,
  daemonMissing,
  freePort,
  type RunningDaemon,
  scratchDirectory,
  sendTcp,
  sendUdp,
  startDaemon,
  writeTree,
} from "./server-daemon.ts";
import { filesAfter, hostWith } from "./server-host.ts";

/** The group of log files here is one that every machine has. */
const family = { ...debian, logGroup: "root" };

/** A running rsyslogd whose configuration was planned; everything it writes is below `log`. */
export interface Scene {
  port: number;
  log: string;
  /** Process id of rsyslogd. */
  pid: number;
  send(from: string, message: string): Promise<void>;
  sendUdp(from: string, message: string): Promise<void>;
  /** Logs as a program on the server itself does. */
  sendLocally(message: string): void;
}

/** What a test declares, and with which main file it starts. */
export interface Setting {
  server: (log: string, port: number) => DesiredSyslogServer;
  main?: (log: string, port: number) => string;
}

/**
 * Plans the role on a host with a plain main file, has the real daemon check the result, and runs it until
 * the test ends. Undefined, with a loud skip, where there is no rsyslogd.
 */
export async function scene(context: TestContext, setting: Setting): Promise<Scene | undefined> {
  const missing = daemonMissing();
  if (missing !== undefined) {
    context.skip(missing);
    return undefined;
  }
  const directory = scratchDirectory();
  let daemon: RunningDaemon | undefined;
  context.after(async () => {
    await daemon?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const log = join(directory, "log");
  mkdirSync(log);
  const port = await freePort();
  const inputs = `global(workDirectory="${directory}/work")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${directory}/socket")
`;
  const rest = setting.main?.(log, port) ?? `$IncludeConfig /etc/rsyslog.d/*.conf\n*.* ${log}/local\n`;
  const files = { "/etc/rsyslog.conf": inputs + rest };
  const server = setting.server(log, port);
  const host = hostWith(files);
  const model = rsyslogInForce(host, "/etc/rsyslog.conf");
  const edits = planSyslogServer({ playbook: "lab", server }, host, family, model, treeOf(host).texts);
  assert.deepEqual(edits.errors, []);
  const path = writeTree(directory, filesAfter(files, edits));
  assert.equal(complaints(path), "");
  daemon = await startDaemon(directory, path, port, server.listen[0]?.protocol ?? "tcp");
  return {
    port,
    log,
    pid: daemon.pid,
    send: (from, message) => sendTcp(port, from, `<134>Nov 23 12:00:00 ${message}`),
    sendUdp: (from, message) => sendUdp(port, from, `<134>Nov 23 12:00:00 ${message}`),
    sendLocally: (message) => {
      const { status, stderr } = spawnSync("logger", ["-u", `${directory}/socket`, "-d", message], {
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
    },
  };
}
