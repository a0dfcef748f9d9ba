import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { LfceError, type LfceErrorData, LfceErrors } from "../../../src/core/errors.ts";
import type { ObservedHost } from "../../../src/core/observed.ts";
import type { Transaction } from "../../../src/core/transaction.ts";
import { debian } from "../../../src/distros/debian.ts";
import type { FleetDeclaration, HostDeclaration } from "../../../src/plan/declaration.ts";
import { declareFleet } from "../../../src/plan/declare-fleet.ts";
import { transactionOf } from "../../../src/plan/host-plan.ts";
import { observeRequestFor } from "../../../src/plan/observe-request.ts";
import { resolveNames } from "../../../src/plan/resolve-names.ts";
import { encodeObserveRequest } from "../../../src/remote/observe-request.ts";
import { planChrony } from "../../../src/services/chrony/plan.ts";
import { planRsyslog } from "../../../src/services/rsyslog/plan.ts";
import { stockHost } from "./stock-host.ts";

/** One play to be tried: what stands under `roles`, and further keys of the play; "@probe" there is its host. */
export interface Attempt {
  /** For messages. */
  text: string;
  roles: unknown[];
  play?: Record<string, unknown>;
  /** Variables of the play's host in the inventory. */
  variables?: Record<string, unknown>;
}

export type Outcome =
  | { kind: "refused"; error: LfceErrorData }
  | { kind: "planned"; declaration: HostDeclaration; result: PlannedHost };

export interface PlannedHost {
  observed: ObservedHost;
  /** What observe.sh would read. */
  request: Buffer;
  transaction: Transaction;
  /** Errors of the plan: nothing is changed then. */
  errors: LfceErrorData[];
  /** The host's files afterwards. */
  after: Record<string, string>;
}

const PLAYBOOK = "hostile.yml";
const INVENTORY = "hosts.yml";

/** Everything that stands still: one server of each kind, and hosts and groups that may be named. */
const STILL = [
  { hosts: "time1", roles: [{ role: "ntp_server", allow: ["10.0.0.0/8"] }] },
  { hosts: "log1", roles: [{ role: "syslog_server" }] },
];

/**
 * Takes attempts through the whole path: playbook and inventory as text, declaration, observation of a stock host,
 * plan. The outcomes stand in the order of the attempts. Throws for an error that names no line of an attempt.
 */
export function passAll(attempts: readonly Attempt[]): Outcome[] {
  const outcomes = new Array<Outcome>(attempts.length);
  let left = attempts.map((attempt, index) => ({ attempt, index }));
  while (left.length > 0) {
    const numbered = left.map(({ attempt, index }) => ({ ...attempt, index }));
    try {
      const fleet = declare(numbered);
      for (const { index } of left) {
        const declaration = fleet.hosts.get(`probe${index}`);
        if (!declaration) throw new Error(`probe${index} vanished`);
        outcomes[index] = outcomeOf(declaration, fleet);
      }
      break;
    } catch (error) {
      const refused = refusals(error, left);
      for (const [index, data] of refused) outcomes[index] = { kind: "refused", error: data };
      left = left.filter(({ index }) => !refused.has(index));
    }
  }
  return outcomes;
}

function declare(attempts: readonly (Attempt & { index: number })[]): FleetDeclaration {
  const inventory = loadInventory({
    inventories: [{ file: { path: INVENTORY, text: inventoryText(attempts) }, variableFiles: [] }],
    extraVariables: {},
    environment: { home: "/home/me" },
  });
  const playbook = loadPlaybook({ path: PLAYBOOK, text: playbookText(attempts) });
  const roles = expandPlaybook(playbook, inventory);
  const fleet = declareFleet(playbook.name, roles, inventory);
  return fleet;
}

/** One line an attempt, so that a line number says which it was. Line 1 is that of attempt 0. */
function playbookText(attempts: readonly (Attempt & { index: number })[]): string {
  const lines = attempts.map(({ index, roles, play }) =>
    JSON.stringify({ hosts: "@probe", roles, ...play }).replaceAll('"@probe"', `"probe${index}"`),
  );
  return [...lines, ...STILL.map((play) => JSON.stringify(play))].map((line) => `- ${line}\n`).join("");
}

/** The first line is `all:`, the second `hosts:`; then one line an attempt. */
function inventoryText(attempts: readonly (Attempt & { index: number })[]): string {
  const probes = attempts.map(({ index, variables }) => {
    const address = `10.${Math.floor(index / 62500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`;
    // The older spelling counts only where the newer one is not given.
    const own = variables && "ansible_ssh_host" in variables ? {} : { ansible_host: address };
    return `probe${index}: ${JSON.stringify({ ...own, ...variables })}`;
  });
  const others = [
    "time1: {ansible_host: 192.0.2.11}",
    "log1: {ansible_host: 192.0.2.12}",
    "other1: {ansible_host: 192.0.2.13}",
    "other2: {ansible_host: 192.0.2.14}",
  ];
  const hosts = [...probes, ...others].map((line) => `    ${line}\n`).join("");
  return `all:\n  hosts:\n${hosts}  children:\n    others: {hosts: {other1: , other2: }}\n`;
}

type Left = readonly { attempt: Attempt; index: number }[];

function refusals(error: unknown, left: Left): Map<number, LfceErrorData> {
  const found = new Map<number, LfceErrorData>();
  const all =
    error instanceof LfceErrors ? error.errors : error instanceof LfceError ? [error.data] : undefined;
  if (!all) throw error;
  for (const data of all) {
    const at = data.at;
    if (!at || !("file" in at) || !(at.column >= 1)) throw new Error(`no position: ${JSON.stringify(data)}`);
    const offset = at.file === PLAYBOOK ? at.line - 1 : at.line - 3;
    const one = left[offset];
    if (!one) throw new Error(`no attempt stands there: ${JSON.stringify(data)}`);
    found.set(one.index, data);
  }
  return found;
}

function outcomeOf(declaration: HostDeclaration, fleet: FleetDeclaration): Outcome {
  const names = Object.fromEntries(
    declaration.names.map((name, index) => [name, [`198.51.100.${1 + (index % 250)}`]]),
  );
  const request = encodeObserveRequest(observeRequestFor(declaration), { boundary: "boundary" });
  const observed = stockHost(names);
  return { kind: "planned", declaration, result: { request, ...planned(declaration, fleet, observed) } };
}

/** Plans the host as it is, which may be as an earlier plan left it. */
export function planned(
  declaration: HostDeclaration,
  fleet: Pick<FleetDeclaration, "inventoryNames">,
  observed: ObservedHost,
): Omit<PlannedHost, "request"> {
  const resolved = resolveNames(declaration, fleet, observed.names);
  const services = [
    ...(resolved.chrony ? [planChrony(resolved.chrony, observed, debian)] : []),
    ...(resolved.rsyslog ? [planRsyslog(resolved.rsyslog, observed, debian)] : []),
  ];
  const transaction = transactionOf({ host: declaration.host, services }, observed, {
    id: "hostile",
    playbook: PLAYBOOK,
    leaseSeconds: 60,
    keepFailed: false,
  });
  const after: Record<string, string> = {};
  for (const file of Object.values(observed.files)) {
    if (file.content !== undefined) after[file.path] = file.content;
  }
  for (const change of transaction.files) {
    if (change.after === null) delete after[change.path];
    else after[change.path] = change.after;
  }
  const errors = [...resolved.errors, ...services.flatMap((service) => service.errors)];
  return { observed, transaction, errors, after };
}
