import assert from "node:assert/strict";
import { it } from "node:test";
import { LfceError } from "../../../src/core/errors.ts";
import type { NonceWatch } from "../../../src/core/evidence.ts";
import type { HostRun, HostView } from "../../../src/run/host-run.ts";
import type { ProofContext } from "../../../src/run/proof-context.ts";
import { proveArrival } from "../../../src/run/prove-logs.ts";
import type { DesiredForward, DesiredSyslogServer } from "../../../src/services/rsyslog/desired.ts";
import { silentEvidence } from "../services/rsyslog/silent-evidence.ts";

const forward: DesiredForward = {
  address: "192.0.2.1",
  aliases: ["192.0.2.1"],
  host: "log1",
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  queue: false,
  retry: -1,
};
const client = { state: "present" as const, forwards: [forward], verifyTimeout: 30 };
const sender = { host: "web1", addresses: ["192.0.2.2"] };
const server: DesiredSyslogServer = {
  state: "present",
  listen: [{ protocol: "tcp", port: 514 }],
  store: [{ from: [{ kind: "senders", senders: [sender] }], file: "/var/log/remote/{host}.log", stop: true }],
};

/** web1, which logs to log1; the watch on log1 is what a test hands in. */
function place(watch: Promise<NonceWatch>) {
  const distro = { services: { rsyslog: { unit: "rsyslog" } }, spoolDirectory: "/var/spool/rsyslog" };
  const sent: string[] = [];
  const view = {
    session: {
      logNonce: async (nonce: string) => void sent.push(nonce),
      syslogEvidence: async () => silentEvidence,
    },
    observed: { hostname: "web1", addresses: ["192.0.2.2"] },
    distro,
    resolved: { errors: [] },
  } as unknown as HostView;
  const serverView = {
    session: { watchForNonces: () => watch, syslogEvidence: async () => silentEvidence },
    distro,
    resolved: { errors: [], rsyslog: { playbook: "test", server } },
    plan: { host: "log1", services: [] },
  } as unknown as HostView;
  const declaration = { host: "web1", serviceAddress: "192.0.2.2" };
  const context = {
    fleet: { hosts: new Map([["log1", { host: "log1" }]]) },
    runs: new Map(),
    views: new Map([["log1", Promise.resolve(serverView)]]),
    watches: new Map(),
    effects: {
      now: () => 0,
      wait: () => new Promise<void>((resolve) => setImmediate(resolve)),
      freshId: () => String(sent.length + 1),
      debug: () => {},
      signal: new AbortController().signal,
    },
  } as unknown as ProofContext;
  return { sent, prove: () => proveArrival({ declaration } as HostRun, view, client, forward, context) };
}

const lost = () => new LfceError({ code: "connection-lost", message: "The connection to log1 was lost." });

it("a log server on which no look-out can be started leaves its client unproven, not failed", async () => {
  const { prove } = place(Promise.reject(lost()));
  const check = await prove();
  assert.equal(check.result, "unproven");
  assert.match(check.detail, /log1 could not be reached/);
});

it("a log server that is lost while its client sends leaves the client unproven, at once", async () => {
  const watch: NonceWatch = { expect: () => Promise.reject(lost()), close: async () => {} };
  const { prove, sent } = place(Promise.resolve(watch));
  const check = await prove();
  assert.equal(check.result, "unproven");
  assert.equal(sent.length, 1);
});
