import { randomBytes } from "node:crypto";
import type { ConnectionSettings } from "../core/connection.ts";
import type { Secret } from "../core/secrets.ts";
import type { PasswordGate } from "./password-gate.ts";

/** How scripts on one host come to run as root. */
export interface Become {
  method: "sudo" | "doas";
  /** Only sudo can be given one: doas asks on a terminal alone. */
  password?: BecomePassword;
  /** There is a password, but nobody knows who would get it: the host's key contradicts the record. */
  passwordWithheld?: boolean;
}

/** The password for sudo on one host. */
export interface BecomePassword {
  value: Secret;
  gate: PasswordGate;
  /** The host has refused it: it is not tried again there. */
  refused: boolean;
}

/** Finds the gate of a user's password, which all hosts of a run share. */
export type GateFor = (user: string, password: Secret) => PasswordGate;

/** What the settings say, for a user who needs it. */
export function becomeOf(
  settings: Pick<ConnectionSettings, "become" | "becomeMethod" | "becomePassword"> & { user: string },
  gateFor: GateFor,
  hostIsTrusted = true,
): Become | undefined {
  const { user, becomePassword: value } = settings;
  // root needs no sudo, which a minimal host may not even have.
  if (!settings.become || user === "root") return undefined;
  if (settings.becomeMethod === "doas") return { method: "doas" };
  if (!value) return { method: "sudo" };
  if (!hostIsTrusted) return { method: "sudo", passwordWithheld: true };
  return { method: "sudo", password: { value, gate: gateFor(user, value), refused: false } };
}

/** A prompt that nobody can have foreseen, so that the password is sent to no other question than sudo's own. */
export function freshPrompt(): string {
  return `lfce-${randomBytes(12).toString("hex")}:`;
}

/** Counts how often a text has come, also in pieces. */
export function occurrences(text: string): (chunk: Buffer) => number {
  const wanted = Buffer.from(text);
  let tail: Buffer = Buffer.alloc(0);
  let count = 0;
  return (chunk) => {
    let seen = Buffer.concat([tail, chunk]);
    for (let at = seen.indexOf(wanted); at !== -1; at = seen.indexOf(wanted)) {
      count += 1;
      seen = seen.subarray(at + wanted.length);
    }
    tail = seen.subarray(-(wanted.length - 1));
    return count;
  };
}
