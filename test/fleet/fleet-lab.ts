import { attachLab, type Lab, type MachineRequest } from "../lab/lab.ts";
import { requireNamespace } from "../lab/require-namespace.ts";

/** Another name lets two test runs stand side by side on one box. */
export const FLEET_LAB = process.env.LFCE_FLEET_LAB ?? "fleet";

/**
 * The machines that all fleet tests share. They run one file after the other; each puts the machines that it
 * uses back to stock first, so that none depends on what another left.
 */
export const fleetMachines: readonly MachineRequest[] = [
  { name: "time1", image: "debian12" },
  { name: "log1", image: "debian13" },
  { name: "web1", image: "debian12" },
  { name: "old1", image: "debian11" },
  { name: "db1", image: "el9" },
  { name: "bare1", image: "debian12-bare" },
  { name: "bare2", image: "el9-bare" },
];

/** The running fleet lab; refuses to go on outside its namespace, where packets could leave the box. */
export async function fleetLab(): Promise<Lab> {
  requireNamespace(FLEET_LAB);
  return attachLab(FLEET_LAB);
}
