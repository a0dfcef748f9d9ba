import pLimit from "p-limit";
import { LfceError, type LfceErrorData, type Warning } from "../core/errors.ts";
import type { HostStatus } from "../core/events.ts";
import type { HostKeyResult } from "../core/host-key-events.ts";
import type { HostKeys, HostWay, KeyedMachine, SeenHostKey } from "../core/host-keys.ts";
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
  const results = new Map<string, MachineResult>();
  const sharing: Sharing = new Map();
  const deepest = Math.max(0, ...[...machines.values()].map(({ behind }) => behind.length));
  for (let depth = 0; depth <= deepest; depth++) {
    const level = [...machines.values()].filter(({ behind }) => behind.length === depth);
    await trustLevel(level, results, sharing, forks, effects);
  }
  for (const way of ways) {
    effects.emit({
      event: "host-finished",
      host: way.host,
      changes: [],
      checks: [],
      ...outcomeOf(way, results),
    });
  }
  return { interrupted: effects.signal.aborted };
}

async function trustLevel(
  level: readonly KeyedMachine[],
  results: Map<string, MachineResult>,
  sharing: Sharing,
  forks: number,
  effects: TrustEffects,
): Promise<void> {
  const seen = new Map<KeyedMachine, SeenHostKey[]>();
  const warnings = new Map<KeyedMachine, readonly Warning[]>();
  const fail = (machine: KeyedMachine, error: LfceErrorData, status: HostStatus = "failed"): void => {
    results.set(machine.id, { status, error, warnings: warnings.get(machine) ?? [] });
  };
  const askable = level.filter(({ behind }) => behind.every((id) => isTrusted(results.get(id))));
  const limit = pLimit(forks);
  await Promise.all(
    askable.map((machine) =>
      limit(async () => {
        try {
          effects.signal.throwIfAborted();
          const shown = await effects.ask(machine, effects.signal);
          seen.set(machine, shown.keys);
          warnings.set(machine, shown.warnings);
        } catch (error) {
          if (effects.signal.aborted) return;
          effects.debug(error);
          const data = hostError(error, machine.name, "connect");
          fail(machine, data, statusOfError(data));
        }
      }),
    ),
  );
  if (effects.signal.aborted) return;

  noteSharing(seen, sharing);
  const offered: OfferedKeys[] = [];
  for (const machine of askable) {
    const keys = seen.get(machine);
    if (keys === undefined) continue;
    const error = refusalOf(machine, keys);
    const fresh = keys.filter(({ state }) => state === "new");
    if (error) fail(machine, error);
    else if (fresh.length > 0)
      offered.push({ machine, keys: fresh, sameAs: othersWith(machine, fresh, sharing) });
    else results.set(machine.id, { status: "unchanged", warnings: warnings.get(machine) ?? [] });
    for (const key of keys) {
      if (error || key.state !== "new")
        tell(machine, key, error && key.state === "new" ? "declined" : resultOf(key), effects);
    }
  }
  if (offered.length === 0) return;
  const decide = await effects.decide(offered);
  if (effects.signal.aborted) return;
  const accepted = offered
    .map(({ machine, keys }) => ({ machine, keys: keys.filter((key) => decide(machine, key) === "accept") }))
    .filter(({ keys }) => keys.length > 0);
  const writable = accepted.filter(({ machine }) => machine.file !== undefined);
  const failure = await writeDown(writable, effects);
  for (const { machine, keys, sameAs } of offered) {
    const taken = accepted.find((one) => one.machine === machine)?.keys ?? [];
    const error = machine.file === undefined ? nowhereToWrite(machine) : failure;
    const unexpected = keys.filter((key) => decide(machine, key) === "unexpected");
    if (taken.length > 0 && error) fail(machine, error);
    else if (taken.length > 0) {
      results.set(machine.id, { status: "changed", warnings: warnings.get(machine) ?? [] });
    } else if (unexpected.length > 0) fail(machine, unexpectedKeys(machine, unexpected));
    else fail(machine, declined(machine), "skipped");
    for (const key of keys) {
      const added = taken.includes(key) && !error;
      tell(
        machine,
        key,
        added ? "added" : unexpected.includes(key) ? "unexpected" : "declined",
        effects,
        sameAs,
      );
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

function noteSharing(seen: ReadonlyMap<KeyedMachine, readonly SeenHostKey[]>, sharing: Sharing): void {
  for (const [machine, keys] of seen) {
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
