import { errorData, type LfceErrorData, LfceErrors, type Position } from "../core/errors.ts";
import { inOrder } from "./error-order.ts";
import { checkRoleMeaning } from "./role-checks.ts";
import { isObject } from "./role-context.ts";
import type { RoleName } from "./role-names.ts";
import { schemaCheck } from "./schema-check.ts";
import type { SourceFile } from "./source-file.ts";
import { hasTemplate } from "./template.ts";
import { connectionVariables } from "./variable-names.ts";
import type { Locate, Path } from "./yaml-position.ts";
import { parseYaml, type YamlSource } from "./yaml-source.ts";

/** One entry of a play's `roles`, its templates not yet replaced. */
export interface RoleUse {
  role: RoleName;
  /** `present`, `absent`, or a text that still holds `{{ }}`. */
  state: string;
  /** As written; strings may hold `{{ name }}`. */
  parameters: Record<string, unknown>;
  /** Of each given parameter: where its value stands. */
  positions: Record<string, Position>;
  /** Where a value inside this role stands, by its path from the role (`["sources", 0, "minpoll"]`). */
  locate: Locate;
  at: Position;
}

export interface Play {
  name: string;
  /** A host pattern. */
  hosts: string;
  inventory?: string;
  become?: boolean;
  /** Batch sizes: numbers of hosts, or percentages such as `10%`; the last one repeats. */
  serial?: (number | string)[];
  maxFailPercentage?: number;
  vars: Record<string, unknown>;
  roles: RoleUse[];
  at: Position;
  /** Where a value of this play stands, by its path from the play (`["vars", "name"]`). */
  locate?: Locate;
}

export interface Playbook {
  file: string;
  /** File name without directory and ending. */
  name: string;
  plays: Play[];
}

const checkSchema = schemaCheck("playbook");

/** Reads a playbook. Throws `LfceErrors` with everything that is wrong in the file. */
export function loadPlaybook(file: SourceFile): Playbook {
  const source = parseYaml(file, "refuse");
  const errors = nameErrors(file.path, source.locate([]));
  errors.push(...checkSchema(source.data, source.locate, { templates: "allowed", root: "the playbook" }));
  const plays = Array.isArray(source.data) ? source.data : [];
  for (const [index, play] of plays.entries()) {
    if (isObject(play)) errors.push(...playErrors(play, [index], source.locate));
  }
  if (errors.length === 0) errors.push(...missingAllow(plays, source.locate));
  if (errors.length > 0) throw new LfceErrors(inOrder(errors));
  return {
    file: file.path,
    name: playbookName(file.path),
    plays: plays.map((play, index) => readPlay(play as Record<string, unknown>, index, source)),
  };
}

/** `playbooks/lab.yml` → `lab`. */
export function playbookName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return base.replace(/(.)\.[^.]*$/, "$1");
}

/** The name goes into files on the hosts, where it must be one plain word or several in every encoding. */
function nameErrors(path: string, at: Position): LfceErrorData[] {
  const name = playbookName(path);
  if (/^[A-Za-z0-9._+@-]+( [A-Za-z0-9._+@-]+)*$/.test(name)) return [];
  const message = `${JSON.stringify(name)} cannot be a playbook's name: it marks what lfce writes on the hosts`;
  const hint = "rename the file, using letters, digits and . _ + @ -";
  return [errorData("config.playbook-name", message, hint, at)];
}

function playErrors(play: Record<string, unknown>, path: Path, locate: Locate): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  for (const key of ["inventory", "become", "serial", "max_fail_percentage"]) {
    if (!hasTemplate(play[key])) continue;
    const message = `${key} cannot hold a variable: it counts for the play, not for one host`;
    errors.push(errorData("config.template", message, "write the value itself", locate([...path, key])));
  }
  for (const name of isObject(play.vars) ? Object.keys(play.vars) : []) {
    if (!connectionVariables.has(name)) continue;
    const message = `${name} has no effect in a play's vars: it says how a host is reached`;
    const hint = `set ${name} in the inventory, or with -e ${name}=…`;
    errors.push(errorData("config.variable", message, hint, locate([...path, "vars", name], "key")));
  }
  for (const [index, use] of Array.isArray(play.roles) ? play.roles.entries() : []) {
    if (!isObject(use)) continue;
    const rolePath = [...path, "roles", index];
    const { role, state: _state, ...parameters } = use;
    if (hasTemplate(role)) {
      const message = "role cannot hold a variable";
      errors.push(
        errorData("config.template", message, "write the role's name", locate([...rolePath, "role"])),
      );
    } else {
      const inside: Locate = (tail, target) => locate([...rolePath, ...tail], target);
      errors.push(...checkRoleMeaning(role as RoleName, parameters, inside));
    }
  }
  return errors;
}

/** `allow` may come from another play, so it is missing only when no use of the role gives it. */
function missingAllow(plays: readonly unknown[], locate: Locate): LfceErrorData[] {
  const uses = (plays as { roles: Record<string, unknown>[] }[]).flatMap((play, index) =>
    play.roles.map((use, roleIndex) => ({ use, path: [index, "roles", roleIndex] })),
  );
  const servers = uses.filter(({ use }) => use.role === "ntp_server" && use.state !== "absent");
  if (servers.some(({ use }) => use.allow !== undefined)) return [];
  return servers.map(({ path }) => allowMissing(locate([...path, "role"])));
}

/** The error for an `ntp_server` that nobody may ask. */
export function allowMissing(at: Position): LfceErrorData {
  const hint = "for example allow: [192.168.0.0/16], or allow: all";
  return errorData("config.missing-key", "ntp_server lacks the key allow", hint, at);
}

function readPlay(play: Record<string, unknown>, index: number, source: YamlSource): Play {
  const hosts = Array.isArray(play.hosts) ? play.hosts.join(",") : String(play.hosts);
  const roles = play.roles as Record<string, unknown>[];
  return {
    name: typeof play.name === "string" ? play.name : hosts,
    hosts,
    ...(typeof play.inventory === "string" ? { inventory: play.inventory } : {}),
    ...(typeof play.become === "boolean" ? { become: play.become } : {}),
    ...(play.serial === undefined ? {} : { serial: [play.serial].flat() as (number | string)[] }),
    ...(typeof play.max_fail_percentage === "number" ? { maxFailPercentage: play.max_fail_percentage } : {}),
    vars: (play.vars ?? {}) as Record<string, unknown>,
    roles: roles.map((use, roleIndex) => readRole(use, [index, "roles", roleIndex], source.locate)),
    at: source.locate([index]),
    locate: (tail, target) => source.locate([index, ...tail], target),
  };
}

function readRole(use: Record<string, unknown>, path: Path, locate: Locate): RoleUse {
  const { role, state, ...parameters } = use;
  return {
    role: role as RoleName,
    state: typeof state === "string" ? state : "present",
    parameters,
    positions: Object.fromEntries(Object.keys(parameters).map((key) => [key, locate([...path, key])])),
    locate: (tail, target) => locate([...path, ...tail], target),
    at: locate([...path, "role"]),
  };
}
