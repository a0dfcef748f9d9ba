import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredChrony } from "../../../../src/services/chrony/desired.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { absent } from "./desired-of.ts";
import { roleSettings, withBothRoles } from "./role-settings.ts";
import { afterPlan, type HostFiles, observe } from "./virtual-host.ts";

const RUNS = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000) / 4;
const MAIN = debian.services.chrony.mainFile;

const line = fc.constantFrom(
  "server 192.0.2.1 iburst",
  "SERVER 192.0.2.2",
  "server 192.0.2.1 minpoll 4 prefer",
  "pool 2.debian.pool.ntp.org iburst",
  "  peer\tother.example",
  "refclock SHM 0",
  "allow",
  "allow all",
  "allow 10/8",
  "deny all",
  "deny 10.9.0.0/16",
  "allow 192.168.0.0/16",
  "local stratum 10",
  "local orphan",
  "makestep 1.0 3",
  "makestep 10 -1",
  "rtcsync",
  "log tracking",
  "bindcmdaddress ::1",
  "keyfile /etc/chrony.keys",
  "nonsense 1",
  "# a comment",
  "#allow 192.168.0.0/16",
  "! server example.net",
  "",
  "confdir /etc/chrony/conf.d",
  "confdir /etc/chrony/conf.d /etc/chrony/more.d",
  "include /etc/chrony/extra.conf",
  "include /etc/chrony/more.d/*.conf",
  "include /run/site.conf",
  "confdir /usr/share/site",
  "sourcedir /etc/chrony/sources.d",
  "sourcedir /run/chrony-dhcp",
);

const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, ending, last]) => lines.join(ending) + (last && lines.length > 0 ? ending : ""));

const host: fc.Arbitrary<HostFiles> = fc
  .record(
    {
      [MAIN]: text,
      "/etc/chrony/conf.d/a.conf": text,
      "/etc/chrony/conf.d/b.conf": text,
      "/etc/chrony/more.d/a.conf": text,
      "/etc/chrony/extra.conf": text,
      "/run/site.conf": text,
      "/usr/share/site/v.conf": text,
      "/etc/chrony/sources.d/x.sources": text,
    },
    { requiredKeys: [MAIN] },
  )
  .map((files): HostFiles => ({ ...files }));

const setting = fc.constantFrom(...roleSettings.values());

/** The host after applying; undefined when the plan refuses it (which some of these hosts deserve). */
function applied(desired: DesiredChrony, files: HostFiles): HostFiles | undefined {
  const plan = planChrony(desired, observe({ files, distro: debian }), debian);
  return plan.errors.length > 0 ? undefined : afterPlan(files, plan);
}

describe("chrony edits, on generated hosts", () => {
  let planned = 0;

  it("applying twice is applying once", () => {
    fc.assert(
      fc.property(host, setting, (files, desired) => {
        const once = applied(desired, files);
        if (!once) return;
        planned += 1;
        assert.deepEqual(applied(desired, once), once);
      }),
      { numRuns: RUNS },
    );
    assert.ok(planned > RUNS / 3, `only ${planned} of ${RUNS} hosts could be planned`);
  });

  it("absent gives back every byte of every file", () => {
    fc.assert(
      fc.property(host, setting, (files, desired) => {
        const after = applied(desired, files);
        if (after) assert.deepEqual(applied(absent(desired), after), files);
      }),
      { numRuns: RUNS },
    );
  });

  it("a setting and back ends where it was", () => {
    fc.assert(
      fc.property(host, setting, setting, (files, one, other) => {
        const first = applied(withBothRoles(one), files);
        const second = first && applied(withBothRoles(other), first);
        if (second) assert.deepEqual(applied(withBothRoles(one), second), first);
      }),
      { numRuns: RUNS },
    );
  });

  it("files that are not an administrator's own stay", () => {
    fc.assert(
      fc.property(host, setting, (files, desired) => {
        const after = applied(desired, files);
        for (const path of ["/run/site.conf", "/usr/share/site/v.conf"]) {
          if (after) assert.equal(after[path], files[path]);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
