import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorData, LfceError, type Warning } from "../core/errors.ts";
import type { Command, HostFinished } from "../core/events.ts";

/** The hosts of a playbook that `--limit @failed` means, as the state directory keeps them. */
export interface FailedHosts {
  version: 1;
  /** Absolute path of the playbook. */
  playbook: string;
  /** The last run that was recorded. */
  command: Command;
  /** RFC 3339, UTC. */
  time: string;
  hosts: string[];
}

/** What a run says of a host: it is still to be mended, it is as declared, or (undefined) nothing. */
function verdictOf({ status, error }: Pick<HostFinished, "status" | "error">): "failed" | "good" | undefined {
  switch (status) {
    case "failed":
    case "rolled-back":
    case "unreachable":
      return "failed";
    case "changed":
    case "unchanged":
      return error ? undefined : "good";
    case "skipped":
      return SKIPPED_FOR_FAILURE.has(error?.code ?? "") ? "failed" : undefined;
    case "drifted":
    case "pending":
      return undefined;
  }
}

/** Hosts that were left out because others failed. */
const SKIPPED_FOR_FAILURE = new Set(["servers-failed", "too-many-failures"]);

/**
 * Collects what `--limit @failed` means after this run: hosts that failed in it, and those of earlier runs that it
 * did not find, or make, as declared. Kept are names alone.
 */
export function failedHostsOf(
  directory: string,
  playbookFile: string,
): {
  see(event: Pick<HostFinished, "host" | "status" | "error">): void;
  /** Writes the record, atomically; a warning where that is impossible. */
  write(command: Command, now: Date): Warning | undefined;
} {
  const failed = new Set<string>();
  const good = new Set<string>();
  return {
    see(event) {
      const verdict = verdictOf(event);
      if (verdict) (verdict === "failed" ? failed : good).add(event.host);
    },
    write(command, now) {
      const path = recordPath(directory, playbookFile);
      const before = readRecord(path)?.hosts ?? [];
      const hosts = [...new Set([...before.filter((host) => !good.has(host)), ...failed])];
      const playbook = resolve(playbookFile);
      const record: FailedHosts = { version: 1, playbook, command, time: now.toISOString(), hosts };
      try {
        writeAtomically(path, `${JSON.stringify(record)}\n`);
        return undefined;
      } catch (error) {
        return errorData(
          "state-not-written",
          `which hosts failed cannot be kept for \`--limit @failed\`: ${(error as Error).message}`,
          `make ${directory} writable, or name another directory with --state-dir`,
        );
      }
    },
  };
}

/**
 * The record of the last runs of a playbook.
 * @throws LfceError `no-failed-hosts` when there is none, or when it names no host
 */
export function readFailedHosts(directory: string, playbookFile: string): FailedHosts {
  const record = readRecord(recordPath(directory, playbookFile));
  if (record && record.hosts.length > 0) return record;
  throw new LfceError(
    record
      ? {
          code: "no-failed-hosts",
          message: `--limit @failed leaves no host: none failed in the last run of ${playbookFile} (${record.command}, ${record.time})`,
          hint: "leave --limit out to work on all hosts",
        }
      : {
          code: "no-failed-hosts",
          message: `--limit @failed: no run of ${playbookFile} is on record in ${directory}`,
          hint: "run it once without --limit; name the directory of the other runs with --state-dir",
        },
  );
}

/** One file a playbook, whatever the working directory it is named from. */
function recordPath(directory: string, playbookFile: string): string {
  const name = createHash("sha256").update(resolve(playbookFile)).digest("hex").slice(0, 16);
  return join(directory, "failed", `${name}.json`);
}

/** Whoever reads at the same time sees the old record or the new one. */
function writeAtomically(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What cannot be read or is of another version counts as not there: it is only a convenience. */
function readRecord(path: string): FailedHosts | undefined {
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<FailedHosts>;
    const isRecord = record.version === 1 && Array.isArray(record.hosts);
    return isRecord && record.hosts?.every((host) => typeof host === "string")
      ? (record as FailedHosts)
      : undefined;
  } catch {
    return undefined;
  }
}
