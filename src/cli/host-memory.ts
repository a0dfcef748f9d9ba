import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeLeftOvers, temporaryName } from "../history/temporary-files.ts";
import { type HostMemory, type RememberedLook, rememberedLookOf } from "../remote/observe-memory.ts";
import { type KnownProgram, knownProgramOf } from "../remote/observe-request.ts";

/** What earlier runs saw of hosts, so that a host that is still as it was costs less to look at. */
export interface HostMemories {
  /** A host is believed of itself alone: no other can say which version it has, or how its units are. */
  of(host: string): HostMemory;
  /** Keeps what was learnt. It only saves time: where it cannot be written, the next run asks again. */
  save(): void;
}

/** What is kept of one host: a line of the file. */
interface Kept {
  host: string;
  /** The day on which something was learnt of it last, give or take SEEN_AGAIN_DAYS: YYYY-MM-DD. */
  seen: string;
  programs: readonly KnownProgram[];
  /** The newest last. */
  looks: readonly RememberedLook[];
}

/** So many playbooks look at one host in their own way; of more, those that were not used for longest are forgotten. */
const MOST_LOOKS = 4;
/** A host that no run has seen for so long is gone. */
const GONE_DAYS = 90;
/** The file is not written anew only because a quiet fleet was seen again, unless it was not for so long. */
const SEEN_AGAIN_DAYS = 7;
const FILE = "hosts.ndjson";

/**
 * Reads `hosts.ndjson` of the state directory, a host a line; a line that is not of this form is not known. In memory
 * each host stays the text of its line, a fraction of what it takes as objects.
 * @param today YYYY-MM-DD
 */
export function hostMemories(stateDirectory: string, today: string): HostMemories {
  const path = join(stateDirectory, FILE);
  const read = (): Map<string, string> => readLines(path, dayBefore(today, GONE_DAYS));
  const lines = read();
  const changed = new Set<string>();
  const keptOf = (host: string): Kept =>
    parsed(lines.get(host) ?? "") ?? { host, seen: today, programs: [], looks: [] };
  const change = (host: string, to: (kept: Kept) => Partial<Kept>): void => {
    const before = keptOf(host);
    const kept = { ...before, ...to(before) };
    const seen = daysBetween(before.seen, today) >= SEEN_AGAIN_DAYS ? today : before.seen;
    const line = kept.programs.length + kept.looks.length > 0 ? JSON.stringify({ ...kept, seen }) : undefined;
    if (line === lines.get(host)) return;
    if (line === undefined) lines.delete(host);
    else lines.set(host, line);
    changed.add(host);
  };
  return {
    of: (host) => ({
      programs: {
        known: () => keptOf(host).programs,
        learn: (programs) => change(host, (kept) => ({ programs: learnt(kept, programs) })),
      },
      looks: {
        of: (question) => keptOf(host).looks.find((look) => look.question === question),
        learn: (look) => change(host, ({ looks }) => ({ looks: withLook(looks, look) })),
        forgetUnits: () =>
          change(host, ({ looks }) => ({ looks: looks.map(({ units: _, ...rest }) => rest) })),
      },
    }),
    save: () => {
      if (changed.size === 0) return;
      const mine = [...changed].map((host) => [host, lines.get(host)] as const);
      changed.clear();
      // What another lfce has written meanwhile of other hosts stays.
      const all = read();
      for (const [host, line] of mine) {
        if (line === undefined) all.delete(host);
        else all.set(host, line);
      }
      replace(stateDirectory, [...all.values()].map((line) => `${line}\n`).join(""));
    },
  };
}

/** Not flushed to the disk: after a power cut, nothing is known. */
function replace(directory: string, text: string): void {
  const beside = join(directory, temporaryName(FILE));
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    removeLeftOvers(directory, Date.now());
    // Of an earlier attempt of this process, whose disk was full.
    rmSync(beside, { force: true });
    writeFileSync(beside, text, { mode: 0o600, flag: "wx" });
    renameSync(beside, join(directory, FILE));
  } catch {
    // It only saves time. What a full disk took of it is removed by the next run that can.
  }
}

function learnt({ programs: known }: Kept, programs: readonly KnownProgram[]): KnownProgram[] {
  // A host can say anything of its daemons.
  const told = programs.flatMap((program) => knownProgramOf(program) ?? []);
  const names = new Set(told.map(({ name }) => name));
  return [...known.filter(({ name }) => !names.has(name)), ...told];
}

/** Without one that says nothing, which would only cost the next run its room. */
function withLook(looks: readonly RememberedLook[], look: RememberedLook): RememberedLook[] {
  const others = looks.filter(({ question }) => question !== look.question);
  const isWorthIt = look.units !== undefined || look.includes.length > 0;
  return [...others, ...(isWorthIt ? [look] : [])].slice(-MOST_LOOKS);
}

/** The lines by their hosts, without what is not known in them; not those that were seen last on `gone` or before. */
function readLines(path: string, gone: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of readable(path).split("\n")) {
    const kept = parsed(line);
    if (kept && kept.seen > gone) lines.set(kept.host, JSON.stringify(kept));
  }
  return lines;
}

function readable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function parsed(line: string): Kept | undefined {
  try {
    const value = JSON.parse(line) as Partial<Record<keyof Kept, unknown>> | null;
    const { host, seen, programs, looks } = value ?? {};
    if (typeof host !== "string" || typeof seen !== "string" || !/^\d{4}-\d\d-\d\d$/.test(seen)) {
      return undefined;
    }
    return {
      host,
      seen,
      programs: listOf(programs, knownProgramOf).slice(0, 2),
      looks: listOf(looks, rememberedLookOf).slice(-MOST_LOOKS),
    };
  } catch {
    return undefined;
  }
}

function listOf<T>(value: unknown, one: (value: unknown) => T | undefined): T[] {
  return Array.isArray(value) ? value.flatMap((each) => one(each) ?? []) : [];
}

function daysBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 86_400_000;
}

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
}
