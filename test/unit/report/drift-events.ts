import { type HostFinished, type LfceEvent, noHosts, type Summary } from "../../../src/core/events.ts";
import type { Reporter } from "../../../src/report/reporter.ts";

const stamp = { time: "2026-11-23T02:30:05.250Z", run: "r1" };

/** A host's end with what a test says of it. */
export function finished(host: string, more: Partial<HostFinished> = {}): HostFinished {
  const base = {
    event: "host-finished",
    host,
    status: "unchanged",
    changes: [],
    checks: [],
    warnings: [],
  } as const;
  return { ...base, changes: [], checks: [], warnings: [], ...stamp, ...more };
}

/** A drifted host with one finding, new unless told otherwise. */
export function drifted(
  host: string,
  finding: Partial<NonNullable<HostFinished["drift"]>[number]> = {},
): HostFinished {
  const found = {
    code: "source-undeclared",
    item: "192.0.2.9",
    message: "192.0.2.9 is not declared",
    looks: 1,
  };
  return finished(host, { status: "drifted", drift: [{ ...found, ...finding }] });
}

/** The events of a whole run over these hosts. */
export function runOf(
  hosts: readonly HostFinished[],
  summary: Partial<Summary> = {},
  command: "drift" | "plan" | "apply" | "verify" = "drift",
): LfceEvent[] {
  const counts = noHosts();
  for (const { status } of hosts) counts[status === "rolled-back" ? "rolledBack" : status] += 1;
  const started = { ...stamp, time: "2026-11-23T02:30:00.000Z" };
  return [
    { event: "run-started", version: "1", command, playbook: "site.yml", hosts: hosts.length, ...started },
    ...hosts.flatMap((host) => [{ event: "host-started" as const, host: host.host, ...started }, host]),
    {
      event: "summary",
      exitCode: 2,
      durationMs: 5250,
      hosts: counts,
      checks: { passed: 0, failed: 0, unproven: 0 },
      ...stamp,
      ...summary,
    },
  ];
}

/** What a reporter writes of these events. */
export function written(
  create: (output: { write(text: string): void }) => Reporter,
  events: readonly LfceEvent[],
): string {
  const texts: string[] = [];
  const reporter = create({ write: (text) => void texts.push(text) });
  for (const event of events) reporter.handle(event);
  return texts.join("");
}

/** An event whose every text is this one, as a host or a file may say it. */
export function hostileEvent(host: string, text: string): HostFinished {
  return finished(host, {
    status: "failed",
    drift: [
      { code: "file-differs", item: text, message: text, detail: text, looks: 1 },
      { code: "unit-stopped", item: text, message: text, since: "2026-11-20T02:30:00.000Z", looks: 4 },
    ],
    resolved: [{ code: "file-mode", item: text, message: text }],
    changes: [{ kind: "file", target: text, reason: text, diff: text }],
    checks: [{ name: "syslog.arrived", result: "failed", detail: text, hint: text, ms: 3 }],
    warnings: [{ code: "w", message: text }],
    error: { code: "e", message: text, hint: text },
  });
}
