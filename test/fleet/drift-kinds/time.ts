import type { Lab } from "../../lab/lab.ts";
import type { FakeNtpResponder } from "../fake-ntp-responder.ts";
import { onHost } from "../proof-hosts.ts";
import type { DriftKind } from "./kind.ts";

const DEBIAN = "/etc/chrony/chrony.conf";
const EL = "/etc/chrony.conf";
/** An address of the lab's network that no machine has. */
const NOBODY = "172.31.96.250";

/** The servers that web1 and db1 take their time from. */
export interface TimeServers {
  time1: string;
  log1: string;
  /** One that only web1 uses, beside both machines; and the only one of db1. */
  beside: FakeNtpResponder;
  alone: FakeNtpResponder;
  /** The address at which these two answer. */
  controller: string;
}

/** Shell command that succeeds when chronyd has selected a source. */
const SELECTED = "chronyc -n sources | grep -q '^^\\*'";

/** Shell command that succeeds when no source is where it may still be for having just been started. */
const WARM = '[ "$(ps -o etimes= -C chronyd | sort -n | head -n 1)" -gt 21 ]';

/** Shell command that succeeds when chronyd shows a source at this address (a regular expression) in that state. */
const state = (sign: string, address: string): string =>
  `chronyc -n sources | grep -q '^^${sign} ${address} '`;

const edit = (file: string, script: string): string => `sed -i '${script}' ${file}`;
const append = (file: string, line: string): string => `echo '${line}' >>${file}`;

/** What can become of the time on the hosts: in chrony's files, in the running chronyd, and beyond the host. */
export function timeKinds({ time1, log1, beside, alone, controller }: TimeServers): DriftKind[] {
  const web1 = { host: "web1", restart: "chrony", healed: SELECTED };
  const db1 = { host: "db1", restart: "chronyd", healed: SELECTED };
  const server = { host: "time1", restart: "chrony" };
  return [
    {
      ...web1,
      name: "a source added in the main file",
      inject: append(DEBIAN, `server ${NOBODY} iburst`),
      expect: [`source-undeclared ${NOBODY}`],
    },
    {
      ...db1,
      name: "a source added in EL's main file, and chronyd not restarted",
      inject: append(EL, `server ${NOBODY} iburst`),
      expect: [`source-undeclared ${NOBODY}`],
    },
    {
      ...web1,
      name: "a source added in a file of the confdir",
      inject: append("/etc/chrony/conf.d/ours.conf", `pool ${NOBODY} iburst`),
      expect: [`source-undeclared ${NOBODY}`],
    },
    {
      ...web1,
      name: "a source added by hand with chronyc",
      restart: undefined,
      inject: `chronyc add server ${NOBODY}`,
      expect: [`source-undeclared ${NOBODY}`],
      mend: `chronyc delete ${NOBODY}`,
    },
    {
      ...web1,
      name: "a declared source taken away by hand with chronyc",
      restart: undefined,
      inject: `chronyc delete ${log1}`,
      expect: [`source-missing ${log1}`],
      mend: "systemctl restart chrony",
    },
    {
      ...web1,
      name: "a declared source removed",
      inject: edit(DEBIAN, `/^server ${log1} /d`),
      expect: [`source-missing ${log1}`],
    },
    {
      ...db1,
      name: "the only declared source replaced by another time server",
      inject: edit(EL, `s/^server ${controller} .*/server ${time1} iburst/`),
      until: SELECTED,
      expect: [`source-missing ${controller}`, `source-undeclared ${time1}`],
    },
    {
      ...web1,
      name: "a source's line doubled",
      inject: edit(DEBIAN, `/^server ${time1} /p`),
      expect: [`source-repeated ${time1}`],
    },
    {
      ...web1,
      name: "a declared option changed",
      inject: edit(DEBIAN, `/^server ${time1} /s/minpoll -2/minpoll 2/`),
      expect: [`source-differs ${time1}`],
    },
    {
      ...web1,
      name: "a line that lfce had switched off, switched on by hand",
      inject: edit(DEBIAN, "s/^#lfce# pool /pool /"),
      expect: ["source-undeclared 2.debian.pool.ntp.org"],
    },
    {
      ...server,
      name: "allow widened",
      inject: edit(DEBIAN, "s/^allow 172.31.96.0\\/20/allow 172.16.0.0\\/12/"),
      expect: ["access-undeclared allow 172.16.0.0/12"],
    },
    {
      ...server,
      name: "everybody allowed, in a file of the confdir",
      inject: append("/etc/chrony/conf.d/ours.conf", "allow"),
      expect: ["access-undeclared allow all"],
    },
    {
      ...server,
      name: "a network denied",
      inject: append(DEBIAN, "deny 172.31.111.0/24"),
      expect: ["access-undeclared deny 172.31.111.0/24"],
    },
    {
      ...server,
      name: "local removed",
      inject: edit(DEBIAN, "/^local stratum 10/d"),
      expect: ["local-missing local"],
    },
    {
      ...server,
      name: "stratum changed in the file",
      inject: edit(DEBIAN, "s/^local stratum 10/local stratum 12/"),
      expect: ["local-differs local"],
    },
    {
      ...server,
      name: "stratum changed in the running chronyd",
      restart: undefined,
      inject: "chronyc local stratum 12",
      expect: ["stratum-changed clock"],
      mend: "chronyc local stratum 10",
    },
    {
      ...server,
      name: "local switched off in the running chronyd",
      restart: undefined,
      inject: "chronyc local off",
      expect: ["local-missing local"],
      mend: "chronyc local stratum 10",
    },
    {
      ...server,
      name: "a port of chronyd that is none",
      inject: append(DEBIAN, "port 0"),
      expect: ["not-listening udp/123"],
    },
    {
      ...db1,
      name: "the only server serves falsely",
      inject: async () => alone.lie(5),
      until: SELECTED,
      expect: ["offset-too-large clock"],
      mend: async () => alone.lie(0),
    },
    {
      ...db1,
      name: "the only server does not answer this host",
      restart: undefined,
      inject: (lab: Lab) =>
        onHost(
          lab,
          "db1",
          `nft add table inet fault
           nft add chain inet fault output '{ type filter hook output priority 0; policy accept; }'
           nft add rule inet fault output udp dport ${alone.port} drop
           systemctl restart chronyd`,
        ),
      expect: ["chrony-not-selected chronyd"],
      mend: "nft delete table inet fault; systemctl restart chronyd",
    },
    // chronyd weighs the samples that it has of a source for long after that went silent or false: hence restarts,
    // and each time the 20 s that pass before it is told how sources stand.
    {
      host: "web1",
      name: "a server that this host cannot reach, while others answer",
      inject: `nft add table inet fault
        nft add chain inet fault output '{ type filter hook output priority 0; policy accept; }'
        nft add rule inet fault output ip daddr ${time1} udp dport 123 drop
        systemctl restart chrony`,
      until: `${WARM} && ${state("?", time1)} && ${SELECTED}`,
      expect: [`source-unreachable ${time1}`],
      mend: "nft delete table inet fault",
      healed: `! ${state("[x?~]", ".*")}`,
    },
    {
      ...web1,
      name: "a server that serves falsely",
      inject: async () => beside.lie(5),
      until: `${WARM} && ${state("x", controller)}`,
      expect: [`falseticker ${controller}`],
      mend: async () => beside.lie(0),
    },
  ];
}
