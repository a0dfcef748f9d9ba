import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LfceError } from "../../../src/core/errors.ts";
import { cronLine } from "../../../src/schedule/cron.ts";
import { type NightlyRun, timeOfDay, unitName } from "../../../src/schedule/nightly-run.ts";
import { playbookOfUnit, serviceUnit, timerUnit } from "../../../src/schedule/units.ts";
import { ATTACKS } from "../hostile/strings.ts";
import { nightly } from "./nightly.ts";
import { programGets } from "./systemd-words.ts";

const hostile = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: fc.constantFrom(..."%$\"'\\ {};a\n\t#=-@:+!é日") }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
);

/** The value of a setting that stands once in a unit. */
function setting(unit: string, name: string): string {
  const lines = unit.split("\n").filter((line) => line.startsWith(`${name}=`));
  assert.equal(lines.length, 1, `${name} in\n${unit}`);
  return lines[0]?.slice(name.length + 1) ?? "";
}

/** Names of a unit's settings and sections, in order: what a value must not change. */
function skeleton(unit: string): string[] {
  return unit
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/=.*/su, ""));
}

/** The unit, or undefined where lfce refuses the value. */
function rendered(run: NightlyRun): string | undefined {
  try {
    return serviceUnit(run);
  } catch (error) {
    assert.ok(error instanceof LfceError && error.code === "schedule-value", String(error));
    return undefined;
  }
}

describe("the service of a nightly run", () => {
  it("gives lfce exactly the words that it was told, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), (words) => {
        const unit = rendered(nightly({ words }));
        if (unit === undefined) {
          assert.ok(words.some((word) => /\0|\p{Cs}|\p{Noncharacter_Code_Point}/u.test(word)));
          return;
        }
        const given = programGets(setting(unit, "ExecStart"));
        assert.deepEqual(given, ["/usr/bin/node", "/opt/lfce/dist/cli/main.js", ...words]);
        assert.deepEqual(skeleton(unit), skeleton(serviceUnit(nightly({ words: [] }))));
      }),
      { numRuns: 1000 },
    );
  });

  it("lets no path and no name become another setting", () => {
    const plain = skeleton(serviceUnit(nightly({ reportDirectories: ["/x"], agent: "/a" })));
    fc.assert(
      fc.property(hostile, (text) => {
        const path = `/${text}`;
        for (const more of [
          { playbook: path },
          { workingDirectory: path },
          { stateDirectory: path },
          { reportDirectories: [path] },
          { agent: path },
        ]) {
          const unit = rendered(nightly({ reportDirectories: ["/x"], agent: "/a", ...more }));
          if (unit !== undefined) {
            assert.deepEqual(
              skeleton(unit).filter((line) => line !== "PrivateTmp"),
              plain.filter((line) => line !== "PrivateTmp"),
            );
          }
        }
      }),
    );
  });

  it("knows whose it is, whatever the playbook's path is", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const playbook = `/${text.replaceAll("\0", "")}`;
        assert.equal(playbookOfUnit(timerUnit(nightly({ playbook }))), playbook);
      }),
    );
    assert.equal(playbookOfUnit("[Unit]\nDescription=somebody else's\n"), undefined);
  });

  it("may write to its state and report directories only", () => {
    const unit = serviceUnit(nightly({ reportDirectories: ["/var/lib/node exporter", "/srv/100%"] }));
    assert.equal(setting(unit, "ProtectSystem"), "strict");
    assert.equal(
      setting(unit, "ReadWritePaths"),
      '"/root/.local/state/lfce" "/var/lib/node exporter" "/srv/100%%"',
    );
    assert.equal(setting(unit, "ProtectHome"), "read-only");
  });

  it("keeps /tmp where something of the run lies there", () => {
    assert.match(serviceUnit(nightly()), /^PrivateTmp=yes$/m);
    assert.doesNotMatch(serviceUnit(nightly({ agent: "/tmp/ssh-x/agent.1" })), /PrivateTmp/);
    assert.doesNotMatch(serviceUnit(nightly({ words: ["--inventory=/var/tmp/hosts.yml"] })), /PrivateTmp/);
  });

  it("leaves set-user-ID programs their rights where a notification starts one", () => {
    const unit = serviceUnit(nightly({ startsPrograms: true }));
    for (const name of [
      "NoNewPrivileges",
      "RestrictSUIDSGID",
      "SystemCallFilter",
      "CapabilityBoundingSet",
      "PrivateDevices",
    ]) {
      assert.doesNotMatch(unit, new RegExp(`^${name}=`, "m"));
    }
    assert.equal(setting(unit, "ProtectSystem"), "full");
    // Below a home directory, which is read-only to it as well.
    assert.equal(setting(unit, "ReadWritePaths"), '"/root/.local/state/lfce"');
  });

  it("takes from a user's own systemd only what needs no namespace", () => {
    const unit = serviceUnit(nightly({ scope: { kind: "user" } }));
    for (const name of [
      "User",
      "ProtectSystem",
      "ProtectHome",
      "PrivateTmp",
      "ReadWritePaths",
      "PrivateDevices",
    ]) {
      assert.doesNotMatch(unit, new RegExp(`^${name}=`, "m"));
    }
    assert.match(unit, /^NoNewPrivileges=yes$/m);
  });
});

