import type { Inventory } from "../config/inventory-model.ts";
import { matchPattern } from "../config/patterns.ts";
import { isObject } from "../config/role-context.ts";
import { isVault } from "../config/vault.ts";
import { LfceError } from "../core/errors.ts";
import { isSecretName } from "../core/secrets.ts";
import { warningText } from "../report/error-text.ts";
import { jsonLine } from "../report/json.ts";
import type { Paint } from "../report/paint.ts";
import { EXIT } from "./exit-codes.ts";
import { inventoryPathsWithoutPlaybook } from "./inventory-files.ts";
import { type ProjectOptions, readInventory } from "./project.ts";
import { tellError } from "./tell-error.ts";
import { standardError, standardOutput } from "./terminal.ts";

export interface InventoryOptions extends ProjectOptions {
  graph?: boolean;
  output?: "tty" | "plain" | "json";
  debug?: boolean;
}

/** Lists hosts with their groups and merged variables, or draws the groups as a tree. */
export function inventoryCommand(pattern: string, options: InventoryOptions, paint: Paint): number {
  try {
    const inventory = readInventory(inventoryPathsWithoutPlaybook(options.inventory ?? []), options);
    for (const warning of inventory.warnings) standardError.write(`${warningText(warning, paint)}\n`);
    const hosts = matchPattern(inventory, pattern);
    if (hosts.length === 0) {
      throw new LfceError({ code: "no-hosts", message: `${pattern} matches no host of the inventory` });
    }
    if (options.output === "json") standardOutput.write(jsonLine(asData(inventory, hosts)));
    else
      standardOutput.write(options.graph ? graphText(inventory, paint) : listText(inventory, hosts, paint));
    return EXIT.ok;
  } catch (error) {
    return tellError(error, options, paint).exitCode;
  }
}

/** What Ansible makes up for every host says nothing about this one. */
const MAGIC_NAME = /^(inventory_\w+|group_names|groups)$/;

function shownVariables(variables: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(variables).filter(([name]) => !MAGIC_NAME.test(name));
  const sources = secretSources(variables);
  return Object.fromEntries(
    own.map(([name, value]) => [name, sources.has(name) ? "[redacted]" : withoutSecrets(value, name)]),
  );
}

/** The variables that secrets are made of: `store` of `ansible_password: "{{ store }}"`. */
function secretSources(variables: Record<string, unknown>): Set<string> {
  const sources = new Set<string>();
  const follow = (value: unknown): void => {
    for (const [, name = ""] of JSON.stringify(value ?? null).matchAll(/\{\{\s*(\w+)/g)) {
      if (sources.has(name) || !(name in variables)) continue;
      sources.add(name);
      follow(variables[name]);
    }
  };
  for (const [name, value] of Object.entries(variables)) if (isSecretName(name)) follow(value);
  return sources;
}

/** A value with what stands under a secret's name hidden, however deep. */
function withoutSecrets(value: unknown, under = ""): unknown {
  if (isSecretName(under)) return "[redacted]";
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item));
  if (!isObject(value) || isVault(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, name)]));
}

function asData(inventory: Inventory, hosts: readonly string[]) {
  return {
    hosts: hosts.flatMap((name) => {
      const host = inventory.hosts.get(name);
      return host ? [{ name, groups: host.groups, variables: shownVariables(host.variables) }] : [];
    }),
    groups: [...inventory.groups.values()],
  };
}

function listText(inventory: Inventory, hosts: readonly string[], paint: Paint): string {
  return hosts
    .flatMap((name) => inventory.hosts.get(name) ?? [])
    .map((host) => {
      const variables = Object.entries(shownVariables(host.variables)).map(
        ([name, value]) =>
          `  ${paint.dim(`${name}:`)} ${typeof value === "string" ? value : JSON.stringify(value)}\n`,
      );
      return `${paint.bold(host.name)}  ${paint.dim(host.groups.join(", "))}\n${variables.join("")}`;
    })
    .join("");
}

function graphText(inventory: Inventory, paint: Paint): string {
  const lines: string[] = [];
  const draw = (name: string, depth: number) => {
    const group = inventory.groups.get(name);
    if (!group) return;
    const indent = "  ".repeat(depth);
    lines.push(`${indent}${paint.bold(`@${name}`)}`);
    for (const child of group.children) draw(child, depth + 1);
    const inChildren = new Set(group.children.flatMap((child) => inventory.groups.get(child)?.hosts ?? []));
    for (const host of group.hosts) if (!inChildren.has(host)) lines.push(`${indent}  ${host}`);
  };
  draw("all", 0);
  return `${lines.join("\n")}\n`;
}
