import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf } from "./host-state.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

/** A new file a day, and one that always has the same name. */
function stores(rotated: boolean): string {
  const rotate = (text: string) => (rotated ? `, rotate: ${text}` : "");
  return timeAndLogs({
    syslogServer: [
      "store:",
      `  - { file: "/var/log/remote/{host}/{date}.log", stop: false${rotate("{ keep: 30d, compress: true }")} }`,
      `  - { from: any, file: /var/log/remote/all.log${rotate("{ keep: 7d }")} }`,
    ],
  });
}

const servers = ["log1", "db1"];
const LOGROTATE = "/etc/logrotate.d/lfce-syslog-server";

describe("rotation on a log server", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers, clients: ["web1"] }));
    for (const machine of [...servers, "web1"]) await lab.reset(machine);
    const run = await place.json("apply", stores(true));
    assert.equal(run.code, 0, run.trouble);
  });
  after(() => place.remove());

  it("validate says that the disk will fill without it, for each rule, and nothing of it with it", async () => {
    const validate = () => place.run(["validate", "playbook.yml", "-i", "inventory.yml", "-o", "json"]);
    const without = async (playbook: string) => {
      place.write("playbook.yml", playbook);
      const said: { warnings: { code: string; message: string; hint?: string }[] } = JSON.parse(
        (await validate()).stdout,
      );
      return said.warnings.filter(({ code }) => code === "advice.no-rotate");
    };
    assert.deepEqual(await without(stores(true)), []);
    const advice = await without(stores(false));
    assert.deepEqual(
      [...new Set(advice.map(({ message }) => message))],
      [
        "log1, db1: nothing cleans up /var/log/remote/{host}/{date}.log: the disk will fill",
        "log1, db1: nothing cleans up /var/log/remote/all.log: the disk will fill",
      ],
    );
    assert.match(advice[0]?.hint ?? "", /rotate: \{keep: 30d/);
    const text = await place.run(["validate", "playbook.yml", "-i", "inventory.yml"]);
    assert.match(text.stdout, /the disk will fill/);
  });

  for (const server of servers) {
    describe(`on ${server}`, () => {
      const directory = "/var/log/remote/web1";

      /** Runs logrotate as the distribution's timer does, a day after it last did. */
      async function aDayLater(): Promise<void> {
        const state = "/tmp/logrotate-state";
        await onHost(
          lab,
          server,
          `logrotate --state ${state} ${LOGROTATE}
           sed -i -E 's/ [0-9]+-[0-9]+-[0-9]+-[0-9:]+$/ '"$(date -d '2 days ago' +%Y-%-m-%-d-%H:%M:%S)"'/' ${state}
           logrotate --state ${state} ${LOGROTATE}`,
        );
      }

      async function says(text: string, path: string): Promise<void> {
        await onHost(lab, "web1", `logger -p local6.info -t rotation ${text}`);
        const { code } = await lab.run(server, [
          "timeout",
          "30",
          "sh",
          "-c",
          'until grep -qF -- "$1" "$2"; do sleep 0.1; done',
          "sh",
          text,
          path,
        ]);
        assert.equal(code, 0, `${text} did not arrive in ${path}`);
      }

      it("compresses dated files that are done, deletes the old, and keeps today's open", async () => {
        const today = (await onHost(lab, server, `date +${directory}/%Y-%m-%d.log`)).trim();
        await says(`before-rotation-on-${server}`, today);
        await onHost(
          lab,
          server,
          `cd ${directory}
           fake() { echo "$1" >"$1"; touch -d "$2 days ago" "$1"; }
           fake 2001-01-01.log 2; fake 2001-01-02.log 29; fake 2001-01-03.log 31
           fake 2001-01-04.log 3; gzip 2001-01-04.log
           fake 2001-01-05.log 40; gzip 2001-01-05.log
           fake notes.txt 400`,
        );
        await aDayLater();
        const left = (await onHost(lab, server, `ls ${directory}`)).split("\n").filter((name) => name !== "");
        assert.deepEqual(
          left.sort(),
          [
            "2001-01-01.log.gz",
            "2001-01-02.log.gz",
            "2001-01-04.log.gz",
            "notes.txt",
            today.slice(directory.length + 1),
          ].sort(),
        );
        assert.equal(await onHost(lab, server, `zcat ${directory}/2001-01-01.log.gz`), "2001-01-01.log\n");
        assert.match(await contentOf(lab, server, today), new RegExp(`before-rotation-on-${server}`));
        await says(`after-rotation-on-${server}`, today);
      });

      it("renames a file of one name, writes on in a new one, and keeps seven of the old", async () => {
        const file = "/var/log/remote/all.log";
        await says(`first-in-${server}`, file);
        await aDayLater();
        assert.match(await contentOf(lab, server, `${file}.1`), new RegExp(`first-in-${server}`));
        await says(`second-in-${server}`, file);
        assert.doesNotMatch(await contentOf(lab, server, file), new RegExp(`first-in-${server}`));
        const facts = await onHost(lab, server, `stat -c '%a %U:%G' ${file} ${file}.1 | sort -u`);
        assert.equal(facts.trim().split("\n").length, 1, `mode and owner changed: ${facts}`);
        for (let day = 0; day < 9; day += 1) {
          await onHost(lab, server, `echo day-${day} >>${file}`);
          await aDayLater();
        }
        const old = await onHost(lab, server, `ls ${file}.*`);
        assert.equal(old.trim().split("\n").length, 7, old);
        await says(`last-in-${server}`, file);
      });
    });
  }

  it("is declared state: the next run changes nothing, and without rotate the file goes", async () => {
    const again = await place.json("apply", stores(true));
    assert.equal(again.code, 0, again.trouble);
    assert.equal(again.summary.hosts.unchanged, 3);
    const without = await place.json("apply", stores(false), "--limit", "log1");
    assert.equal(without.code, 0, without.trouble);
    assert.deepEqual(
      without.host("log1").changes.map(({ kind, target }) => `${kind} ${target}`),
      [`file ${LOGROTATE}`],
    );
    await onHost(lab, "log1", `test ! -e ${LOGROTATE}`);
  });
});
