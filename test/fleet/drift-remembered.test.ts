import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { waitFor } from "../lab/processes.ts";
import { declaredFleet } from "./drift-kinds/declared-fleet.ts";
import { assertClean, reported } from "./drift-kinds/see-kind.ts";
import { fleetLab } from "./fleet-lab.ts";
import { asRun, type LfceRun, type Workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

/** systemd 247, 252, 257, and 252 laid out as on EL. */
const HOSTS = ["old1", "web1", "log1", "db1", "time1"];
/** For all of them, with $u chrony's unit; `quiet`: systemd's answer is still one that is remembered. */
const STEPS: readonly { what: string; commands: string; quiet?: boolean }[] = [
  {
    what: "a mask made by hand, of which systemd has not been told",
    commands:
      "ln -sfn /dev/null /etc/systemd/system/$u.service.new && mv -T /etc/systemd/system/$u.service.new /etc/systemd/system/$u.service",
  },
  { what: "systemd is told", commands: "systemctl daemon-reload" },
  {
    what: "the mask is taken away",
    commands: "rm /etc/systemd/system/$u.service; systemctl daemon-reload; systemctl start $u",
    quiet: true,
  },
  { what: "a mask until the next boot", commands: "systemctl mask --runtime $u" },
  { what: "no longer", commands: "systemctl unmask --runtime $u", quiet: true },
  {
    what: "a drop-in that systemd has not read",
    commands: `mkdir -p /run/systemd/system/$u.service.d
      printf '[Service]\\nExecStart=nonsense\\n' >/run/systemd/system/$u.service.d/x.conf`,
    quiet: true,
  },
  { what: "and has read now", commands: "systemctl daemon-reload" },
  {
    what: "the drop-in is taken away",
    commands: "rm /run/systemd/system/$u.service.d/x.conf; systemctl daemon-reload",
    quiet: true,
  },
  {
    what: "a link of a target taken away by hand",
    commands: "rm /etc/systemd/system/multi-user.target.wants/$u.service",
  },
  { what: "systemd reads its files again", commands: "systemctl daemon-reload" },
  { what: "the unit is enabled again", commands: "systemctl enable $u", quiet: true },
  { what: "systemd itself starts anew", commands: "systemctl daemon-reexec", quiet: true },
  {
    what: "rsyslogd was killed, and systemd started it again",
    commands: `old=$(systemctl show -P MainPID rsyslog); kill -9 "$old"
      until new=$(systemctl show -P MainPID rsyslog) && [ "$new" != 0 ] && [ "$new" != "$old" ]; do sleep 0.1; done`,
  },
  { what: "its failures are forgotten", commands: "systemctl reset-failed rsyslog", quiet: true },
  {
    what: "rsyslogd is stopped",
    commands: "systemctl stop syslog.socket rsyslog 2>/dev/null; systemctl stop rsyslog",
  },
  { what: "rsyslogd is started", commands: "systemctl start rsyslog", quiet: true },
  {
    what: "both have read their files again",
    commands: "systemctl reload-or-restart rsyslog $u",
    quiet: true,
  },
];

const lab = await fleetLab();

describe("drift of hosts of which something is remembered", () => {
  let place: Workplace;
  before(async () => {
    const groups = { servers: ["time1"], clients: HOSTS.filter((host) => host !== "time1") };
    place = await declaredFleet(lab, groups, timeAndLogs());
  });
  after(() => place?.remove());

  /** A run that remembers nothing. */
  async function fresh(): Promise<LfceRun> {
    const environment = { XDG_STATE_HOME: mkdtempSync(join(place.directory, "fresh-")) };
    return asRun(
      await place.run(["drift", "playbook.yml", "-i", "inventory.yml", "-o", "json"], { environment }),
    );
  }

  /** Hosts whose units the next run takes from memory, if they are as they were. */
  function remembered(): string[] {
    const text = readFileSync(join(place.directory, "state/lfce/hosts.ndjson"), "utf8");
    const kept = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
    return HOSTS.filter((name) =>
      kept.some(({ host, looks }) => host === name && looks.some((look: { units?: unknown }) => look.units)),
    );
  }

  async function untilRemembered(): Promise<void> {
    const all = async () => {
      await place.json("drift");
      return remembered().length === HOSTS.length;
    };
    await waitFor("the units of all hosts are remembered", all, { seconds: 60 });
  }

  it("a quiet fleet is remembered after a while, on every distribution", async () => {
    await untilRemembered();
    assertClean(await place.json("drift"));
    assert.deepEqual(remembered(), HOSTS);
  });

  for (const { what, commands, quiet } of STEPS) {
    it(`${what}: the same findings with memory and without`, async () => {
      await Promise.all(
        HOSTS.map((host) =>
          onHost(lab, host, `u=chrony; systemctl cat $u >/dev/null 2>&1 || u=chronyd\n${commands}`),
        ),
      );
      const warm = await place.json("drift");
      const cold = await fresh();
      assert.deepEqual(reported(warm), reported(cold), warm.trouble);
      if (quiet) await untilRemembered();
      assert.deepEqual(reported(await place.json("drift")), reported(await fresh()));
    });
  }
});
