import { escapeControls } from "../core/byte-text.ts";
import type { HostKeyEvent, HostKeyResult } from "../core/host-key-events.ts";
import type { KeyedMachine, SeenHostKey } from "../core/host-keys.ts";
import type { Paint } from "./paint.ts";
import { someNames } from "./screen.ts";

const SHOWN_NAMES = 5;
/** Longest usual type: ecdsa-sha2-nistp256. */
const TYPE_WIDTH = 19;
/** unexpected */
const RESULT_WIDTH = 10;

/** New keys of one machine as a person compares them: type and fingerprint, and what is odd about them. */
export function offeredKeysText(
  machine: KeyedMachine,
  keys: readonly SeenHostKey[],
  sameAs: ReadonlyMap<string, readonly string[]>,
  paint: Paint,
): string {
  const lines = [paint.bold(machineName(machine.name, machine.knownAs))];
  for (const { type, fingerprint, recorded } of keys) {
    lines.push(`  ${type.padEnd(TYPE_WIDTH)}  ${fingerprint}`);
    for (const { at, type: old } of recorded ?? []) {
      lines.push(`    ${paint.yellow("!")} another key is on record: ${old} at ${escapeControls(at)}`);
    }
    const others = sameAs.get(fingerprint) ?? [];
    if (others.length > 0) {
      lines.push(
        `    ${paint.yellow("!")} the same key as ${escapeControls(someNames(others, SHOWN_NAMES))}: one machine under two names, or clones`,
      );
    }
  }
  return lines.join("\n");
}

/** What became of one key. */
export function hostKeyText(event: Omit<HostKeyEvent, "time" | "run">, paint: Paint): string {
  const where = event.file ?? event.recorded?.[0]?.at ?? "";
  const name = machineName(event.host, event.name);
  const word = event.result.padEnd(RESULT_WIDTH);
  return `${paintKey(word, event.result, paint)} ${name}  ${event.type} ${event.fingerprint}  ${paint.dim(escapeControls(where))}`;
}

function paintKey(word: string, result: HostKeyResult, paint: Paint): string {
  if (result === "added") return paint.green(word);
  return result === "known" || result === "left-out" ? paint.dim(word) : paint.red(word);
}

function machineName(name: string, knownAs: string): string {
  return escapeControls(name === knownAs ? name : `${name} (${knownAs})`);
}
