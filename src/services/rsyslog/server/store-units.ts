import { compareAddresses, isLocalAddress, networkContains } from "./server-address.ts";
import { isGeneral, ruleApplies, type StoreRule } from "./store-rules.ts";

/** When a rule is followed for a message of a known sender. */
export type StepCondition =
  | { kind: "always" }
  /** Only for some of the sender's addresses, and for these reported names whatever the address. */
  | { kind: "some"; addresses: string[]; hostnames: string[] };

/** One rule as it applies to one sender. */
export interface StoreStep {
  rule: StoreRule;
  condition: StepCondition;
}

/** One sender that the rules name, with everything that happens to its messages in its own file. */
export interface StoreUnit {
  /** Canonical and sorted; the first names the file. */
  addresses: string[];
  /** Inventory name; undefined for an address that stands alone. */
  host: string | undefined;
  steps: StoreStep[];
  /** The rules for any sender have been followed here already and must not be followed again. */
  complete: boolean;
}

/**
 * The senders that the rules name one by one, each with its rules in the declared order. Rules about
 * networks, names and any sender are followed later, in a file that sorts last; where one of them is
 * declared before a rule that names the sender, it stands in the sender's file as well.
 */
export function storeUnits(rules: readonly StoreRule[]): StoreUnit[] {
  const hosts = new Map<string, string | undefined>();
  for (const rule of rules) {
    for (const [address, host] of rule.exact) hosts.set(address, host ?? hosts.get(address));
  }
  const grouped = new Map<string, StoreUnit>();
  for (const [address, host] of [...hosts].sort(([a], [b]) => compareAddresses(a, b))) {
    const key = host === undefined ? `address ${address}` : `host ${host}`;
    const unit = grouped.get(key);
    if (unit) unit.addresses.push(address);
    else grouped.set(key, { addresses: [address], host, steps: [], complete: false });
  }
  const units = [...grouped.values()];
  for (const unit of units) planSteps(unit, rules);
  return units;
}

/** The same senders, each address for itself: what a table needs that is searched by address. */
export function storeUnitsByAddress(rules: readonly StoreRule[]): StoreUnit[] {
  return storeUnits(rules).flatMap((unit) =>
    unit.addresses.map((address) => {
      const single = { ...unit, addresses: [address], steps: [], complete: false };
      planSteps(single, rules);
      return single;
    }),
  );
}

function planSteps(unit: StoreUnit, rules: readonly StoreRule[]): void {
  const all: StoreStep[] = [];
  let stopped = false;
  for (const rule of rules) {
    const condition = stepCondition(rule, unit.addresses);
    if (!condition) continue;
    all.push({ rule, condition });
    stopped = condition.kind === "always" && rule.declared.stop;
    if (stopped) break;
  }
  const names = ({ rule }: StoreStep) => unit.addresses.some((address) => rule.exact.has(address));
  const own = stopped ? all : all.slice(0, all.findLastIndex(names) + 1);
  unit.complete = !stopped && own.some(({ rule }) => appliesLater(rule, unit.addresses));
  unit.steps = unit.complete ? all : own;
}

/** Would the file for any sender follow this rule for one of these addresses? */
function appliesLater(rule: StoreRule, addresses: readonly string[]): boolean {
  return (
    isGeneral(rule) &&
    (rule.any ||
      rule.hostnames.length > 0 ||
      addresses.some((address) => rule.networks.some((network) => networkContains(network, address))))
  );
}

function stepCondition(rule: StoreRule, addresses: readonly string[]): StepCondition | undefined {
  const always = addresses.filter((address) => ruleApplies(rule, address) === "always");
  if (always.length === addresses.length) return { kind: "always" };
  if (always.length === 0 && rule.hostnames.length === 0) return undefined;
  return { kind: "some", addresses: always, hostnames: rule.hostnames };
}

/** Does one of a unit's addresses also mark local messages, so that the input must be looked at too? */
export function mayBeLocal(unit: StoreUnit): boolean {
  return unit.addresses.some(isLocalAddress);
}
