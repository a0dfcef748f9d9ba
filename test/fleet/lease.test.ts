import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { HostSession } from "../../src/core/host-session.ts";
import type { PendingTransaction, Transaction } from "../../src/core/transaction.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { fleetLab } from "./fleet-lab.ts";
import { differences, snapshot } from "./host-state.ts";
import { leftBehind } from "./left-behind.ts";
import { onHost, openHost } from "./proof-hosts.ts";
import { appendLines, serviceNames, withoutOwnDirectory } from "./service-change.ts";

/** Nobody confirms a change: the host puts it back by itself, whatever became of the process at work. */
for (const machine of ["web1", "log1", "old1", "db1"]) {
  describe(`a change on ${machine} that nobody confirms`, () => {
    let lab: Lab;
    let session: HostSession;
    let stock: Map<string, string>;
    let transaction: Transaction;
    let pending: PendingTransaction;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      stock = withoutOwnDirectory(await snapshot(lab, machine));
    });
    beforeEach(async () => {
      session = await openHost(lab, machine);
      transaction = await appendLines(lab, machine, { chrony: "# changed" }, { leaseSeconds: 5 });
      pending = await session.apply(transaction);
    });
    after(() => session?.close().catch(() => undefined));

    async function assertPutsItselfBack(because: RegExp): Promise<void> {
      const verdict = `/var/lib/lfce/transactions/${transaction.id}/rolled-back`;
      await waitFor(
        "the change to be put back",
        async () => {
          const { code } = await lab.run(machine, ["test", "-e", verdict]);
          return code === 0 && (await leftBehind(lab, machine)).length === 0;
        },
        { seconds: 60 },
      );
      assert.match(await onHost(lab, machine, `cat ${verdict.replace(/rolled-back$/, "meta")}`), because);
      assert.deepEqual(differences(stock, withoutOwnDirectory(await snapshot(lab, machine))), []);
      const { chrony } = serviceNames(lab, machine).units;
      assert.equal(await onHost(lab, machine, `systemctl is-active ${chrony} rsyslog`), "active\nactive\n");
      await session.close().catch(() => undefined);
    }

    it("the process on the host is killed: its timer puts back", async () => {
      await onHost(lab, machine, "kill -9 $(sed -n 's/^pid //p' /var/lib/lfce/lock)");
      await assertPutsItselfBack(/^rolled-back-because the process at work on the host was gone/m);
    });

    // What follows is the script's own doing and takes its time: once is enough.
    if (machine !== "web1") return;

    it("the process on the host hangs: its timer ends it when the lease is over, and puts back", async () => {
      await onHost(lab, machine, "kill -STOP $(sed -n 's/^pid //p' /var/lib/lfce/lock)");
      await assertPutsItselfBack(/^rolled-back-because no verdict came within the lease/m);
    });

    it("the network is gone: the end of the lease puts back", async () => {
      await lab.linkDown(machine);
      try {
        await assertPutsItselfBack(/^rolled-back-by (lease|connection)/m);
      } finally {
        await lab.linkUp(machine);
      }
    });

    it("a lease that is renewed is not over: the change is confirmed after three of them", async () => {
      const uptime = async () => Number((await onHost(lab, machine, "cut -d . -f 1 /proc/uptime")).trim());
      const end = (await uptime()) + 3 * transaction.leaseSeconds;
      await waitFor("three leases to pass", async () => (await uptime()) > end, { seconds: 60 });
      await pending.commit();
      assert.notDeepEqual(differences(stock, withoutOwnDirectory(await snapshot(lab, machine))), []);
      assert.deepEqual(await leftBehind(lab, machine), []);
      await lab.reset(machine);
    });
  });
}
