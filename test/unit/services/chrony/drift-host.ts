import type { DriftFinding } from "../../../../src/core/drift.ts";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredChrony } from "../../../../src/services/chrony/desired.ts";
import { driftChrony } from "../../../../src/services/chrony/drift.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { desiredOf } from "./desired-of.ts";
import { afterPlan, type HostFiles, observe, type VirtualHost } from "./virtual-host.ts";

export const MAIN = "/etc/chrony/chrony.conf";

/** Debian's stock file, shortened. */
export const STOCK = [
  "confdir /etc/chrony/conf.d",
  "pool 2.debian.pool.ntp.org iburst",
  "sourcedir /etc/chrony/sources.d",
  "driftfile /var/lib/chrony/chrony.drift",
  "makestep 1 3",
  "",
].join("\n");

/** Two servers of the playbook, as a client is given them. */
export const client = desiredOf({
  client: {
    servers: [
      { server: "10.0.0.1", aliases: ["time1"] },
      { server: "10.0.0.2", aliases: ["time2"] },
    ],
  },
});

/** A server for one network that serves its own clock. */
export const server = desiredOf({ server: { allow: ["172.31.96.0/20"], local_stratum: 10 } });

/** Lines of `chronyc -c -N sources`; what is left out of a line is a healthy source's. */
export function sources(...lines: string[]): string {
  return lines
    .map((line) => `${line}\n`.replace(/^([^,]*,[^,]*,[^,]*)\n/, "$1,10,6,377,10,0.000001,0.000002,0.0003\n"))
    .join("");
}

/** A line of `chronyc -c tracking`. */
export function tracking(
  parts: { id?: string; stratum?: number; behind?: number; leap?: string } = {},
): string {
  const { id = "0A000001", stratum = 11, behind = 0, leap = "Normal" } = parts;
  return `${id},10.0.0.1,${stratum},1795440000.0,${behind.toFixed(9)},0.0,0.0,0.0,0.0,0.0,0.0,0.0,64.0,${leap}\n`;
}

/** What a client's chronyd says that has selected the first of its two servers. */
export const healthy = { sources: sources("^,*,10.0.0.1", "^,+,10.0.0.2"), tracking: tracking() };

/** What a server's chronyd says that serves its own clock. */
export const serving = { sources: "", tracking: tracking({ id: "7F7F0101", stratum: 10 }) };

/** The files of a host after an apply. */
export function declaredFiles(desired: DesiredChrony, before: HostFiles = { [MAIN]: STOCK }): HostFiles {
  return afterPlan(before, planChrony(desired, observe({ files: before, distro: debian }), debian));
}

/** What a look at a host finds; unless said otherwise its files are as apply leaves them and its daemon is healthy. */
export function look(desired: DesiredChrony, host: Partial<VirtualHost> = {}): DriftFinding[] {
  const files = host.files ?? declaredFiles(desired);
  const chronyc = desired.client ? healthy : serving;
  const observed = observe({ distro: debian, ...host, files, facts: { chronyc, ...host.facts } });
  return lookAt(desired, observed);
}

/** The same, of a host that was observed already. */
export function lookAt(desired: DesiredChrony, observed: ObservedHost): DriftFinding[] {
  return driftChrony(desired, observed, debian, planChrony(desired, observed, debian));
}

/** `CODE ITEM` of each finding. */
export function told(findings: readonly DriftFinding[]): string[] {
  return findings.map(({ code, item }) => `${code} ${item}`);
}
