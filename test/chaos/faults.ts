import { onHost } from "../fleet/proof-hosts.ts";
import type { Fault } from "./cases.ts";
import type { MachineSet, RunningLfce } from "./machine-set.ts";

/** What an editor adds to the file in the middle of a change. */
export const EDITORS_LINE = "# saved by an editor";

const CHRONY = "/etc/chrony/chrony.conf";
const DROP_IN = "/run/systemd/system/chrony.service.d";

/** Makes a machine ready for its fault, before the change begins. */
export async function prepareFault(fault: Fault, { lab, client }: MachineSet): Promise<void> {
  if (fault === "disk-full") {
    // Small file systems of their own, which can be filled without harm to anything else.
    for (const [place, size] of [
      ["/etc/chrony", "200k"],
      ["/var/lib/lfce", "1m"],
    ] as const) {
      await onHost(
        lab,
        client,
        `mkdir -p ${place} && cp -a ${place} /run/kept && mount -t tmpfs -o size=${size},mode=755 chaos ${place} &&
         cp -a /run/kept/. ${place}/ && rm -rf /run/kept`,
      );
    }
  }
  if (fault === "read-only") await onHost(lab, client, "mount --bind /etc/chrony /etc/chrony");
}

/** Does it. Resolves when it is done; what it leads to is seen later. */
export async function inject(fault: Fault, set: MachineSet, running: RunningLfce): Promise<void> {
  const { lab, client } = set;
  switch (fault) {
    case "controller-killed":
      running.process.kill("SIGKILL");
      return;
    case "power-cut":
      return lab.powerCut(client);
    case "partition":
      return lab.linkDown(client);
    case "sshd-killed":
      await onHost(
        lab,
        client,
        "for pid in $(pgrep sshd); do kill -9 $pid; done; systemctl restart ssh; true",
      );
      return;
    case "disk-full":
      await onHost(
        lab,
        client,
        "for place in /etc/chrony /var/lib/lfce; do dd if=/dev/zero of=$place/fill bs=1k 2>/dev/null; done; true",
      );
      return;
    case "read-only":
      await onHost(lab, client, "mount -o remount,bind,ro /etc/chrony");
      return;
    case "daemon-refuses":
      return dropIn(set, `ExecStartPre=/bin/sh -c '! grep -q lfce ${CHRONY}'`);
    case "daemon-hangs":
      return dropIn(
        set,
        `ExecStartPre=/bin/sh -c 'while grep -q lfce ${CHRONY}; do sleep 0.1; done'\nTimeoutStartSec=5`,
      );
    case "second-lfce": {
      const second = set.start("apply");
      await second.ended;
      return;
    }
    case "editor-saves-in-place":
      await onHost(lab, client, `echo '${EDITORS_LINE}' >>${CHRONY}`);
      return;
    case "editor-saves-by-rename":
      await onHost(
        lab,
        client,
        `cp -p ${CHRONY} ${CHRONY}.swp && echo '${EDITORS_LINE}' >>${CHRONY}.swp && mv ${CHRONY}.swp ${CHRONY}`,
      );
      return;
  }
}

/** What somebody does about it before the host can go on: a cable is plugged in again, a disk is writable again. */
export async function relieve(fault: Fault, { lab, client }: MachineSet): Promise<void> {
  if (fault === "read-only") await onHost(lab, client, "mount -o remount,bind,rw /etc/chrony");
}

/** Ends the fault, so that the next run can be judged. */
export async function repair(fault: Fault, { lab, client }: MachineSet): Promise<void> {
  if (fault === "partition") await lab.linkUp(client);
  if (fault === "disk-full") await onHost(lab, client, "rm -f /etc/chrony/fill /var/lib/lfce/fill");
  if (fault.startsWith("daemon-")) await onHost(lab, client, `rm -rf ${DROP_IN}; systemctl daemon-reload`);
}

async function dropIn({ lab, client }: MachineSet, lines: string): Promise<void> {
  await onHost(lab, client, `mkdir -p ${DROP_IN}`);
  await lab.write(client, `${DROP_IN}/chaos.conf`, `[Service]\n${lines}\n`);
  await onHost(lab, client, "systemctl daemon-reload");
}
