import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostMemory, isRememberedLook, type RememberedLook } from "../remote/observe-memory.ts";
import { isKnownProgram, type KnownProgram } from "../remote/observe-request.ts";

/** What earlier runs saw of hosts, so that a host that is still as it was costs less to look at. */
export interface HostMemories {
  /** A host is believed of itself alone: no other can say which version it has, or how its units are. */
  of(host: string): HostMemory;
  /** Keeps what was learnt. It only saves time: where it cannot be written, the next run asks again. */
  save(): void;
}

interface Kept {
  programs: readonly KnownProgram[];
  /** The newest last. */
  looks: readonly RememberedLook[];
}

/** So many playbooks look at one host in their own way; of more, those that were not used for longest are forgotten. */
const MOST_LOOKS = 4;
const NOTHING: Kept = { programs: [], looks: [] };

/** Reads `hosts.json` of the state directory; what is not there or not of this form is not known. */
export function hostMemories(stateDirectory: string): HostMemories {
  const path = join(stateDirectory, "hosts.json");
  const hosts = readHosts(path);
  let written = JSON.stringify([...hosts]);
  const change = (host: string, to: (kept: Kept) => Kept): void => {
    const kept = to(hosts.get(host) ?? NOTHING);
    if (kept.programs.length + kept.looks.length > 0) hosts.set(host, kept);
    else hosts.delete(host);
  };
  return {
    of: (host) => ({
      programs: {
        known: () => hosts.get(host)?.programs ?? [],
        learn: (programs) => {
          if (programs.length > 0) change(host, (kept) => ({ ...kept, programs: learnt(kept, programs) }));
        },
      },
      looks: {
        of: (question) => hosts.get(host)?.looks.find((look) => look.question === question),
        learn: (look) => change(host, (kept) => ({ ...kept, looks: withLook(kept.looks, look) })),
        forgetUnits: () =>
          change(host, (kept) => ({
            ...kept,
            looks: kept.looks.map(({ units: _, ...rest }) => rest),
          })),
      },
    }),
    save: () => {
      const now = JSON.stringify([...hosts]);
      if (now === written) return;
      written = now;
      try {
        mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
        const beside = `${path}.${process.pid}`;
        writeFileSync(beside, `${JSON.stringify({ version: 1, hosts: Object.fromEntries(hosts) })}\n`, {
          mode: 0o600,
        });
        renameSync(beside, path);
      } catch {
        // See above.
      }
    },
  };
}

function learnt({ programs: known }: Kept, programs: readonly KnownProgram[]): KnownProgram[] {
  const names = new Set(programs.map(({ name }) => name));
  return [...known.filter(({ name }) => !names.has(name)), ...programs];
}

/** Without one that says nothing, which would only cost the next run its room. */
function withLook(looks: readonly RememberedLook[], look: RememberedLook): RememberedLook[] {
  const others = looks.filter(({ question }) => question !== look.question);
  const isWorthIt = look.units !== undefined || look.includes.length > 0;
  return [...others, ...(isWorthIt ? [look] : [])].slice(-MOST_LOOKS);
}

function readHosts(path: string): Map<string, Kept> {
  try {
    const { hosts } = JSON.parse(readFileSync(path, "utf8")) as { hosts?: Record<string, unknown> };
    return new Map(Object.entries(hosts ?? {}).map(([host, kept]) => [host, keptOf(kept)]));
  } catch {
    return new Map();
  }
}

function keptOf(value: unknown): Kept {
  const { programs, looks } = (value ?? {}) as Partial<Record<keyof Kept, unknown>>;
  return {
    programs: Array.isArray(programs) ? programs.filter(isKnownProgram).slice(0, 2) : [],
    looks: Array.isArray(looks) ? looks.filter(isRememberedLook).slice(-MOST_LOOKS) : [],
  };
}
