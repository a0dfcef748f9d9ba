import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramVersions } from "../remote/observe.ts";
import type { KnownProgram } from "../remote/observe-request.ts";

/** What earlier runs learnt of hosts' daemons: a host whose programs are still the same is not asked for versions. */
export interface KnownPrograms {
  of(host: string): ProgramVersions;
  /** Keeps what was learnt. It only saves time: where it cannot be written, the next run asks again. */
  save(): void;
}

/** Reads `programs.json` of the state directory; what is not there or not of this form is not known. */
export function knownPrograms(stateDirectory: string): KnownPrograms {
  const path = join(stateDirectory, "programs.json");
  const kept = readKept(path);
  let learnt = false;
  return {
    // A host is believed of itself alone: no other can say which version it has.
    of: (host) => ({
      known: () => kept.get(host) ?? [],
      learn: (programs) => {
        if (programs.length === 0) return;
        const names = new Set(programs.map(({ name }) => name));
        kept.set(host, [...(kept.get(host) ?? []).filter(({ name }) => !names.has(name)), ...programs]);
        learnt = true;
      },
    }),
    save: () => {
      if (!learnt) return;
      learnt = false;
      try {
        mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
        const beside = `${path}.${process.pid}`;
        writeFileSync(beside, `${JSON.stringify({ version: 1, hosts: Object.fromEntries(kept) })}\n`, {
          mode: 0o600,
        });
        renameSync(beside, path);
      } catch {
        // See above.
      }
    },
  };
}

function readKept(path: string): Map<string, KnownProgram[]> {
  try {
    const { hosts } = JSON.parse(readFileSync(path, "utf8")) as { hosts?: Record<string, unknown> };
    return new Map(
      Object.entries(hosts ?? {}).flatMap(([host, programs]): [string, KnownProgram[]][] =>
        Array.isArray(programs) ? [[host, programs.filter(isKnownProgram)]] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

function isKnownProgram(value: unknown): value is KnownProgram {
  const { name, size, mtime, version } = (value ?? {}) as Partial<Record<keyof KnownProgram, unknown>>;
  return (
    (name === "chronyd" || name === "rsyslogd") &&
    Number.isSafeInteger(size) &&
    /^\d+(\.\d+)?$/.test(String(mtime)) &&
    /^\d[\w.+~-]*$/.test(String(version))
  );
}
