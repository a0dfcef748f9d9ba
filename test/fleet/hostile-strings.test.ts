import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { byteText, fromBytes } from "../../src/core/byte-text.ts";
import type { HostSession } from "../../src/core/host-session.ts";
import type { Transaction } from "../../src/core/transaction.ts";
import type { Lab } from "../lab/lab.ts";
import { CANARY, hostileStrings } from "../unit/hostile/strings.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf } from "./host-state.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";
import { onHost, openHost } from "./proof-hosts.ts";

/** As many as every attack and some mixtures. */
const STRINGS = hostileStrings(200, 3);
const DIRECTORY = "/etc/lfce-hostile";
const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
/** A value that a chrony directive takes, and that a shell would run. */
const VALUE = `/var/log/$(touch\${IFS}/tmp/${CANARY})\`touch\${IFS}/tmp/${CANARY}\`;touch\${IFS}/tmp/${CANARY};|&&'"\\\\%n%s*?[a]{b}~!#`;

async function noMark(lab: Lab, machine: string): Promise<void> {
  assert.equal(
    await onHost(
      lab,
      machine,
      `find / -xdev -name '*${CANARY}' ! -path '${DIRECTORY}/*' ! -path '/var/lib/lfce/*'`,
    ),
    "",
  );
}

/** A name as near to the string as a file system lets it be. */
function fileName(text: string, index: number): string {
  const name = Buffer.from(text.replaceAll(/[/\n\r\0]/g, "_").replace(/[ \t]+$/, "_")).toString();
  return `${index} ${byteText(name).length > 120 ? name.slice(0, 30) : name}.conf`;
}

for (const machine of ["web1", "db1"]) {
  describe(`hostile strings on ${machine}`, () => {
    let lab: Lab;
    let session: HostSession;
    let place: Workplace;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      session = await openHost(lab, machine, { user: "admin", become: true });
      place = workplace(inventoryOf(lab, { clients: [machine] }));
    });
    after(async () => {
      place.remove();
      await session.close();
    });

    const files = STRINGS.map((text, index) => ({
      path: `${DIRECTORY}/${fileName(text, index)}`,
      content: byteText(text.slice(0, 10_000)),
    }));

    it(`${STRINGS.length} of them are written as contents and names, read back as they were, and taken away again`, async () => {
      const rights = { owner: "root", group: "root" };
      const transaction: Transaction = {
        id: "hostile-strings",
        playbook: STRINGS[0] ?? "",
        expect: [],
        directories: [{ path: DIRECTORY, mode: "0755", ...rights, reason: "test" }],
        files: files.map(({ path, content }) => ({
          path,
          before: null,
          after: content,
          mode: "0644",
          ...rights,
          reason: "test",
        })),
        staged: [],
        units: [],
        health: [],
        loadedFiles: {},
        leaseSeconds: 120,
        keepFailed: false,
      };
      const pending = await session.apply(transaction);
      const seen = await session.observe({
        ...nothing,
        files: files.map(({ path }) => path.replaceAll(/[*?[\]\\]/g, "?")),
      });
      for (const { path, content } of files) {
        assert.equal(
          seen.files[path]?.content,
          fromBytes(Buffer.from(content, "latin1")),
          JSON.stringify(path),
        );
      }
      const outcome = await pending.rollback(STRINGS.slice(0, 5).join(" "));
      assert.equal(outcome.healthy, true);
      assert.equal(await onHost(lab, machine, `ls -d ${DIRECTORY} 2>/dev/null || echo gone`), "gone\n");
      await noMark(lab, machine);
    });

    it("one that a directive takes is written as it is, found again as declared, and taken away", async () => {
      const chrony = machine === "db1" ? "/etc/chrony.conf" : "/etc/chrony/chrony.conf";
      const stock = await contentOf(lab, machine, chrony);
      const server = { role: "ntp_server", allow: ["10.0.0.0/8"], directives: { logdir: VALUE } };
      const apply = async (state: string) => {
        const playbook = JSON.stringify([{ hosts: machine, roles: [{ ...server, state }] }]);
        return place.json("apply", playbook, "--no-verify");
      };
      const first = await apply("present");
      assert.equal(first.host(machine).status, "changed", first.trouble);
      assert.ok((await contentOf(lab, machine, chrony)).includes(`\nlogdir ${VALUE}\n`));
      const second = await apply("present");
      assert.equal(second.host(machine).status, "unchanged", second.trouble);
      const last = await apply("absent");
      assert.equal(last.code, 0, last.trouble);
      assert.equal(await contentOf(lab, machine, chrony), stock);
      await noMark(lab, machine);
    });
  });
}
