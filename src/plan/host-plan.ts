import type { LfceErrorData, Warning } from "../core/errors.ts";
import type { Change } from "../core/events.ts";
import type { FileChange, ServicePlan } from "../core/host-plan.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { MadeBy, Transaction } from "../core/transaction.ts";
import { unifiedDiff } from "../core/unified-diff.ts";

/** Everything that has to happen on one host, service by service: time first, then logs. */
export interface HostPlan {
  host: string;
  services: ServicePlan[];
}

/** Packages that must be installed before the rest can be planned. */
export function packagesOf(plan: HostPlan): string[] {
  return plan.services.flatMap((service) => service.packages);
}

/** What makes the plan impossible; when not empty nothing is applied. */
export function errorsOf(plan: HostPlan): LfceErrorData[] {
  return plan.services.flatMap((service) => service.errors);
}

/** Warnings of all services, each said once. */
export function warningsOf(plan: HostPlan): Warning[] {
  const seen = new Map<string, Warning>();
  for (const warning of plan.services.flatMap((service) => service.warnings)) {
    seen.set(JSON.stringify([warning.code, warning.message, warning.at]), warning);
  }
  return [...seen.values()];
}

/** What apply will do, in its order: exactly what a dry run shows. */
export function changesOf(plan: HostPlan): Change[] {
  const packages = plan.services.flatMap((service) =>
    service.packages.map((name): Change => {
      return {
        kind: "package",
        target: name,
        reason: `${name} is not installed; the diff of ${service.service} is known after`,
      };
    }),
  );
  const files = plan.services.flatMap((service) => [
    ...service.directories.map((directory): Change => {
      return { kind: "file", target: directory.path, reason: `new directory: ${directory.reason}` };
    }),
    ...service.files.map(fileChange),
  ]);
  const units = plan.services.flatMap((service) =>
    service.units.map((unit): Change => {
      if (unit.action === "restart") return { kind: "restart", target: unit.unit, reason: unit.reason };
      return { kind: "unit", target: unit.unit, reason: `${unit.action}: ${unit.reason}` };
    }),
  );
  return [...packages, ...files, ...units];
}

function fileChange(file: FileChange): Change {
  const diff = unifiedDiff(file.path, file.before?.content ?? null, file.after);
  return { kind: "file", target: file.path, diff, reason: file.reason };
}

export interface TransactionOptions {
  id: string;
  playbook: string;
  leaseSeconds: number;
  keepFailed: boolean;
  madeBy?: MadeBy;
}

/** The plan as one transaction for the host; its checksums are those of the files it was planned from. */
export function transactionOf(
  plan: HostPlan,
  observed: ObservedHost,
  options: TransactionOptions,
): Transaction {
  const services = plan.services;
  const files = services.flatMap((service) => service.files);
  const planned = new Set([
    ...files.map((file) => file.path),
    ...services.flatMap((service) => service.loadedFiles),
  ]);
  return {
    id: options.id,
    playbook: options.playbook,
    expect: [...planned].map((path) => ({ path, sha256: checksumBefore(path, files, observed) })),
    expectMatches: files.length > 0 ? expectedMatches(observed) : [],
    directories: services.flatMap((service) => service.directories),
    files,
    staged: services.flatMap((service) => (service.staged ? [service.staged] : [])),
    units: services.flatMap((service) => service.units),
    health: services.flatMap((service) => service.health),
    loadedFiles: Object.fromEntries(
      services.flatMap((service) =>
        service.units
          .filter((unit) => unit.action !== "enable")
          .map((unit): [string, string[]] => [unit.unit, service.loadedFiles]),
      ),
    ),
    leaseSeconds: options.leaseSeconds,
    keepFailed: options.keepFailed,
    ...(options.madeBy ? { madeBy: options.madeBy } : {}),
  };
}

/** Include patterns as they can be said again to a shell: what is no plain text, or no pattern, is left out. */
function expectedMatches({ globs }: ObservedHost): { pattern: string; paths: readonly string[] }[] {
  const plain = (path: string) => !/[\uFFFD\n\r\\]/.test(path);
  return Object.entries(globs)
    .filter(([pattern, paths]) => /^\/.*[*?[][^/]*$/.test(pattern) && plain(pattern) && paths.every(plain))
    .map(([pattern, paths]) => ({ pattern, paths }));
}

function checksumBefore(path: string, files: readonly FileChange[], observed: ObservedHost): string | null {
  const change = files.find((file) => file.path === path);
  if (change) return change.before?.sha256 ?? null;
  return observed.files[path]?.sha256 ?? null;
}
