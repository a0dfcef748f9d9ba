import type { Inventory } from "../config/inventory-model.ts";
import { matchPatterns, type PlacedPattern } from "../config/patterns.ts";
import { errorData, LfceError, type Warning } from "../core/errors.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import { someNames } from "../report/screen.ts";
import { readFailedHosts } from "./failed-hosts.ts";
import { readSource } from "./inventory-files.ts";

const SHOWN_SERVERS = 10;

/** What `--limit` may name besides hosts of the inventory. */
export interface LimitPlaces {
  playbookFile: string;
  /** Where `@failed` is on record. */
  stateDirectory: string;
}

/**
 * The hosts that `--limit` names. Besides patterns, as parts or as the whole of it: `@failed` (hosts of this
 * playbook that failed in earlier runs) and `@FILE` (a file with a host or pattern a line).
 * @throws LfceError as `matchPattern` does, and `no-failed-hosts`, `file-not-readable`
 */
export function limitedHosts(inventory: Inventory, limit: string, places: LimitPlaces): string[] {
  const patterns = partsOf(limit).flatMap((part) => patternsOf(part, inventory, places));
  return matchPatterns(inventory, patterns, limit);
}

/** Parts are set apart as in a pattern, but only where one of them needs it: `@` stands in no other part. */
function partsOf(limit: string): string[] {
  if (!/(^|[,:])\s*[!&]?@/.test(limit)) return [limit];
  return limit
    .split(limit.includes(",") ? "," : ":")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function patternsOf(part: string, inventory: Inventory, places: LimitPlaces): PlacedPattern[] {
  const [, sign = "", name] = /^([!&]?)@(.*)$/.exec(part) ?? [];
  if (name === undefined) return [{ pattern: part }];
  if (sign !== "") {
    throw new LfceError(
      errorData(
        "limit.sign",
        `--limit cannot take ${part}: a list of hosts adds to the others`,
        `write @${name} and what to leave out after it: @${name},!HOST`,
      ),
    );
  }
  return name === "failed" ? failedPatterns(inventory, places) : filePatterns(name);
}

/** Hosts that are gone from the inventory need no retry. */
function failedPatterns(
  inventory: Inventory,
  { stateDirectory, playbookFile }: LimitPlaces,
): PlacedPattern[] {
  const { hosts } = readFailedHosts(stateDirectory, playbookFile);
  const there = hosts.filter((host) => inventory.hosts.has(host));
  if (there.length > 0) return there.map((pattern) => ({ pattern }));
  throw new LfceError({
    code: "no-failed-hosts",
    message: `--limit @failed leaves no host: the inventory has none of ${someNames(hosts, SHOWN_SERVERS)} any more`,
    hint: "leave --limit out to work on all hosts",
  });
}

function filePatterns(path: string): PlacedPattern[] {
  const lines = readSource(path, "file of --limit").text.split(/\r?\n/);
  const patterns = lines.flatMap((source, index) => {
    const pattern = source.replace(/(^|\s)#.*$/, "").trim();
    if (pattern === "") return [];
    const column = source.indexOf(pattern) + 1;
    return [{ pattern, at: { file: path, line: index + 1, column, source, length: pattern.length } }];
  });
  if (patterns.length > 0) return patterns;
  throw new LfceError(
    errorData("limit.empty-file", `${path} names no host`, "write a host or a pattern a line"),
  );
}

/** Says of `--limit` which servers of the chosen hosts it leaves out: they are not changed with them. */
export function leftOutServers(fleet: FleetDeclaration, hosts: readonly string[]): Warning | undefined {
  const chosen = new Set(hosts);
  const leftOut = new Set<string>();
  for (const { client, server } of fleet.references) {
    if (chosen.has(client) && !chosen.has(server)) leftOut.add(server);
  }
  // Servers that the playbook does not manage are changed by no run.
  const names = [...fleet.hosts.keys()].filter((host) => leftOut.has(host));
  if (names.length === 0) return undefined;
  return errorData(
    "limit.servers-left-out",
    `--limit leaves out servers of its hosts, which are at most read for proofs: ${someNames(names, SHOWN_SERVERS)}`,
    "name them in --limit too if they shall be changed as well",
  );
}
