import pLimit from "p-limit";
import { LfceError, type LfceErrorData, type Warning } from "../core/errors.ts";
import type { HostKeyResult } from "../core/host-key-events.ts";
import type { HostKeys, HostWay, KeyedMachine, SeenHostKey, SeenMachine } from "../core/host-keys.ts";
import type { TrustEvent } from "./effects.ts";
import { hostError, statusOfError } from "./host-errors.ts";
import { changedKeys, declined, nowhereToWrite, revokedKey, unexpectedKeys } from "./trust-errors.ts";
import { type MachineResult, outcomeOf } from "./trust-outcome.ts";

/** New keys of one machine, to be decided on. */
export interface OfferedKeys {
  machine: KeyedMachine;
  /** Those that nothing is on record for. */
  keys: SeenHostKey[];
  /** Fingerprint → other machines that show the same key. */
  sameAs: ReadonlyMap<string, readonly string[]>;
  /** What is odd about the way to the machine. */
  warnings: readonly Warning[];
}

/** What becomes of an offered key: `unexpected` is one that contradicts what was expected of that machine. */
export type Decision = "accept" | "decline" | "unexpected" | "leave out";

export interface TrustEffects extends HostKeys {
  /** Decides on new keys, once for all machines that could be asked. */
  decide(offered: readonly OfferedKeys[]): Promise<(machine: KeyedMachine, key: SeenHostKey) => Decision>;
  /** Sees every exception of a machine's way (`--debug` prints it). */
  debug(error: unknown): void;
  emit(event: TrustEvent): void;
  signal: AbortSignal;
}

/**
 * Gets the keys of all hosts and their jump hosts on record: those that are reached directly first, then those behind
 * them, because a jump host must be trusted before lfce logs in there. What is on record is never overwritten.
 */
export async function trustHosts(
  ways: readonly HostWay[],
  forks: number,
  effects: TrustEffects,
): Promise<{ interrupted: boolean }> {
  const machines = new Map<string, KeyedMachine>();
  for (const way of ways) {
    for (const one of "machines" in way ? way.machines : []) {
      // A machine that is a host as well as a jump host goes by the host's name.
      if (!machines.has(one.id) || one.name === way.host) machines.set(one.id, one);
    }
  }
  const trust: Trust = { results: new Map(), sharing: new Map(), forks, effects };
  const deepest = [...machines.values()].reduce((most, { behind }) => Math.max(most, behind.length), 0);
  for (let depth = 0; depth <= deepest; depth++) {
    await trustLevel(
      [...machines.values()].filter(({ behind }) => behind.length === depth),
      trust,
    );
  }
  for (const way of ways) {
    const outcome = outcomeOf(way, trust.results);
    effects.emit({ event: "host-finished", host: way.host, changes: [], checks: [], ...outcome });
  }
  return { interrupted: effects.signal.aborted };
}

/** What the parts of one run of trust share. */
interface Trust {
  /** By the machine's id; those that were not asked have none. */
  results: Map<string, MachineResult>;
  sharing: Sharing;
  forks: number;
  effects: TrustEffects;
}

/** Machines with as many jump hosts before them, which are all settled by now. */
async function trustLevel(level: readonly KeyedMachine[], trust: Trust): Promise<void> {
  const askable = level.filter(({ behind }) => behind.every((id) => isTrusted(trust.results.get(id))));
  const seen = await askMachines(askable, trust);
  if (trust.effects.signal.aborted) return;
  noteSharing(seen, trust.sharing);
  const offered = askable.flatMap((machine) => {
    const shown = seen.get(machine);
    return shown ? offerOf(machine, shown, trust) : [];
  });
  if (offered.length === 0) return;
  const decide = await trust.effects.decide(offered);
  if (!trust.effects.signal.aborted) await settleKeys(offered, decide, trust);
}

async function askMachines(
  machines: readonly KeyedMachine[],
  { results, forks, effects }: Trust,
): Promise<Map<KeyedMachine, SeenMachine>> {
  const seen = new Map<KeyedMachine, SeenMachine>();
  const limit = pLimit(forks);
  const ask = async (machine: KeyedMachine): Promise<void> => {
    try {
      effects.signal.throwIfAborted();
      seen.set(machine, await effects.ask(machine, effects.signal));
    } catch (error) {
      if (effects.signal.aborted) return;
      effects.debug(error);
      const data = hostError(error, machine.name, "connect");
      results.set(machine.id, { status: statusOfError(data), error: data, warnings: [] });
    }
  };
  await Promise.all(machines.map((machine) => limit(() => ask(machine))));
  return seen;
}

