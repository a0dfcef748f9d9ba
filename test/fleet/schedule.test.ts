import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { serviceUnit } from "../../src/schedule/units.ts";
import type { Lab } from "../lab/lab.ts";
import { network } from "../lab/paths.ts";
import { waitFor } from "../lab/processes.ts";
import { ATTACKS } from "../unit/hostile/strings.ts";
import { nightly } from "../unit/schedule/nightly.ts";
import { fleetLab } from "./fleet-lab.ts";
import { makeController, NIGHTLY, ownLfce } from "./nightly-machine.ts";
import { onHost } from "./proof-hosts.ts";

const CONTROLLER = "web1";
const HOST = "time1";
const UNIT = "lfce-drift-site";
const METRICS = "/var/lib/metrics/lfce.prom";

/** Has a server listen on the lab's network, and returns its URL. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, network.controller, resolve));
  return `http://${network.controller}:${(server.address() as AddressInfo).port}/hook`;
}

/** How exposed a service may be by systemd's own measure: of 10, times 10. */
const EXPOSURE_AT_MOST = 25;

describe("a nightly run on a machine with systemd", () => {
  let lab: Lab;
  const posted: string[] = [];
  const webhook = createServer((request, response) => {
    request.on("data", (chunk) => posted.push(String(chunk)));
    request.on("end", () => response.end());
  });
  const shell = (text: string) => onHost(lab, CONTROLLER, text);

  /** Runs lfce on the controller; throws unless it ends with this exit code. */
  async function lfce(words: string[], code = 0): Promise<string> {
    const result = await ownLfce(lab, CONTROLLER, words);
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  /** Properties of the service as systemd has them. */
  async function service(name = UNIT): Promise<Record<string, string>> {
    const text = await shell(`systemctl show ${name}.service`);
    return Object.fromEntries(
      text.split("\n").map((line) => [line.split("=", 1)[0], line.replace(/^\w+=/, "")]),
    );
  }

  /** Has the timer fire at once instead of at night, and waits until the run that it starts has ended. */
  async function nightFalls(name = UNIT): Promise<Record<string, string>> {
    const { InvocationID: before } = await service(name);
    await shell(
      `mkdir -p /run/systemd/system/${name}.timer.d &&
      printf '[Timer]\\nOnActiveSec=1s\\nAccuracySec=1ms\\nRandomizedDelaySec=0\\n' >/run/systemd/system/${name}.timer.d/now.conf &&
      systemctl daemon-reload && systemctl restart ${name}.timer`,
    );
    let now = await service(name);
    await waitFor(
      "the timer to fire and the run to end",
      async () => {
        now = await service(name);
        return now.InvocationID !== before && /^(inactive|failed)$/.test(now.ActiveState ?? "");
      },
      { seconds: 120 },
    );
    return now;
  }

  const journal = (name = UNIT) => shell(`journalctl --no-pager -o cat -u ${name}.service`);

  before(async () => {
    lab = await fleetLab();
    await lab.reset(CONTROLLER);
    await lab.reset(HOST);
    await makeController(lab, CONTROLLER, HOST);
    await shell("mkdir -p /var/lib/metrics");
    await lfce(["apply", "playbooks/site.yml"]);
  });
  after(async () => {
    webhook.close();
    await lab.reset(CONTROLLER);
  });

  it("is installed with units that systemd has nothing against, and that expose little", async (context) => {
    const url = await listen(webhook);
    await shell(`echo ${url} >/srv/fleet/hook && chmod 600 /srv/fleet/hook`);
    const options = ["--prometheus", METRICS, "--notify", "webhook:file:hook", "--notify-on", "drift"];
    const installed = await lfce(["schedule", "install", "playbooks/site.yml", "--at", "02:30", ...options]);
    assert.match(installed, /next run {2}\w{3} \d{4}-\d\d-\d\d 02:[34]\d/);
    assert.match(installed, /last run {2}none yet/);
    const files = `/etc/systemd/system/${UNIT}.service /etc/systemd/system/${UNIT}.timer`;
    assert.equal(await shell(`systemd-analyze verify ${files} 2>&1`), "");
    const rating = await shell(
      `systemd-analyze security --no-pager --threshold=${EXPOSURE_AT_MOST} ${UNIT}.service`,
    );
    context.diagnostic(rating.trim().split("\n").at(-1) ?? "");
  });

  it("has units that older and newer systemds understand as well", async () => {
    const text = serviceUnit(
      nightly({ node: "/bin/sh", workingDirectory: "/", reportDirectories: ["/srv"] }),
    );
    for (const machine of ["old1", "log1"]) {
      await lab.write(machine, "/run/systemd/system/lfce-drift-look.service", text);
      const said = await onHost(
        lab,
        machine,
        "systemd-analyze verify /run/systemd/system/lfce-drift-look.service 2>&1",
      );
      assert.equal(said, "", machine);
    }
  });

  it("is started by its timer, finds its key and known_hosts, and says that all is as declared", async () => {
    const ended = await nightFalls();
    assert.equal(ended.Result, "success", await journal());
    assert.equal(ended.ExecMainStatus, "0", await journal());
    assert.match(await lfce(["schedule", "status"]), /exit code 0: as declared/);
    assert.equal(await shell(`stat -c %a ${METRICS}`), "644\n");
    assert.match(await shell(`cat ${METRICS}`), /^lfce_drift_hosts\{.*status="unchanged"\} 1$/m);
  });

  it("finds drift, which is no failure of the unit, and keeps it in the history", async () => {
    await onHost(lab, HOST, "systemctl stop chrony");
    const ended = await nightFalls();
    assert.equal(ended.ExecMainStatus, "2", await journal());
    assert.equal(ended.ActiveState, "inactive");
    assert.deepEqual(
      posted.map((body) => JSON.parse(body).new.map(({ code }: { code: string }) => code)),
      [["unit-inactive"]],
    );
    const { schedules } = JSON.parse(await lfce(["schedule", "status", "-o", "json"]));
    assert.deepEqual([schedules[0].exitCode, schedules[0].playbook], [2, NIGHTLY.playbook]);
    assert.match(await lfce(["schedule", "status", "playbooks/site.yml"]), /exit code 2: drift found/);
    const runs = await shell("find /root/.local/state/lfce/history -name '*.ndjson' | wc -l");
    assert.equal(Number(runs), 2);
  });

  it("can write to its own directories only, reads keys of others, and starts ssh as a ProxyCommand does", async () => {
    const readOnly = "/etc /usr /root /srv/fleet /var/lib /opt";
    await shell(
      `mkdir -p /run/systemd/system/${UNIT}.service.d && cat >/run/systemd/system/${UNIT}.service.d/look.conf <<'END'
[Service]
ExecStart=
ExecStart=/bin/sh -c 'for place in ${readOnly}; do if touch $$place/probe; then exit 9; fi; done; touch /root/.local/state/lfce/probe /var/lib/metrics/probe || exit 8; cat /root/.ssh/fleet /home/other >/dev/null || exit 7; ssh -i /root/.ssh/fleet -o BatchMode=yes ${lab.machine(HOST).address} true || exit 6'
END
      echo key >/home/other; chown nobody /home/other; chmod 600 /home/other
      systemctl daemon-reload`,
    );
    const ended = await nightFalls();
    assert.equal(ended.ExecMainStatus, "0", await journal());
    await shell(`rm -r /run/systemd/system/${UNIT}.service.d && systemctl daemon-reload`);
  });

  it("is not started a second time while it runs", async () => {
    await shell(
      `mkdir -p /run/systemd/system/${UNIT}.service.d &&
      printf "[Service]\\nExecStartPre=/bin/sh -c 'until [ -e /var/lib/metrics/go ]; do sleep 0.1; done'\\n" \
        >/run/systemd/system/${UNIT}.service.d/wait.conf
      systemctl daemon-reload && systemctl start --no-block ${UNIT}.service`,
    );
    await waitFor("the run to start", async () => (await service()).ActiveState === "activating", {
      seconds: 30,
    });
    const first = await service();
    await shell(`systemctl start --no-block ${UNIT}.service`);
    assert.match(await lfce(["schedule", "status"]), /running now/);
    await shell("touch /var/lib/metrics/go");
    await waitFor("the run to end", async () => (await service()).ActiveState === "inactive", {
      seconds: 60,
    });
    const last = await service();
    assert.equal(last.InvocationID, first.InvocationID);
    await shell(`rm -r /run/systemd/system/${UNIT}.service.d && systemctl daemon-reload`);
  });

  it("tells by mail, with the rights that sendmail needs", async () => {
    await shell(
      `cat >/usr/sbin/sendmail <<'END'
#!/bin/sh
# Stands for a mail server's: keeps the message and what it may do.
cat >/var/spool/fake-mail && grep NoNewPrivs /proc/self/status >/var/spool/fake-rights
END
      chmod 755 /usr/sbin/sendmail`,
    );
    const mail = ["--notify", "mail:ops@example.org", "--state-dir", "/root/of-the-mail"];
    await lfce(["schedule", "install", "playbooks/site.yml", "--at", "3:05", "--name", "mail", ...mail]);
    assert.equal(await shell("systemd-analyze verify /etc/systemd/system/lfce-drift-mail.service 2>&1"), "");
    const ended = await nightFalls("lfce-drift-mail");
    assert.equal(ended.ExecMainStatus, "2", await journal("lfce-drift-mail"));
    assert.match(await shell("cat /var/spool/fake-mail"), /^To: ops@example\.org\nSubject: lfce drift /);
    assert.match(await shell("cat /var/spool/fake-rights"), /NoNewPrivs:\s+0/);
    await shell("rm /var/spool/fake-mail");
    assert.equal((await nightFalls("lfce-drift-mail")).ExecMainStatus, "2");
    assert.equal(
      await shell("ls /var/spool/fake-mail 2>/dev/null || :"),
      "",
      "told again though nothing had changed",
    );
  });

  it("fails loudly when it cannot do its work, and tells that as well", async () => {
    await shell(`mv ${NIGHTLY.playbook} ${NIGHTLY.playbook}.away`);
    const ended = await nightFalls("lfce-drift-mail");
    assert.deepEqual([ended.ActiveState, ended.ExecMainStatus], ["failed", "64"]);
    assert.match(await shell("cat /var/spool/fake-mail"), /cannot read the playbook/);
    await shell(`mv ${NIGHTLY.playbook}.away ${NIGHTLY.playbook}; systemctl reset-failed`);
  });

  it("does not take the units of another playbook, nor those of somebody else", async () => {
    await shell(`mkdir -p /srv/other && cp -r /srv/fleet/inventories /srv/fleet/playbooks /srv/other/`);
    const other = [
      "schedule",
      "install",
      "/srv/other/playbooks/site.yml",
      "-i",
      "/srv/other/inventories/site.yml",
    ];
    await lfce([...other, "--at", "04:00"], 64);
    await shell("echo '[Service]' >/etc/systemd/system/lfce-drift-own.service");
    await lfce([...other, "--at", "04:00", "--name", "own"], 64);
    assert.equal(await shell("cat /etc/systemd/system/lfce-drift-own.service"), "[Service]\n");
  });

  it("gives a program exactly the words that a unit holds, as systemd really reads it", async () => {
    const words = ATTACKS.filter((text) => !/\0|\p{Cs}|\p{Noncharacter_Code_Point}/u.test(text));
    await lab.write(
      CONTROLLER,
      "/opt/lfce/words.mjs",
      'import { writeFileSync } from "node:fs";\nwriteFileSync("/var/lib/metrics/words", JSON.stringify(process.argv.slice(2)));\n',
    );
    const unit = serviceUnit(
      nightly({
        node: NIGHTLY.node,
        lfce: "/opt/lfce/words.mjs",
        words,
        workingDirectory: "/srv/fleet",
        reportDirectories: ["/var/lib/metrics"],
      }),
    );
    await lab.write(CONTROLLER, "/run/systemd/system/lfce-words.service", unit);
    await shell("systemctl daemon-reload && systemctl start lfce-words.service");
    assert.deepEqual(JSON.parse(await shell("cat /var/lib/metrics/words")), words);
  });

  it("is a user's own as well", async () => {
    await shell(
      `useradd -m -s /bin/sh night && cp -r /root/.ssh /home/night/ && cp -r /srv/fleet /home/night/ &&
      sed -i s,/root/,/home/night/, /home/night/fleet/inventories/site.yml && chown -R night: /home/night &&
      mkdir -p /run/systemd/system/user@.service.d &&
      # What pam_systemd, which the machine does not have, would set.
      printf '[Service]\\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\\n' >/run/systemd/system/user@.service.d/run.conf &&
      systemctl daemon-reload && systemctl start user@$(id -u night).service`,
    );
    const asUser = (text: string) =>
      shell(
        `cd /home/night/fleet && setpriv --reuid=night --regid=night --init-groups env HOME=/home/night \
        XDG_RUNTIME_DIR=/run/user/$(id -u night) sh -c '${text}'`,
      );
    const own = `${NIGHTLY.node} ${NIGHTLY.lfce} schedule`;
    assert.match(
      await asUser(`${own} install playbooks/site.yml --at 02:30`),
      /next run .*\n.*\n.*enable-linger/,
    );
    await asUser(`systemctl --user start ${UNIT}.service || :`);
    assert.match(await asUser(`${own} status`), /\(user\)[\s\S]*exit code 2: drift found/);
    await asUser(`${own} remove playbooks/site.yml`);
    assert.doesNotMatch(await asUser(`${own} status`), /\(user\)/);
  });

  it("runs as another user, whose memory is then a directory of its own", async () => {
    const words = ["--at", "05:00", "--run-as", "night", "--name", "as-night"];
    await shell(
      `cd /home/night/fleet && ${NIGHTLY.node} ${NIGHTLY.lfce} schedule install playbooks/site.yml ${words.join(" ")}`,
    );
    const ended = await nightFalls("lfce-drift-as-night");
    assert.equal(ended.ExecMainStatus, "2", await journal("lfce-drift-as-night"));
    assert.equal(
      await shell("stat -c '%U %a' /var/lib/lfce-night /var/lib/lfce-night/history"),
      "night 700\nnight 700\n",
    );
    await shell(
      `cd /home/night/fleet && ${NIGHTLY.node} ${NIGHTLY.lfce} schedule remove lfce-drift-as-night`,
    );
  });

  it("logs in by an agent, though its socket lies in /tmp", async () => {
    await shell(
      `ssh-agent -a /tmp/agent.sock >/dev/null && SSH_AUTH_SOCK=/tmp/agent.sock ssh-add -q /root/.ssh/fleet &&
      mkdir -p /srv/agent && cp -r /srv/fleet/playbooks /srv/fleet/inventories /srv/agent/ &&
      sed -i /ansible_ssh_private_key_file/d /srv/agent/inventories/site.yml`,
    );
    const install = `schedule install playbooks/site.yml --at 05:30 --name agent`;
    await shell(`cd /srv/agent && ${NIGHTLY.node} ${NIGHTLY.lfce} ${install}`);
    assert.equal((await nightFalls("lfce-drift-agent")).ExecMainStatus, "3", "it logs in without the agent");
    await shell(`cd /srv/agent && ${NIGHTLY.node} ${NIGHTLY.lfce} ${install} --agent /tmp/agent.sock`);
    assert.equal(
      (await nightFalls("lfce-drift-agent")).ExecMainStatus,
      "2",
      await journal("lfce-drift-agent"),
    );
    await shell(`${NIGHTLY.node} ${NIGHTLY.lfce} schedule remove lfce-drift-agent`);
  });

  it("is removed without a trace but for what it recorded", async () => {
    await lfce(["schedule", "remove", "playbooks/site.yml"]);
    assert.equal(await shell("ls /etc/systemd/system | grep '^lfce-drift' || :"), "lfce-drift-own.service\n");
    assert.equal(await shell("systemctl list-timers --all --no-legend 'lfce-drift*'"), "");
    await lfce(["schedule", "remove", "playbooks/site.yml"], 64);
    assert.notEqual(await shell("ls /root/.local/state/lfce/history"), "");
  });
});
