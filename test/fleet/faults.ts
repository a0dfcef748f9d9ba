import type { Lab } from "../lab/lab.ts";
import { onHost } from "./proof-hosts.ts";

/** A firewall rule that drops everything to a TCP port of a machine, connections that are open included. */
export async function dropPort(lab: Lab, machine: string, port: number): Promise<void> {
  await onHost(
    lab,
    machine,
    `nft add table inet fault
     nft add chain inet fault input '{ type filter hook input priority 0; policy accept; }'
     nft add rule inet fault input tcp dport ${port} drop`,
  );
}

/** Takes the rules of `dropPort` away. */
export async function dropNothing(lab: Lab, machine: string): Promise<void> {
  await onHost(lab, machine, "nft delete table inet fault");
}

/**
 * Makes each start of a unit wait until `openGate`: so a test can act while a restart is under way, for as
 * long as it wants.
 */
export async function closeGate(lab: Lab, machine: string, unit: string): Promise<void> {
  const waits = "[Service]\nExecStartPre=/bin/sh -c 'until [ -e /run/gate-is-open ]; do sleep 0.05; done'\n";
  await onHost(lab, machine, `mkdir -p /run/systemd/system/${unit}.service.d; rm -f /run/gate-is-open`);
  await lab.write(machine, `/run/systemd/system/${unit}.service.d/gate.conf`, waits);
  await onHost(lab, machine, "systemctl daemon-reload");
}

/** Lets a unit that waits behind `closeGate` start, and all later starts. */
export async function openGate(lab: Lab, machine: string): Promise<void> {
  await onHost(lab, machine, "touch /run/gate-is-open");
}
