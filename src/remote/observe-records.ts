import { type ByteText, displayText } from "../core/byte-text.ts";
import type {
  ObservedHost,
  ObservedPlace,
  ObservedUnit,
  PutBackChange,
  RestartRecord,
} from "../core/observed.ts";
import type { Frame } from "./frames.ts";

/**
 * Reads the restart records (`boot-id X`, `started-at N`, then `SHA256  PATH` lines). A record that holds
 * whole seconds of the very second in which the unit started stands for that start.
 */
export function restartRecords(
  frames: readonly Frame[],
  contents: ReadonlyMap<string, ByteText>,
  units: Readonly<Record<string, ObservedUnit>>,
): RestartRecord[] {
  const records: RestartRecord[] = [];
  for (const { key, value: path } of frames) {
    if (key !== "restart-file") continue;
    const unit = path.slice(path.lastIndexOf("/") + 1);
    const text = Buffer.from(contents.get(path) ?? "", "latin1").toString("utf8");
    const bootId = /^boot-id (\S+)$/m.exec(text)?.[1];
    const recorded = Number(/^started-at (\d+(?:\.\d+)?)$/m.exec(text)?.[1] ?? Number.NaN);
    if (bootId === undefined || Number.isNaN(recorded)) continue;
    const actual = (units[unit] ?? units[`${unit}.service`] ?? units[unit.replace(/\.service$/, "")])
      ?.startedAt;
    const sameSecond = actual !== undefined && Number.isInteger(recorded) && Math.floor(actual) === recorded;
    const checksums: Record<string, string> = {};
    for (const [, sum, path] of text.matchAll(/^([0-9a-f]{64}) {2}(\/.*)$/gm)) {
      checksums[path as string] = sum as string;
    }
    records.push({ unit, bootId, startedAt: sameSecond ? actual : recorded, checksums });
  }
  return records;
}

/** Lines `place yes|no PATH`, and df's answer about all of them in the same order (POSIX: -P, -k). */
export function observedPlaces(frames: readonly Frame[]): ObservedPlace[] {
  const space =
    frames
      .find(({ key }) => key === "df")
      ?.value.split("\n")
      .slice(1) ?? [];
  const lines = frames.filter(({ key }) => key === "place").map(({ value }) => displayText(value));
  return lines.map((line, index) => {
    const [writable, path] = [line.startsWith("yes "), line.slice(line.indexOf(" ") + 1)];
    // A mount that df cannot read has no line; then no line can be told from another.
    const available =
      space.length === lines.length ? / (\d+) +\d+% /.exec(space[index] ?? "")?.[1] : undefined;
    return { path, writable, ...(available === undefined ? {} : { availableKiB: Number(available) }) };
  });
}

/** The change that was settled last and that the host put back by itself: its `meta`, then what was said meanwhile. */
export function putBackChange(frames: readonly Frame[]): PutBackChange | undefined {
  const record = frames.find(({ key }) => key === "put-back")?.value;
  if (record === undefined) return undefined;
  const lines = displayText(record).split("\n");
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const one = (key: string) => all(key)[0];
  const [who, madeAt, at] = [one("who"), one("made-at"), one("rolled-back-at")];
  const cameBack = one("services-came-back");
  return {
    id: one("id") ?? "",
    playbook: one("playbook") ?? "",
    ...(who === undefined ? {} : { who }),
    ...(madeAt === undefined ? {} : { madeAt }),
    ...(at === undefined ? {} : { at }),
    because: one("rolled-back-because") ?? "it does not say why",
    restored: all("restored"),
    broken: all("broken"),
    ...(cameBack === "yes" || cameBack === "no" ? { servicesCameBack: cameBack === "yes" } : {}),
  };
}

/** What an interrupted change left: its identifier and the name of its record. */
export function openTransaction(frames: readonly Frame[]): ObservedHost["openTransaction"] {
  const value = frames.find(({ key }) => key === "transaction")?.value;
  if (value === undefined) return undefined;
  const [state = "", id = ""] = value.split(" ");
  return { id: id.replace(/[^\w.-]/g, ""), state };
}
