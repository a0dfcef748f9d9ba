import { network } from "../lab/paths.ts";
import type { BenchLab } from "./bench-lab.ts";

/** A way in which a machine gives no answer. */
export interface Silence {
  name: string;
  begin(bench: BenchLab, machine: string): Promise<void>;
  /** Makes the machine well again. */
  end(bench: BenchLab, machine: string): Promise<void>;
}

/** A network card that no machine has. */
const NO_CARD = "02:00:5e:00:53:01";

/**
 * Its packets go nowhere, as behind a router: the neighbour is written down, because the controller shares a network
 * with its machines, where a machine that is off is known to be off after three seconds ("no route to host").
 */
export const dead: Silence = {
  name: "dead (packets vanish)",
  begin: async (bench, machine) => {
    await bench.lab.linkDown(machine);
    await onController(bench, ["replace", addressOf(bench, machine), "lladdr", NO_CARD]);
  },
  end: async (bench, machine) => {
    await bench.lab.linkUp(machine);
    await onController(bench, ["delete", addressOf(bench, machine)]);
  },
};

export const refusing: Silence = {
  name: "refusing (no sshd)",
  begin: (bench, machine) => onMachine(bench, machine, "systemctl stop ssh"),
  end: (bench, machine) => onMachine(bench, machine, "systemctl start ssh"),
};

/** The kernel takes the connection, and nobody greets. */
export const greetingNobody: Silence = {
  name: "hanging (sshd stopped)",
  begin: (bench, machine) => onMachine(bench, machine, 'kill -STOP "$(systemctl show -P MainPID ssh)"'),
  end: (bench, machine) => onMachine(bench, machine, 'kill -CONT "$(systemctl show -P MainPID ssh)"'),
};

/** As with a home directory on a file server that is gone: the login shell never comes to its command. */
export const hangingAfterLogin: Silence = {
  name: "hanging (after login)",
  begin: (bench, machine) =>
    onMachine(bench, machine, "mv .bashrc .bashrc.well && echo 'exec sleep infinity' >.bashrc"),
  end: (bench, machine) => onMachine(bench, machine, "mv .bashrc.well .bashrc && pkill -x sleep"),
};

function addressOf(bench: BenchLab, machine: string): string {
  return bench.lab.machine(machine).address;
}

async function onController(bench: BenchLab, neighbour: readonly string[]): Promise<void> {
  const { code, stderr } = await bench.stage.run(["ip", "neigh", ...neighbour, "dev", network.bridge]);
  if (code !== 0) throw new Error(`ip neigh ${neighbour.join(" ")}: ${stderr}`);
}

async function onMachine(bench: BenchLab, machine: string, script: string): Promise<void> {
  const { code, stderr } = await bench.lab.run(machine, ["sh", "-c", `cd /root && ${script}`]);
  if (code !== 0) throw new Error(`${machine}: ${script}: ${stderr}`);
}
