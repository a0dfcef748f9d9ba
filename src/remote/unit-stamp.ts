import { createHash } from "node:crypto";
import type { ByteText } from "../core/byte-text.ts";
import { displayText } from "../core/byte-text.ts";
import type { Frame } from "./frames.ts";
import type { FileFrames } from "./observe-files.ts";
import { parseStat } from "./observe-files.ts";

/** What systemd said of a unit that was running with nothing to tell; everything else is asked for anew every time. */
export interface RememberedUnit {
  unit: string;
  /** UnitFileState. */
  enabled: string;
  /** ExecMainStartTimestamp and ExecMainStartTimestampMonotonic as systemd printed them. */
  started: string;
  monotonic: string;
}

/** Systemd's answer, and a digest of everything that it hangs on. */
export interface RememberedUnits {
  /** Hexadecimal SHA-256. */
  stamp: string;
  units: RememberedUnit[];
}

/** Seconds: what was changed more recently could change again without a difference in its times. */
const SETTLED_SECONDS = 2;

/**
 * The digest of everything that systemd's answer about the units of this look hangs on (docs/decisions.md, "What was
 * seen the last time"): the boot, each unit's processes with their starts, its file, and the directories in which
 * units are enabled or masked. Undefined where that is not to be had for every unit.
 */
export function unitStamp(frames: readonly Frame[], { records, stamp }: FileFrames): string | undefined {
  const units = valuesOf(frames, "unit");
  const processes = new Map(valuesOf(frames, "processes").map((line) => splitOnce(line)));
  const manager = valuesOf(frames, "stamp")[0];
  const boot = records.get("/proc/sys/kernel/random/boot_id")?.trim();
  if (units.length === 0 || !boot || !manager || !stamp.some((line) => line.endsWith(`:${manager}`)))
    return undefined;
  const lines = [boot, ...stamp];
  for (const unit of units) {
    const numbers = processes.get(unit)?.split(" ") ?? [];
    if (numbers.length === 0) return undefined;
    const starts = numbers.map((number) => startOf(records.get(`/proc/${number}/stat`) ?? ""));
    if (starts.includes(undefined)) return undefined;
    lines.push(`${unit} ${numbers.map((number, index) => `${number}:${starts[index]}`).join(" ")}`);
  }
  return createHash("sha256").update(lines.join("\n"), "latin1").digest("hex");
}

/** Whether the last change of everything in the stamp lies back far enough that another one would show. */
export function isSettled({ stamp, self }: Pick<FileFrames, "stamp" | "self">): boolean {
  if (!self) return false;
  return stamp.every((line) => {
    const { mtime = Number.NaN, ctime = Number.NaN } = parseStat(line).file;
    return self.now - Math.max(mtime, ctime) >= SETTLED_SECONDS;
  });
}

/** Whether what is remembered is still systemd's answer: about the same units, by the same stamp. */
export function stillHolds(
  { stamp, units }: RememberedUnits,
  frames: readonly Frame[],
  found: string | undefined,
): boolean {
  const asked = valuesOf(frames, "unit");
  return stamp === found && asked.join("\n") === units.map(({ unit }) => unit).join("\n");
}

/** What of systemd's answer can be remembered; undefined where one unit is anything but running with nothing to tell. */
export function rememberable(frames: readonly Frame[]): RememberedUnit[] | undefined {
  const answer = displayText(frames.find(({ key }) => key === "units")?.value ?? "").trim();
  const paragraphs = answer === "" ? [] : answer.split(/\n\n+/);
  const names = valuesOf(frames, "unit");
  if (names.length === 0 || paragraphs.length !== names.length) return undefined;
  const processes = new Map(valuesOf(frames, "processes").map((line) => splitOnce(line)));
  const remembered: RememberedUnit[] = [];
  for (const [index, unit] of names.entries()) {
    const properties = new Map((paragraphs[index] as string).split("\n").map((line) => splitOnce(line, "=")));
    const property = (name: string): string => properties.get(name) ?? "";
    const one = {
      unit,
      enabled: property("UnitFileState"),
      started: property("ExecMainStartTimestamp"),
      monotonic: property("ExecMainStartTimestampMonotonic"),
    };
    const asExpected = [...splitLines(quietAnswer(one))].every(([name, value]) => property(name) === value);
    const main = processes.get(unit)?.split(" ").includes(property("MainPID"));
    if (!asExpected || !main || !isRememberedUnit(one)) return undefined;
    remembered.push(one);
  }
  return remembered;
}

/** Systemd's answer as it was remembered, in the form of `systemctl show`. */
export function rememberedAnswer(units: readonly RememberedUnit[]): string {
  return units.map(quietAnswer).join("\n");
}

/**
 * The answer that a value of a file says that anybody may have written: what `rememberable` gives, and of the value
 * nothing else. Undefined: it is none.
 */
export function rememberedUnitsOf(value: unknown): RememberedUnits | undefined {
  const { stamp, units } = (value ?? {}) as Partial<Record<keyof RememberedUnits, unknown>>;
  if (typeof stamp !== "string" || !/^[0-9a-f]{64}$/.test(stamp)) return undefined;
  if (!Array.isArray(units) || units.length === 0 || !units.every(isRememberedUnit)) return undefined;
  return {
    stamp,
    units: units.map(({ unit, enabled, started, monotonic }) => ({ unit, enabled, started, monotonic })),
  };
}

function isRememberedUnit(value: unknown): value is RememberedUnit {
  const { unit, enabled, started, monotonic } = (value ?? {}) as Partial<
    Record<keyof RememberedUnit, unknown>
  >;
  const isText = (text: unknown, form: RegExp): boolean => typeof text === "string" && form.test(text);
  return (
    isText(unit, /^[\w:.@\\-]{1,256}$/) &&
    isText(enabled, /^[a-z-]{1,32}$/) &&
    isText(started, /^[A-Za-z]{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})? UTC$/) &&
    isText(monotonic, /^\d{1,20}$/)
  );
}

function quietAnswer({ enabled, started, monotonic }: RememberedUnit): string {
  return [
    "LoadState=loaded",
    "ActiveState=active",
    "SubState=running",
    `UnitFileState=${enabled}`,
    `ExecMainStartTimestamp=${started}`,
    `ExecMainStartTimestampMonotonic=${monotonic}`,
    "Result=success",
    "NRestarts=0",
    "",
  ].join("\n");
}

function splitLines(text: string): [string, string][] {
  return text
    .trim()
    .split("\n")
    .map((line) => splitOnce(line, "="));
}

/** Field 22 of /proc/PID/stat: clock ticks since boot. Undefined of a process that is gone, or dead and not buried. */
function startOf(stat: ByteText): string | undefined {
  // The name in parentheses may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  const [state = ""] = fields;
  return stat.includes(") ") && !/[ZXx]/.test(state) && /^\d+$/.test(fields[19] ?? "")
    ? fields[19]
    : undefined;
}

function valuesOf(frames: readonly Frame[], wanted: string): string[] {
  return frames.filter(({ key }) => key === wanted).map(({ value }) => displayText(value));
}

function splitOnce(line: string, separator = " "): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + separator.length)];
}
