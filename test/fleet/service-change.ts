import { createHash } from "node:crypto";
import type { FileChange, HealthCheck, ServiceName } from "../../src/core/host-plan.ts";
import type { Transaction } from "../../src/core/transaction.ts";
import type { Lab } from "../lab/lab.ts";
import { contentOf } from "./host-state.ts";

/** Where a machine keeps the main files of the two services, and what it calls their units. */
export interface ServiceNames {
  files: Record<ServiceName, string>;
  units: Record<ServiceName, string>;
}

export function serviceNames(lab: Lab, machine: string): ServiceNames {
  const isEl = lab.machine(machine).image.startsWith("el9");
  return {
    files: { chrony: isEl ? "/etc/chrony.conf" : "/etc/chrony/chrony.conf", rsyslog: "/etc/rsyslog.conf" },
    units: { chrony: isEl ? "chronyd" : "chrony", rsyslog: "rsyslog" },
  };
}

let counter = 0;

/** A transaction that appends a line to the main file of each service and restarts it; no plan would ask for it. */
export async function appendLines(
  lab: Lab,
  machine: string,
  lines: Partial<Record<ServiceName, string>>,
  parts: Partial<Transaction> = {},
): Promise<Transaction> {
  const names = serviceNames(lab, machine);
  const services = Object.keys(lines) as ServiceName[];
  const files = await Promise.all(
    services.map(async (service): Promise<FileChange> => {
      const path = names.files[service];
      const content = await contentOf(lab, machine, path);
      const sha256 = createHash("sha256").update(content, "latin1").digest("hex");
      return { path, before: { sha256, content }, after: `${content}${lines[service]}\n`, reason: "test" };
    }),
  );
  counter += 1;
  return {
    id: `test-${process.pid}-${counter}`,
    playbook: "test.yml",
    expect: files.map(({ path, before }) => ({ path, sha256: before?.sha256 ?? null })),
    directories: [],
    files,
    staged: [],
    units: services.map((service) => ({ unit: names.units[service], action: "restart", reason: "test" })),
    health: services.map((service): HealthCheck => ({ kind: "active", unit: names.units[service] })),
    loadedFiles: Object.fromEntries(
      services.map((service) => [names.units[service], [names.files[service]]]),
    ),
    leaseSeconds: 60,
    keepFailed: false,
    ...parts,
  };
}

/** Configuration and state of both services: what a change that was put back must leave as it was. */
export function withoutOwnDirectory(files: Map<string, string>): Map<string, string> {
  return new Map([...files].filter(([path]) => path !== "" && !path.startsWith("/var/lib/")));
}
