import { errorData, LfceError, type LfceErrorData, LfceErrors } from "../core/errors.ts";
import { canonicalAddress } from "./address.ts";
import { inOrder } from "./error-order.ts";
import { hostErrors } from "./host-errors.ts";
import type { Host, Inventory } from "./inventory-model.ts";
import { matchPattern } from "./patterns.ts";
import type { Play, Playbook } from "./playbook.ts";
import { type AnyRole, completeRoles, mergeRole, placeText } from "./role-merge.ts";
import type { RoleName } from "./role-names.ts";
import type { HostRoles } from "./role-settings.ts";
import { roleSettler } from "./role-settle.ts";
import { recordScope } from "./scope.ts";
import { substitute } from "./template.ts";

/**
 * Works out every role of every host that the plays match, in inventory order: patterns, variables, merging
 * and all checks that need no host. Where a host is time server and client, what is given for `sources` or
 * `servers` (and `exclusive`) stands in both roles. Throws `LfceErrors`.
 */
export function expandPlaybook(playbook: Playbook, inventory: Inventory): Map<string, HostRoles> {
  const errors: LfceErrorData[] = [];
  const perHost = hostErrors();
  const settle = roleSettler(inventory);
  const found = new Map<string, HostRoles>();
  const becomes = new Map<string, Play>();
  /** A role that is wrong in itself would only give further errors once merged. */
  const broken = new Set<string>();
  for (const play of playbook.plays) {
    for (const name of hostsOf(play, inventory, errors)) {
      const host = inventory.hosts.get(name);
      if (host === undefined) continue;
      const entry = found.get(name) ?? { host: name, firstPlay: play, become: undefined, roles: {} };
      found.set(name, entry);
      perHost.add(name, mergeBecome(entry, play, becomes));
      for (const use of play.roles) {
        const { state, parameters, errors: wrong, variable } = settle(use, play, host);
        perHost.add(variable ? name : "", wrong);
        if (wrong.length > 0) broken.add(name);
        if (wrong.length > 0) continue;
        const given = { state, parameters: { ...parameters }, positions: { ...use.positions }, at: use.at };
        perHost.add(name, addRole(entry, use.role, given));
      }
    }
  }
  for (const entry of found.values()) {
    const host = inventory.hosts.get(entry.host);
    if (!broken.has(entry.host)) perHost.add(entry.host, completeRoles(entry.roles));
    const become = perHost.attempt(entry.host, () => host?.connection.become);
    if (host && Object.hasOwn(host.variables, "ansible_become")) entry.become = become;
  }
  errors.push(...sharedAddresses([...found.values()], inventory, perHost.attempt), ...perHost.list());
  if (errors.length > 0) throw new LfceErrors(inOrder(errors));
  return new Map(
    [...inventory.hosts.keys()].flatMap((name) => found.get(name) ?? []).map((one) => [one.host, one]),
  );
}

function hostsOf(play: Play, inventory: Inventory, errors: LfceErrorData[]): string[] {
  const at = play.locate?.(["hosts"]) ?? play.at;
  try {
    const scope = recordScope({ ...play.vars, ...inventory.extraVariables });
    return matchPattern(inventory, String(substitute(play.hosts, scope, at)), at);
  } catch (error) {
    if (!(error instanceof LfceError)) throw error;
    errors.push(error.data);
    return [];
  }
}

function mergeBecome(entry: HostRoles, play: Play, becomes: Map<string, Play>): LfceErrorData[] {
  if (play.become === undefined) return [];
  const before = becomes.get(entry.host);
  if (before === undefined) {
    becomes.set(entry.host, play);
    entry.become = play.become;
    return [];
  }
  if (before.become === play.become) return [];
  const at = play.locate?.(["become"]) ?? play.at;
  const message = `become is ${play.become} here, but ${before.become} at ${placeText(before.locate?.(["become"]) ?? before.at)}`;
  return [errorData("config.contradiction", message, "give the same value in both plays", at)];
}

function addRole(entry: HostRoles, role: RoleName, given: AnyRole): LfceErrorData[] {
  const roles = entry.roles as Partial<Record<RoleName, AnyRole>>;
  const before = roles[role];
  if (before !== undefined) return mergeRole(role, before, given);
  roles[role] = given;
  return [];
}

/** Two clients under one address cannot be told apart by their servers. */
function sharedAddresses(
  entries: readonly HostRoles[],
  inventory: Inventory,
  attempt: <T>(host: string, action: () => T) => T | undefined,
): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const owners = new Map<string, Host>();
  for (const { host: name, roles } of entries) {
    const host = inventory.hosts.get(name);
    const isClient = roles.ntp_client?.state === "present" || roles.syslog_client?.state === "present";
    const address = attempt(name, () => host?.serviceAddress);
    if (host === undefined || address === undefined || !isClient) continue;
    const owner = owners.get(canonicalAddress(address));
    if (owner === undefined) {
      owners.set(canonicalAddress(address), host);
      continue;
    }
    const at = ["service_address", "ansible_host", "ansible_ssh_host"]
      .map((name) => host.origin?.(name))
      .find((place) => place !== undefined);
    const message = `${owner.name} and ${name} are both clients with the address ${address}`;
    const hint = `set service_address of ${name} to the address under which it appears to other hosts`;
    errors.push(errorData("config.shared-address", message, hint, at));
  }
  return errors;
}