/** What is to be decided about a machine: nothing where it is known, or contradicts what is on record. */
function offerOf(machine: KeyedMachine, shown: SeenMachine, trust: Trust): OfferedKeys[] {
  const { results, sharing, effects } = trust;
  const { keys, warnings } = shown;
  const fresh = keys.filter(({ state }) => state === "new");
  const error = refusalOf(machine, keys);
  if (!error && fresh.length > 0) {
    for (const key of keys) if (key.state !== "new") tell(machine, key, resultOf(key), effects);
    return [{ machine, keys: fresh, sameAs: othersWith(machine, fresh, sharing), warnings }];
  }
  results.set(machine.id, error ? { status: "failed", error, warnings } : { status: "unchanged", warnings });
  for (const key of keys) tell(machine, key, resultOf(key), effects);
  return [];
}

type Decide = Awaited<ReturnType<TrustEffects["decide"]>>;

/** Writes what was accepted, and tells what became of every key that was to be decided on. */
async function settleKeys(offered: readonly OfferedKeys[], decide: Decide, trust: Trust): Promise<void> {
  const { results, effects } = trust;
  const decided = offered.map((offer) => ({
    ...offer,
    accepted: offer.keys.filter((key) => decide(offer.machine, key) === "accept"),
    unexpected: offer.keys.filter((key) => decide(offer.machine, key) === "unexpected"),
  }));
  const failure = await writeDown(
    decided
      .filter(({ machine, accepted }) => accepted.length > 0 && machine.file !== undefined)
      .map(({ machine, accepted }) => ({ machine, keys: accepted })),
    effects,
  );
  for (const { machine, keys, sameAs, warnings, accepted, unexpected } of decided) {
    const notWritten = machine.file === undefined ? nowhereToWrite(machine) : failure;
    if (accepted.length === 0 && unexpected.length === 0) {
      results.set(machine.id, { status: "skipped", error: declined(machine), warnings });
    } else {
      const error = accepted.length === 0 ? unexpectedKeys(machine, unexpected) : notWritten;
      results.set(
        machine.id,
        error ? { status: "failed", error, warnings } : { status: "changed", warnings },
      );
    }
    for (const key of keys) {
      const result = unexpected.includes(key) ? "unexpected" : "declined";
      tell(machine, key, accepted.includes(key) && !notWritten ? "added" : result, effects, sameAs);
    }
  }
}

async function writeDown(
  accepted: readonly { machine: KeyedMachine; keys: SeenHostKey[] }[],
  effects: TrustEffects,
): Promise<LfceErrorData | undefined> {
  try {
    if (accepted.length > 0) await effects.write(accepted);
    return undefined;
  } catch (error) {
    effects.debug(error);
    if (error instanceof LfceError) return error.data;
    throw error;
  }
}

function isTrusted(result: MachineResult | undefined): boolean {
  return result?.status === "unchanged" || result?.status === "changed";
}

function refusalOf(machine: KeyedMachine, keys: readonly SeenHostKey[]): LfceErrorData | undefined {
  const revoked = keys.find(({ state }) => state === "revoked");
  if (revoked) return revokedKey(machine, revoked);
  const changed = keys.filter(({ state }) => state === "changed");
  return changed.length > 0 ? changedKeys(machine, changed) : undefined;
}

function resultOf({ state }: SeenHostKey): HostKeyResult {
  return state === "new" ? "declined" : state === "other-type" ? "left-out" : state;
}

function tell(
  machine: KeyedMachine,
  { type, fingerprint, recorded }: SeenHostKey,
  result: HostKeyResult,
  effects: TrustEffects,
  sameAs?: OfferedKeys["sameAs"],
): void {
  const others = sameAs?.get(fingerprint) ?? [];
  effects.emit({
    event: "host-key",
    host: machine.name,
    name: machine.knownAs,
    type,
    fingerprint,
    result,
    ...(result === "added" && machine.file !== undefined ? { file: machine.file } : {}),
    ...(recorded && result !== "added" ? { recorded } : {}),
    ...(others.length > 0 ? { sameAs: [...others] } : {}),
  });
}

/** Fingerprint → the machines that have shown that key so far. */
type Sharing = Map<string, KeyedMachine[]>;

function noteSharing(seen: ReadonlyMap<KeyedMachine, SeenMachine>, sharing: Sharing): void {
  for (const [machine, { keys }] of seen) {
    for (const { fingerprint } of keys)
      sharing.set(fingerprint, [...(sharing.get(fingerprint) ?? []), machine]);
  }
}

function othersWith(
  machine: KeyedMachine,
  keys: readonly SeenHostKey[],
  sharing: ReadonlyMap<string, readonly KeyedMachine[]>,
): Map<string, string[]> {
  return new Map(
    keys.map(({ fingerprint }) => [
      fingerprint,
      (sharing.get(fingerprint) ?? []).filter((other) => other !== machine).map(({ name }) => name),
    ]),
  );
}
