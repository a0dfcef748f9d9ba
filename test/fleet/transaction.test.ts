import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { LfceError } from "../../src/core/errors.ts";
import type { FileChange, HealthCheck, ServiceName, StagedTree } from "../../src/core/host-plan.ts";
import type { HostSession } from "../../src/core/host-session.ts";
import { rollbackOf, type Transaction } from "../../src/core/transaction.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot, startTimes } from "./host-state.ts";
import { onHost, openHost } from "./proof-hosts.ts";

/** The transaction on real machines, without the planner: what is asked for here no plan would ask for. */
for (const [machine, chronyUnit, chronyFile] of [
  ["web1", "chrony", "/etc/chrony/chrony.conf"],
  ["log1", "chrony", "/etc/chrony/chrony.conf"],
  ["old1", "chrony", "/etc/chrony/chrony.conf"],
  ["db1", "chronyd", "/etc/chrony.conf"],
] as const) {
  describe(`a transaction on ${machine}`, () => {
    let lab: Lab;
    let session: HostSession;
    let stock: Map<string, string>;
    const files: Record<ServiceName, string> = { chrony: chronyFile, rsyslog: "/etc/rsyslog.conf" };
    const units: Record<ServiceName, string> = { chrony: chronyUnit, rsyslog: "rsyslog" };

    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      session = await openHost(lab, machine);
      stock = await filesNow();
    });
    after(() => session?.close());

    /** Everything but lfce's own directory; a file that went while it was read has no name. */
    async function filesNow(): Promise<Map<string, string>> {
      const all = await snapshot(lab, machine);
      return new Map([...all].filter(([path]) => path !== "" && !path.startsWith("/var/lib/")));
    }

    async function assertAsBefore(): Promise<void> {
      assert.deepEqual(differences(stock, await filesNow()), []);
      assert.equal(
        await onHost(lab, machine, `systemctl is-active ${chronyUnit} rsyslog`),
        "active\nactive\n",
      );
      const left = await onHost(
        lab,
        machine,
        "cd /var/lib/lfce && ls -d lock open rolling-back 2>/dev/null; true",
      );
      assert.equal(left, "");
    }

    const changeHasEnded = () =>
      waitFor(
        "the end of the change",
        async () => (await lab.run(machine, ["test", "-e", "/var/lib/lfce/lock"])).code !== 0,
        { seconds: 20 },
      );

    /** A transaction that appends a line to the main file of a service and restarts it. */
    async function append(
      service: ServiceName,
      line: string,
      parts: Partial<Transaction> = {},
    ): Promise<Transaction> {
      const path = files[service];
      const content = await contentOf(lab, machine, path);
      const file: FileChange = {
        path,
        before: { sha256: createHash("sha256").update(content, "latin1").digest("hex"), content },
        after: `${content}${line}\n`,
        reason: "test",
      };
      const health: HealthCheck[] = [{ kind: "active", unit: units[service] }];
      return {
        id: `test-${++counter}`,
        playbook: "test.yml",
        expect: [{ path, sha256: file.before?.sha256 ?? null }],
        directories: [],
        files: [file],
        staged: [],
        units: [{ unit: units[service], action: "restart", reason: "test" }],
        health,
        loadedFiles: { [units[service]]: [path] },
        leaseSeconds: 60,
        keepFailed: false,
        ...parts,
      };
    }

    /** The main file alone; what it includes stays where it is. */
    function tree(service: ServiceName, transaction: Transaction): StagedTree {
      const main = files[service];
      const beside = { "/etc/chrony/chrony.conf": "/etc/chrony", "/etc/chrony.conf": "/etc" }[main];
      return {
        service,
        main,
        directory: `${beside ?? "/etc/rsyslog.d"}/.lfce-stage-test`,
        stagedMain: main.slice(1),
        files: { [main.slice(1)]: transaction.files[0]?.after ?? "" },
      };
    }

    for (const [service, line, words] of [
      [
        "chrony",
        "server time.example iburst # comment",
        /Could not parse server directive at line \d+ in file \/etc\/chrony/,
      ],
      ["rsyslog", "*.* action(type=", /rsyslog\.conf.*line \d+/],
      ["rsyslog", 'module(load="imnothing")', /imnothing/],
    ] as const) {
      it(`${service} refuses "${line}" while it is staged: nothing is touched, not even restarted`, async () => {
        const starts = await startTimes(lab, machine, [chronyUnit, "rsyslog"]);
        const transaction = await append(service, line);
        transaction.staged = [tree(service, transaction)];
        const error = await failure(session, transaction);
        assert.equal(error.code, "validation-failed", error.message);
        assert.match(error.message, words);
        assert.match(error.message, /nothing on the host was changed/);
        assert.equal(await startTimes(lab, machine, [chronyUnit, "rsyslog"]), starts);
        await assertAsBefore();
      });
    }

    it("a good file is accepted, committed, and remembered with the start of its daemon", async () => {
      const transaction = await append("rsyslog", "# lfce was here");
      transaction.staged = [tree("rsyslog", transaction)];
      const pending = await session.apply(transaction);
      assert.deepEqual(pending.notices, []);
      await pending.commit();
      const observed = await session.observe({ ...NOTHING, units: ["rsyslog"] });
      const record = observed.restartRecords.find(({ unit }) => unit === "rsyslog");
      assert.ok(record);
      assert.equal(record.startedAt, observed.units.rsyslog?.startedAt);
      assert.equal(record.bootId, observed.bootId);
      assert.deepEqual(Object.keys(record.checksums), ["/etc/rsyslog.conf"]);
      await lab.reset(machine);
      await session.close();
      session = await openHost(lab, machine);
      stock = await filesNow();
    });

    it("chronyd does not start: the files come back with inode and time, chronyd runs", async () => {
      const error = await failure(session, await append("chrony", "no such directive"));
      assert.equal(error.code, "unhealthy");
      assert.match(error.message, /every file was put back, and the services run as before/);
      assert.deepEqual(rollbackOf(error)?.restoredFiles, [chronyFile]);
      await assertAsBefore();
    });

    it("rsyslogd drops a part of its new file: put back, with rsyslogd's words", async () => {
      const error = await failure(session, await append("rsyslog", 'module(load="imnothing")'));
      assert.equal(error.code, "unhealthy", error.message);
      assert.match(error.message, /imnothing/);
      await assertAsBefore();
    });

    // Ten seconds of waiting, which are the same everywhere.
    if (machine === "web1")
      it("a port that rsyslogd does not listen on: put back", async () => {
        const health: HealthCheck[] = [{ kind: "listening", protocol: "tcp", port: 5999 }];
        const error = await failure(session, await append("rsyslog", "# nothing", { health }));
        assert.match(error.message, /nothing listens on tcp port 5999/);
        await assertAsBefore();
      });

    it("a forward whose target does not answer is no fault of the configuration", async () => {
      const pending = await session.apply(await append("rsyslog", "*.* @@172.31.96.250:514"));
      const outcome = await pending.rollback("the test is over");
      assert.equal(outcome.healthy, true, outcome.detail);
      await assertAsBefore();
    });

    it("the session ends before the verdict: the host puts back by itself", async () => {
      await session.apply(await append("chrony", "# changed"));
      assert.notDeepEqual(differences(stock, await filesNow()), []);
      await session.close();
      await changeHasEnded();
      await assertAsBefore();
      session = await openHost(lab, machine);
    });

    it("the session of an administrator with sudo ends before the verdict: the same", async () => {
      const admin = await openHost(lab, machine, { user: "admin", become: true });
      await admin.apply(await append("chrony", "# changed"));
      assert.notDeepEqual(differences(stock, await filesNow()), []);
      await admin.close();
      await changeHasEnded();
      await assertAsBefore();
    });

    it("sshd dies with all its sessions before the verdict: the same", async () => {
      await session.apply(await append("chrony", "# changed"));
      await onHost(
        lab,
        machine,
        "for pid in $(pgrep sshd); do kill -9 $pid; done; systemctl restart ssh || systemctl restart sshd",
      );
      await changeHasEnded();
      await assertAsBefore();
      await session.close().catch(() => undefined);
      session = await openHost(lab, machine);
    });
  });
}

let counter = 0;

const NOTHING = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };

function failure(session: HostSession, transaction: Transaction): Promise<LfceError> {
  return session.apply(transaction).then(
    async (pending) => {
      await pending.rollback("the test expected a failure");
      return assert.fail("the change did not fail");
    },
    (reason) => reason,
  );
}
