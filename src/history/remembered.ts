import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type HostHistory, REMEMBERED_LOOKS } from "../core/history.ts";
import { writeWhole } from "./durable-file.ts";
import { foldHost } from "./fold.ts";
import { readEvents, readRunHead, runFileNames } from "./run-files.ts";

/** What the runs of a playbook say of each host, summed up. */
export interface Remembered {
  /** By inventory name. */
  hosts: Map<string, HostHistory>;
  /** File names of the runs that are in it. */
  runs: string[];
}

/**
 * Where the sum is kept, so that a run need not read its predecessors. It is only that: without it, or with one of
 * another version, the newest runs are read again.
 */
const CACHE_FILE = "remembered.json";
const CACHE_VERSION = 1;

/**
 * What is known of each host after the recorded runs. Reads the sum and the runs that are not in it; else the last
 * `REMEMBERED_LOOKS` runs. Writes nothing.
 * @throws NodeJS.ErrnoException when what is there cannot be read
 */
export function rememberedHosts(directory: string): Remembered {
  const names = runFileNames(directory);
  const cached = readCache(directory);
  if (cached) {
    const known = new Set(cached.runs);
    const last = names.findLast((name) => known.has(name)) ?? "";
    const missing = names.filter((name) => !known.has(name));
    // One that ended earlier and is not in it: two runs ended side by side.
    if (missing.every((name) => name > last)) return readOn(directory, cached, missing);
  }
  return readOn(directory, { hosts: new Map(), runs: [] }, names, names.slice(-REMEMBERED_LOOKS));
}

/** Takes the events of further runs into what is remembered. */
function readOn(directory: string, before: Remembered, names: string[], read = names): Remembered {
  for (const name of read) {
    const path = join(directory, name);
    const run = readRunHead(path);
    if (!run) continue;
    for (const event of readEvents(path)) {
      if (event.event !== "host-finished") continue;
      const { history } = foldHost(before.hosts.get(event.host), event, run.started);
      if (history) before.hosts.set(event.host, history);
    }
  }
  return { hosts: before.hosts, runs: [...before.runs, ...names] };
}

/**
 * Keeps the sum for the next run, when it is one of exactly the runs that are there: where another run has ended
 * meanwhile, the next one reads what is missing. Hosts that no run there has met are forgotten.
 * @throws NodeJS.ErrnoException
 */
export function keepRemembered(directory: string, { hosts, runs }: Remembered): void {
  const names = runFileNames(directory);
  const known = new Set(runs);
  if (!names.every((name) => known.has(name))) return;
  const oldest = names[0] === undefined ? undefined : readRunHead(join(directory, names[0]));
  const met = [...hosts.values()].filter((host) => oldest === undefined || host.met >= oldest.started);
  writeWhole(directory, CACHE_FILE, JSON.stringify({ version: CACHE_VERSION, runs: names, hosts: met }));
}

function readCache(directory: string): Remembered | undefined {
  try {
    const { version, runs, hosts } = JSON.parse(readFileSync(join(directory, CACHE_FILE), "utf8"));
    if (version !== CACHE_VERSION) return undefined;
    return { runs, hosts: new Map(hosts.map((host: HostHistory) => [host.host, host])) };
  } catch {
    return undefined;
  }
}
