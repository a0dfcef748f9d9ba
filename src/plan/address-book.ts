import { canonicalAddress } from "../config/address.ts";
import type { Host, Inventory } from "../config/inventory-model.ts";
import { LfceError, LfceErrors } from "../core/errors.ts";

/** Finds inventory hosts by any of their names and addresses. */
export interface AddressBook {
  /** The host that a name or address of a playbook means, if it is one of the inventory's. */
  hostOf(nameOrAddress: string): Host | undefined;
  /** Every spelling under which a host may appear: service address, `ansible_host`, inventory name. */
  spellings(host: Host): string[];
  hostsOfGroup(group: string): Host[];
  host(name: string): Host | undefined;
}

/** Builds the book of an inventory; the first host that claims a spelling keeps it. */
export function addressBook(inventory: Inventory): AddressBook {
  const bySpelling = new Map<string, Host>();
  for (const host of inventory.hosts.values()) {
    for (const spelling of spellings(host)) {
      const key = canonicalAddress(spelling);
      if (!bySpelling.has(key)) bySpelling.set(key, host);
    }
  }
  return {
    hostOf: (nameOrAddress) => bySpelling.get(canonicalAddress(nameOrAddress)),
    spellings,
    hostsOfGroup: (group) =>
      (inventory.groups.get(group)?.hosts ?? []).flatMap((name) => inventory.hosts.get(name) ?? []),
    host: (name) => inventory.hosts.get(name),
  };
}

/**
 * A host that this playbook does not use may hold variables that lfce cannot evaluate (Jinja, vault); it is
 * then known by its name alone. For a host that is used, its declaration reports the error.
 */
function spellings(host: Host): string[] {
  try {
    return [...new Set([host.serviceAddress, host.connection.address, host.name])];
  } catch (error) {
    if (error instanceof LfceError || error instanceof LfceErrors) return [host.name];
    throw error;
  }
}
