import { onHost, openHost } from "../proof-hosts.ts";
import { appendLines } from "../service-change.ts";
import type { DriftKind } from "./kind.ts";

/** Shell command that succeeds when chronyd has selected a source. */
const SELECTED = "chronyc -n sources | grep -q '^^\\*'";

/** What can become of the files and packages of the two daemons; `server` is the address of the time and log server. */
export function hostKinds(server: string): DriftKind[] {
  const target = `tcp/${server}:514`;
  return [
    {
      host: "web1",
      name: "a configuration file that everybody may write to",
      inject: "chmod 0666 /etc/chrony/chrony.conf",
      expect: ["file-mode /etc/chrony/chrony.conf"],
    },
    {
      host: "db1",
      name: "a configuration file of somebody else's",
      inject: "chown nobody /etc/rsyslog.conf",
      expect: ["file-owner /etc/rsyslog.conf"],
    },
    {
      host: "web1",
      name: "a configuration file that cannot be changed",
      inject: "chattr +i /etc/chrony/chrony.conf",
      expect: ["file-immutable /etc/chrony/chrony.conf"],
      mend: "chattr -i /etc/chrony/chrony.conf",
    },
    {
      host: "db1",
      name: "the lock of a run whose process is gone",
      inject: `printf 'boot-id %s\\npid 2147483000\\nstarted 1\\n' "$(cat /proc/sys/kernel/random/boot_id)" >/var/lib/lfce/lock`,
      expect: ["transaction-left-over /var/lib/lfce/lock"],
      mend: "rm /var/lib/lfce/lock",
    },
    {
      host: "web1",
      name: "stock file of rsyslog put back by a reinstall",
      inject: `rm /etc/rsyslog.conf
        DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFMISS=1 apt-get -q -y -o Dpkg::Options::=--force-confmiss --reinstall install rsyslog`,
      expect: [`forward-missing ${target}`],
      mend: "fix",
    },
    {
      host: "web1",
      name: "stock file of chrony put back by a reinstall",
      inject: `rm /etc/chrony/chrony.conf
        DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFMISS=1 apt-get -q -y --reinstall install chrony`,
      expect: [
        `source-missing ${server}`,
        "source-undeclared /etc/chrony/sources.d",
        "source-undeclared /run/chrony-dhcp",
        "source-undeclared 2.debian.pool.ntp.org",
      ],
      restart: "chrony",
      healed: SELECTED,
    },
    {
      host: "web1",
      name: "a run that was cut off in the middle of a change, with what should have put it back",
      inject: async (lab) => {
        const session = await openHost(lab, "web1");
        await session.apply(await appendLines(lab, "web1", { chrony: "# cut off" }, { id: "cut-off" }));
        await onHost(
          lab,
          "web1",
          "systemctl stop 'lfce-lease-*.timer'; kill -9 $(sed -n 's/^pid //p' /var/lib/lfce/lock)",
        );
        await session.close().catch(() => undefined);
      },
      until: SELECTED,
      expect: ["transaction-left-over /var/lib/lfce/transactions/cut-off"],
      mend: "apply",
      healed: SELECTED,
    },
    {
      host: "web1",
      name: "a package removed",
      inject: "DEBIAN_FRONTEND=noninteractive apt-get -q -y remove rsyslog",
      expect: ["package-missing rsyslog"],
      mend: "apply",
    },
  ];
}