describe("the timer of a nightly run", () => {
  it("starts it at the time given, some time later, and makes up for a night that was missed", () => {
    const unit = timerUnit(nightly());
    assert.equal(setting(unit, "OnCalendar"), "*-*-* 02:05:00");
    assert.equal(setting(unit, "RandomizedDelaySec"), "600s");
    assert.equal(setting(unit, "Persistent"), "yes");
  });

  it("knows times of day, and nothing else", () => {
    assert.deepEqual(timeOfDay("2:05"), { hour: 2, minute: 5 });
    assert.deepEqual(timeOfDay("23:59"), { hour: 23, minute: 59 });
    for (const wrong of ["24:00", "2:5", "02:60", "", "02:30:00", "02:30\n", "*-*-* 02:30"]) {
      assert.equal(timeOfDay(wrong), undefined, wrong);
    }
  });

  it("has a name that is one", () => {
    assert.equal(unitName("/srv/playbooks/site.yml"), "lfce-drift-site");
    fc.assert(
      fc.property(hostile, (text) => assert.match(unitName(`/${text}`), /^lfce-drift-[\w-]{1,100}$/)),
    );
  });
});

describe("the line for cron", () => {
  /** What cron hands to the shell, and what a program then gets. */
  function ran(run: NightlyRun): string[] {
    const [, command = ""] = /^5 2 \* \* \* (.*)$/s.exec(cronLine(run)) ?? [];
    assert.doesNotMatch(command, /(?<!\\)%/);
    const script = command
      .replaceAll("\\%", "%")
      .replace(/ && flock --nonblock .*? \/usr\/bin\/node /s, " && show ");
    const { stdout } = spawnSync("sh", ["-c", `show() { printf '%s\\0' "$@"; }; ${script}`]);
    return String(stdout).split("\0").slice(0, -1);
  }

  it("keeps a second run from starting beside the first", () => {
    assert.equal(
      cronLine(nightly({ words: ["drift", "a b"] })),
      "5 2 * * * cd /srv/lfce && flock --nonblock /srv/lfce/playbooks/site.yml /usr/bin/node /opt/lfce/dist/cli/main.js drift 'a b'",
    );
  });

  it("gives lfce exactly the words that it was told", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (words) => {
        const run = nightly({ words, workingDirectory: "/" });
        if (words.some((word) => /[\u0000-\u001f\u007f]/.test(word))) {
          assert.throws(() => cronLine(run), { code: "schedule-value" });
          return;
        }
        fc.pre(!words.some((word) => /\p{Cs}/u.test(word)));
        assert.deepEqual(ran(run), ["/opt/lfce/dist/cli/main.js", ...words]);
      }),
      { numRuns: 200 },
    );
  });
});
