import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HostSession } from "../../src/core/host-session.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { differences, snapshot } from "./host-state.ts";
import { leftBehind } from "./left-behind.ts";
import { onHost, openHost } from "./proof-hosts.ts";
import { appendLines, type ServiceNames, serviceNames, withoutOwnDirectory } from "./service-change.ts";

/** A power cut in the middle of a change. No lfce runs afterwards: the machine's next boot has to do it. */
for (const machine of ["web1", "log1", "old1", "db1"]) {
  describe(`a power cut on ${machine}`, () => {
    let lab: Lab;
    let session: HostSession;
    let names: ServiceNames;
    let stock: Map<string, string>;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      names = serviceNames(lab, machine);
      stock = withoutOwnDirectory(await snapshot(lab, machine));
    });
    after(() => session?.close().catch(() => undefined));

    const connect = async () => {
      await session?.close().catch(() => undefined);
      session = await openHost(lab, machine);
    };

    it("before the verdict: the boot puts back, before the daemons start, and leaves nothing", async () => {
      await connect();
      const transaction = await appendLines(lab, machine, { chrony: "# changed", rsyslog: "# changed" });
      await session.apply(transaction);
      const wanted = "/etc/systemd/system/multi-user.target.wants/lfce-recover.service";
      await onHost(lab, machine, `test -L ${wanted} && test -e /var/lib/lfce/open`);
      await lab.powerCut(machine);
      const backup = `/var/lib/lfce/transactions/${transaction.id}`;
      assert.match(
        await onHost(lab, machine, `cat ${backup}/meta`),
        /^rolled-back-because the machine was restarted before the verdict came$/m,
      );
      assert.deepEqual(differences(stock, withoutOwnDirectory(await snapshot(lab, machine))), []);
      assert.deepEqual(await leftBehind(lab, machine), []);
      const { chrony, rsyslog } = names.units;
      assert.equal(await onHost(lab, machine, `systemctl is-active ${chrony} rsyslog`), "active\nactive\n");
      // Each daemon was started once in this boot, after its file was back.
      for (const unit of [chrony, rsyslog]) {
        const [started, restored] = (
          await onHost(
            lab,
            machine,
            `date -d "$(systemctl show -p ExecMainStartTimestamp --value ${unit})" +%s; stat -c %Z ${backup}/rolled-back`,
          )
        )
          .split("\n")
          .map(Number);
        assert.ok((started as number) >= (restored as number), `${unit}: ${started} before ${restored}`);
      }
    });

    it("after the commit: the boot leaves the change in place", async () => {
      await connect();
      const pending = await session.apply(await appendLines(lab, machine, { chrony: "# committed" }));
      await pending.commit();
      await lab.powerCut(machine);
      assert.equal(await onHost(lab, machine, `tail -n 1 ${names.files.chrony}`), "# committed\n");
      assert.deepEqual(await leftBehind(lab, machine), []);
    });
  });
}
