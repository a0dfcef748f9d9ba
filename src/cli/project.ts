import { expandPlaybook } from "../config/host-roles.ts";
import { loadInventory } from "../config/inventory.ts";
import type { Inventory } from "../config/inventory-model.ts";
import { loadPlaybook, type Playbook } from "../config/playbook.ts";
import type { HostRoles } from "../config/role-settings.ts";
import { LfceError } from "../core/errors.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import { declareFleet } from "../plan/declare-fleet.ts";
import { processEnvironment } from "../remote/ssh/environment.ts";
import { fitEngine } from "./engine.ts";
import { extraVariables } from "./extra-variables.ts";
import { inventoryPaths, readInventories, readSource } from "./inventory-files.ts";
import { limitedHosts } from "./limit.ts";
import { stateDirectory } from "./state-directory.ts";

/** Options that say which files and variables make the project. */
export interface ProjectOptions {
  inventory?: string[];
  extraVars?: string[];
  /** Limit for connecting to a host, in seconds, where one was given. */
  timeout?: number;
}

/** Options that say which hosts of a project to work on. */
export interface HostChoice {
  limit?: string;
  /** `--state-dir`, as given. */
  stateDir?: string;
}

/** Playbook and inventory, read, checked and put together. */
export interface Project {
  playbookFile: string;
  playbook: Playbook;
  inventory: Inventory;
  roles: Map<string, HostRoles>;
  fleet: FleetDeclaration;
}

/**
 * Reads everything that needs no host.
 * @throws LfceError, LfceErrors with all that is wrong in the files
 */
export function loadProject(playbookFile: string, options: ProjectOptions): Project {
  fitEngine();
  const playbook = loadPlaybook(readSource(playbookFile, "playbook"));
  const inventory = readInventory(inventoryPaths(options.inventory ?? [], playbookFile, playbook), options);
  const roles = expandPlaybook(playbook, inventory);
  const fleet = declareFleet(playbook.name, roles, inventory);
  return { playbookFile, playbook, inventory, roles, fleet };
}

/** Reads inventories alone, for `lfce inventory`. */
export function readInventory(paths: readonly string[], options: ProjectOptions): Inventory {
  const { home } = processEnvironment(process.env);
  return loadInventory({
    inventories: readInventories(paths),
    extraVariables: extraVariables(options.extraVars ?? []),
    environment: {
      home,
      ...(options.timeout === undefined ? {} : { connectTimeoutMs: options.timeout * 1000 }),
      workingDirectory: process.cwd(),
    },
  });
}

/**
 * The hosts to work on: those of the playbook that `--limit` leaves, in inventory order.
 * @throws LfceError `no-hosts` when none is left
 */
export function chosenHosts(project: Project, { limit, stateDir }: HostChoice): string[] {
  const all = [...project.fleet.hosts.keys()];
  const places = {
    playbookFile: project.playbookFile,
    stateDirectory: stateDirectory(stateDir, process.env),
  };
  const wanted = limit === undefined ? undefined : new Set(limitedHosts(project.inventory, limit, places));
  const chosen = wanted ? all.filter((host) => wanted.has(host)) : all;
  if (chosen.length > 0) return chosen;
  throw new LfceError({
    code: "no-hosts",
    message:
      limit === undefined ? `${project.playbookFile} matches no host` : `--limit ${limit} leaves no host`,
    hint: `hosts of the playbook: ${all.slice(0, 10).join(", ") || "none"}${all.length > 10 ? " …" : ""}`,
  });
}
