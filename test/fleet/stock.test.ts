import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { putStockFile, readStockFile } from "../lab/stock.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot, withoutLfce } from "./host-state.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";

/** What EL and its relatives put into /etc/chrony.conf and /etc/rsyslog.conf; Debian's daemons accept these. */
const releases = [
  ["EL 7", "centos-7.9.conf", "centos-7.conf"],
  ["EL 8", "rhel-8.conf", "rhel-8.9.conf"],
  ["EL 9", "rocky-9.conf", "rhel-9.3.conf"],
  ["Fedora", "fedora-36.conf", "fedora-30-ish.conf"],
] as const;

describe("the files that EL systems come with, on the EL layout", () => {
  let lab: Lab;
  let place: Workplace;
  const playbook = timeAndLogs();
  const absent = playbook.replace(/hosts: clients[\s\S]*/, (play) =>
    play.replaceAll(/- role: (\w+)/g, "- role: $1\n      state: absent"),
  );

  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["db1"] }));
    await lab.reset("time1");
    const served = await place.json("apply", playbook, "--limit", "time1");
    assert.equal(served.code, 0, served.trouble);
  });
  after(() => place.remove());

  for (const [release, chronyFile, rsyslogFile] of releases) {
    it(`${release}: applied, proven, unchanged by the second run, and given back by absent`, async (t) => {
      const chrony = readStockFile("chrony", chronyFile);
      const rsyslog = readStockFile("rsyslog", rsyslogFile);
      if (chrony === undefined || rsyslog === undefined) {
        t.skip(
          `not tested: ${chrony === undefined ? `chrony/${chronyFile}` : `rsyslog/${rsyslogFile}`} of ${release} is not here (LFCE_STOCK)`,
        );
        return;
      }
      await lab.reset("db1");
      await putStockFile(lab, "db1", "chrony", chrony);
      await putStockFile(lab, "db1", "rsyslog", rsyslog);
      const before = {
        chrony: await contentOf(lab, "db1", "/etc/chrony.conf"),
        rsyslog: await contentOf(lab, "db1", "/etc/rsyslog.conf"),
      };

      const applied = await place.json("apply", playbook, "--limit", "db1");
      assert.equal(applied.code, 0, applied.trouble);
      assert.equal(applied.host("db1").status, "changed");
      assert.deepEqual(applied.summary.checks, { passed: 2, failed: 0, unproven: 0 });
      assert.equal(withoutLfce(await contentOf(lab, "db1", "/etc/chrony.conf")), before.chrony);
      assert.equal(withoutLfce(await contentOf(lab, "db1", "/etc/rsyslog.conf")), before.rsyslog);

      const files = await snapshot(lab, "db1");
      const again = await place.json("apply", undefined, "--limit", "db1");
      assert.equal(again.code, 0, again.trouble);
      assert.equal(again.host("db1").status, "unchanged");
      assert.deepEqual(differences(files, await snapshot(lab, "db1")), []);

      const removed = await place.json("apply", absent, "--limit", "db1");
      assert.equal(removed.code, 0, removed.trouble);
      assert.equal(await contentOf(lab, "db1", "/etc/chrony.conf"), before.chrony);
      assert.equal(await contentOf(lab, "db1", "/etc/rsyslog.conf"), before.rsyslog);
    });
  }
});
