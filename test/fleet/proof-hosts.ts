import type { HostSession } from "../../src/core/host-session.ts";
import { createConnect } from "../../src/remote/session.ts";
import { processEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Lab } from "../lab/lab.ts";

/** A session with a lab machine (as root unless told otherwise), its host key checked against the lab's known_hosts. */
export function openHost(
  lab: Lab,
  machine: string,
  login: { user: string; become: boolean } = { user: "root", become: false },
): Promise<HostSession> {
  const connect = createConnect(processEnvironment(process.env));
  return connect(
    {
      host: machine,
      address: lab.machine(machine).address,
      port: 22,
      privateKeyFile: lab.privateKeyPath,
      knownHostsFiles: [lab.knownHostsPath],
      ...login,
      connectTimeoutMs: 10_000,
    },
    new AbortController().signal,
  );
}

/** Runs shell text on a machine, not by SSH; throws with what it said when it fails. */
export async function onHost(lab: Lab, machine: string, text: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(machine, ["sh", "-c", text]);
  if (code !== 0) throw new Error(`${machine}: ${text}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Restarts units. Tests do it more often than the five times within ten seconds after which systemd refuses
 * (systemd-system.conf(5), DefaultStartLimitBurst=), so its counts are taken back first.
 */
export async function restartUnits(lab: Lab, machine: string, ...units: string[]): Promise<void> {
  await onHost(lab, machine, `systemctl reset-failed; systemctl restart ${units.join(" ")}`);
}
