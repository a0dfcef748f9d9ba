import { isDeepStrictEqual } from "node:util";
import { errorData, type LfceErrorData, type Position } from "../core/errors.ts";
import { allowMissing } from "./playbook.ts";
import type { HostRoles, RoleSettings } from "./role-settings.ts";
import { shown } from "./schema-words.ts";

export type AnyRole = RoleSettings<Record<string, unknown>>;

/**
 * Lays a further use of a role over what earlier plays gave the same host: a parameter given once, or equal,
 * is fine; a different one is an error that names both places.
 */
export function mergeRole(role: string, into: AnyRole, next: AnyRole): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  if (into.state !== next.state) {
    errors.push(contradiction(`the state of ${role}`, into.state, into.at, next.state, next.at));
  }
  for (const [name, value] of Object.entries(next.parameters)) {
    const at = next.positions[name] ?? next.at;
    if (!Object.hasOwn(into.parameters, name)) {
      into.parameters[name] = value;
      into.positions[name] = at;
    } else if (!isDeepStrictEqual(into.parameters[name], value)) {
      const before = into.positions[name] ?? into.at;
      errors.push(contradiction(`${name} of ${role}`, into.parameters[name], before, value, at));
    }
  }
  return errors;
}

function contradiction(
  what: string,
  first: unknown,
  firstAt: Position,
  second: unknown,
  at: Position,
): LfceErrorData {
  const message = `${what} is ${short(second)} here, but ${short(first)} at ${placeText(firstAt)}`;
  return errorData("config.contradiction", message, "give it once, or the same value in both places", at);
}

function short(value: unknown): string {
  if (typeof value !== "object" || value === null) return shown(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function placeText(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/**
 * What can only be seen once all plays are merged. Also makes `ntp_server.sources` and `ntp_client.servers`
 * one setting: what one of the roles gives, the other has.
 */
export function completeRoles(roles: HostRoles["roles"]): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const { ntp_server: server, ntp_client: client } = roles;
  if (server?.state === "present") {
    if (client?.state === "present") errors.push(...shareSources(server as AnyRole, client as AnyRole));
    const { allow, orphan, local_stratum, sources, exclusive } = server.parameters;
    if (allow === undefined) errors.push(allowMissing(server.at));
    if (orphan === true && local_stratum === undefined) {
      const hint = "add local_stratum: 10";
      const at = server.positions.orphan ?? server.at;
      errors.push(errorData("config.missing-key", "orphan needs local_stratum", hint, at));
    }
    if (exclusive === true && sources === undefined) {
      const message = "exclusive would switch off every source, but no sources are given";
      const at = server.positions.exclusive ?? server.at;
      errors.push(errorData("config.missing-key", message, "add sources, or leave exclusive out", at));
    }
  }
  return errors;
}

function shareSources(server: AnyRole, client: AnyRole): LfceErrorData[] {
  const errors = share(server, "sources", client, "servers");
  if (server.parameters.sources !== undefined && errors.length === 0) {
    errors.push(...share(server, "exclusive", client, "exclusive"));
  }
  return errors;
}

function share(server: AnyRole, serverKey: string, client: AnyRole, clientKey: string): LfceErrorData[] {
  const [given, other] = [server.parameters[serverKey], client.parameters[clientKey]];
  const [givenAt, otherAt] = [
    server.positions[serverKey] ?? server.at,
    client.positions[clientKey] ?? client.at,
  ];
  if (given === undefined && other === undefined) return [];
  if (given === undefined) {
    server.parameters[serverKey] = other;
    server.positions[serverKey] = otherAt;
  } else if (other === undefined) {
    client.parameters[clientKey] = given;
    client.positions[clientKey] = givenAt;
  } else if (!isDeepStrictEqual(given, other)) {
    const what = `${clientKey} of ntp_client, the same setting as ${serverKey} of ntp_server,`;
    return [contradiction(what, given, givenAt, other, otherAt)];
  }
  return [];
}
