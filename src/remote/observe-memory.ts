import { createHash } from "node:crypto";
import type { ByteText } from "../core/byte-text.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import type { KnownProgram } from "./observe-request.ts";
import { type RememberedUnits, rememberedUnitsOf } from "./unit-stamp.ts";

/** What is known of one host's daemons. */
export interface ProgramVersions {
  known(): readonly KnownProgram[];
  learn(programs: readonly KnownProgram[]): void;
}

/**
 * What a look at a host showed that the next one can make use of. Of what stands in a daemon's files it holds only the
 * paths and patterns that they include.
 */
export interface RememberedLook {
  /** Which question it answered: hosts are asked different ones by different playbooks. */
  question: string;
  /** What includes led to, beside the usual. Only a guess: what they lead to is read from the files every time. */
  includes: ByteText[];
  /** Systemd's answer; absent where it may not be remembered. */
  units?: RememberedUnits;
}

/** What earlier looks at one host showed. */
export interface LookMemory {
  of(question: string): RememberedLook | undefined;
  /** In place of what was known about that question; a look without anything to remember leaves nothing known. */
  learn(look: RememberedLook): void;
  /** Units are about to change: nobody need compare them with what they were. */
  forgetUnits(): void;
}

/** What is known of one host from earlier. It saves time and decides nothing. */
export interface HostMemory {
  programs: ProgramVersions;
  looks: LookMemory;
}

const MOST_INCLUDES = 50;
const LONGEST_INCLUDE = 300;
const MOST_UNITS = 20;

/** A name for what a request asks of units and includes. */
export function questionOf({ units, follow }: Pick<ObserveRequest, "units" | "follow">): string {
  const asked = JSON.stringify([units, follow.map(({ service, path }) => [service, path])]);
  return createHash("sha256").update(asked).digest("hex").slice(0, 16);
}

/** What may be kept of a look: without includes that are too many or too long to be worth it. */
export function bounded({ question, includes, units }: RememberedLook): RememberedLook {
  return {
    question,
    includes: includes.length <= MOST_INCLUDES ? includes.filter(isInclude) : [],
    ...(units && units.units.length <= MOST_UNITS ? { units } : {}),
  };
}

/**
 * The look that a value of a file says that anybody may have written: what `bounded` gives, and of the value nothing
 * else. Undefined: it is none.
 */
export function rememberedLookOf(value: unknown): RememberedLook | undefined {
  const { question, includes, units } = (value ?? {}) as Partial<Record<keyof RememberedLook, unknown>>;
  if (typeof question !== "string" || !/^[0-9a-f]{16}$/.test(question)) return undefined;
  if (!Array.isArray(includes) || includes.length > MOST_INCLUDES || !includes.every(isInclude)) {
    return undefined;
  }
  if (units === undefined) return { question, includes };
  const known = rememberedUnitsOf(units);
  return known && known.units.length <= MOST_UNITS ? { question, includes, units: known } : undefined;
}

/** An absolute path or pattern, one character a byte. */
function isInclude(value: unknown): value is ByteText {
  return (
    typeof value === "string" && value.length <= LONGEST_INCLUDE && /^\/[\x01-\x09\x0b-\xff]*$/.test(value)
  );
}
