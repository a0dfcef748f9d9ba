import type { Lab } from "../lab/lab.ts";
import { onHost } from "./proof-hosts.ts";

/** What a settled transaction must not leave on a machine: lock, record, stage file, timer, unit. Empty is good. */
export async function leftBehind(lab: Lab, machine: string): Promise<string[]> {
  const found = await onHost(
    lab,
    machine,
    `ls -d /var/lib/lfce/lock* /var/lib/lfce/open* /var/lib/lfce/rolling-back 2>/dev/null
     find /etc /var/lib/rsyslog /var/spool/rsyslog -name '.lfce-*' 2>/dev/null
     find /etc/systemd/system -name 'lfce-*' 2>/dev/null
     systemctl list-units --all --no-legend --plain 'lfce-lease-*' | grep -v ' inactive '
     true`,
  );
  return found.split("\n").filter((line) => line !== "");
}
