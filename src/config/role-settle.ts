import { errorData, LfceError, type LfceErrorData } from "../core/errors.ts";
import type { Host, Inventory } from "./inventory-model.ts";
import type { Play, RoleUse } from "./playbook.ts";
import { checkRoleMeaning, checkRoleSchema } from "./role-checks.ts";
import { isObject } from "./role-context.ts";
import { recordScope } from "./scope.ts";
import { hasTemplate, isTemplate, type Scope, substitute } from "./template.ts";
import type { Path } from "./yaml-position.ts";

/** One use of a role with its variables replaced for one host. */
export interface SettledRole {
  state: "present" | "absent";
  parameters: Record<string, unknown>;
  errors: LfceErrorData[];
  /** Whether variables take part, so that errors depend on the host. */
  variable: boolean;
}

/** Settles role uses; equal results are checked once, however many hosts there are. */
export function roleSettler(inventory: Inventory): (use: RoleUse, play: Play, host: Host) => SettledRole {
  const settled = new Map<RoleUse, Map<string, SettledRole>>();
  return (use, play, host) => {
    const known = settled.get(use) ?? new Map<string, SettledRole>();
    settled.set(use, known);
    if (!hasTemplate(use.parameters) && !isTemplate(use.state)) {
      const result = known.get("") ?? check(use, use.state, use.parameters, inventory, false);
      known.set("", result);
      return result;
    }
    const scope = playScope(play, host, inventory);
    const errors: LfceErrorData[] = [];
    const parameters = replaceAll(use.parameters, use, scope, [], errors) as Record<string, unknown>;
    const state = replaceAll(use.state, use, scope, ["state"], errors);
    // What a failed replacement left behind would only give further errors.
    if (errors.length > 0) return { state: "present", parameters, errors, variable: true };
    const key = JSON.stringify([state, parameters]);
    const result = known.get(key) ?? check(use, state, parameters, inventory, true);
    known.set(key, result);
    return result;
  };
}

function check(
  use: RoleUse,
  state: unknown,
  parameters: Record<string, unknown>,
  inventory: Inventory,
  variable: boolean,
): SettledRole {
  const errors = variable ? checkRoleSchema(use.role, parameters, use.locate) : [];
  if (state !== "present" && state !== "absent") {
    const message = `state must be present or absent, not ${JSON.stringify(state)}`;
    errors.push(errorData("config.value", message, "write present or absent", use.locate(["state"])));
  }
  errors.push(...checkRoleMeaning(use.role, parameters, use.locate, inventory));
  return { state: state === "absent" ? "absent" : "present", parameters, errors, variable };
}

/** The variables of a host in a play: the host's, over them the play's, over them the command line's. */
function playScope(play: Play, host: Host, inventory: Inventory): Scope {
  const extra = inventory.extraVariables ?? {};
  return recordScope({ ...host.variables, ...play.vars, ...extra }, (name) => {
    if (Object.hasOwn(extra, name)) return undefined;
    return Object.hasOwn(play.vars, name) ? play.locate?.(["vars", name]) : host.origin?.(name);
  });
}

function replaceAll(
  value: unknown,
  use: RoleUse,
  scope: Scope,
  path: Path,
  errors: LfceErrorData[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => replaceAll(item, use, scope, [...path, index], errors));
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, replaceAll(item, use, scope, [...path, key], errors)]),
    );
  }
  if (!isTemplate(value)) return value;
  try {
    return substitute(value, scope, use.locate(path));
  } catch (error) {
    if (!(error instanceof LfceError)) throw error;
    errors.push(error.data);
    return value;
  }
}
