import { noHosts } from "../../../src/core/events.ts";
import type { RunChanges } from "../../../src/history/changes.ts";
import { type Notification, notificationOf, type RunEnd } from "../../../src/notify/notification.ts";

export const NOTHING: RunChanges = { new: [], standing: [], resolved: [], unknown: [], knownAgain: [] };

/** How a run over 20 hosts ended. */
export const END: RunEnd = {
  run: "r1",
  time: "2026-11-23T02:31:07.000Z",
  version: "1",
  playbook: "site.yml",
  controller: "ops1",
  exitCode: 2,
  durationMs: 7000,
  hosts: { ...noHosts(), drifted: 2, unreachable: 1, unchanged: 17 },
};

/** A night with one of everything. */
export const CHANGES: RunChanges = {
  new: [
    {
      host: "web1",
      code: "source-undeclared",
      item: "192.0.2.9",
      message: "192.0.2.9 is not declared",
      looks: 1,
    },
  ],
  standing: [
    {
      host: "web2",
      code: "unit-stopped",
      item: "chrony.service",
      message: "chrony.service is not running",
      since: "2026-11-20T02:30:00.000Z",
      looks: 4,
    },
  ],
  resolved: [
    { host: "web3", code: "file-mode", item: "/etc/chrony.conf", message: "/etc/chrony.conf has mode 0666" },
  ],
  unknown: [{ host: "web4", status: "unreachable", isNew: true, message: "no answer in 10 s" }],
  knownAgain: ["web5"],
};

export const NIGHT: Notification = notificationOf(END, CHANGES);

/** A night in which every word of hosts and files is this one. */
export function hostileNight(text: string): Notification {
  const finding = { host: text, code: text, item: text, message: text };
  return notificationOf(
    { ...END, playbook: text, error: { code: "x", message: text } },
    {
      new: [finding],
      standing: [{ ...finding, since: "2026-11-20T02:30:00.000Z" }],
      resolved: [finding],
      unknown: [{ host: text, status: "unreachable", isNew: false, message: text }],
      knownAgain: [text],
    },
  );
}
