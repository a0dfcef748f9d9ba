import type { ObservedUnit } from "../core/observed.ts";

const LOADS: readonly string[] = ["loaded", "not-found", "masked", "error", "bad-setting"];
const ACTIVES: readonly string[] = [
  "active",
  "inactive",
  "failed",
  "activating",
  "deactivating",
  "reloading",
];

/** The host's clock and time since boot at one moment, in seconds: what monotonic stamps are measured against. */
export interface HostClock {
  now: number;
  uptime: number | undefined;
}

/** Reads `systemctl show` of several units: paragraphs of `Property=value`, in the order of `names`. */
export function parseUnits(text: string, names: readonly string[], clock: HostClock): ObservedUnit[] {
  const paragraphs = text.trim() === "" ? [] : text.trim().split(/\n\n+/);
  return names.map((unit, index) => {
    const properties = new Map<string, string>();
    for (const line of (paragraphs[index] ?? "").split("\n")) {
      const equals = line.indexOf("=");
      if (equals > 0) properties.set(line.slice(0, equals), line.slice(equals + 1));
    }
    const load = properties.get("LoadState") ?? "error";
    const active = properties.get("ActiveState") ?? "unknown";
    const startedAt = startOf(
      properties.get("ExecMainStartTimestamp") ?? "",
      properties.get("ExecMainStartTimestampMonotonic") ?? "",
      clock,
    );
    return {
      unit,
      load: (LOADS.includes(load) ? load : "error") as ObservedUnit["load"],
      active: (ACTIVES.includes(active) ? active : "unknown") as ObservedUnit["active"],
      sub: properties.get("SubState") ?? "",
      enabled: properties.get("UnitFileState") ?? "",
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(properties.get("Result") ? { result: properties.get("Result") as string } : {}),
      ...(/^\d+$/.test(properties.get("NRestarts") ?? "")
        ? { restarts: Number(properties.get("NRestarts")) }
        : {}),
    };
  });
}

/** A unit of which the host has no file, and no process. */
export function absentUnit(unit: string): ObservedUnit {
  return { unit, load: "not-found", active: "inactive", sub: "dead", enabled: "" };
}

/**
 * When a main process started, in seconds since the epoch, from `Mon 2026-11-23 13:00:00.123456 UTC`. Before
 * systemd 247 the stamp has whole seconds only; the monotonic stamp then gives the fraction as far as both
 * agree (they do not when the clock was set since).
 */
function startOf(stamp: string, monotonic: string, clock: HostClock): number | undefined {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC/.exec(stamp);
  if (!match) return undefined;
  const whole = Date.parse(`${match[1]}T${match[2]}Z`) / 1000;
  if (Number.isNaN(whole)) return undefined;
  if (match[3] !== undefined) return whole + Number(match[3]);
  if (!/^\d+$/.test(monotonic) || clock.uptime === undefined) return whole;
  const estimate = clock.now - clock.uptime + Number(monotonic) / 1e6;
  return Math.abs(estimate - whole - 0.5) <= 0.6
    ? Math.min(Math.max(estimate, whole), whole + 0.999999)
    : whole;
}
