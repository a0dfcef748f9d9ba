import { byteText } from "../../../core/byte-text.ts";
import { atLeast } from "../../version-order.ts";
import type { DesiredForward } from "../desired.ts";
import { selectorText } from "./forward-match.ts";

/** Seconds between attempts to reach a target that is away, and the most that they may grow to. */
const resumeInterval = 10;
const resumeIntervalMax = 60;

/** What the host's rsyslog understands. */
export interface ForwardDialect {
  /** `action()`: version 7 and later. */
  objects: boolean;
  /** `queue.spoolDirectory`: 7.5.7 and later. */
  spoolDirectory: boolean;
  /** `action.resumeIntervalMax`: 8.1901 and later. */
  resumeIntervalMax: boolean;
}

/** What a version such as `8.2302.0` knows (rsyslog's ChangeLog); an unknown one counts as a current one. */
export function forwardDialect(version: string | undefined): ForwardDialect {
  return {
    objects: atLeast(version, "7.0"),
    spoolDirectory: atLeast(version, "7.5.7"),
    resumeIntervalMax: atLeast(version, "8.1901"),
  };
}

/** What the lines of a forward must fit in with. */
export interface ForwardContext {
  /** Where queues go on a host that has no work directory. */
  spoolDirectory: string | undefined;
  /** `$ActionResumeInterval` as the host has it; seconds. */
  resumeInterval: number | undefined;
}

/**
 * The lines of one forward. rsyslogd's growing interval is kept short, so that a client is not silent for
 * minutes after an outage.
 */
export function renderForward(
  desired: DesiredForward,
  dialect: ForwardDialect,
  context: ForwardContext,
): string[] {
  return dialect.objects
    ? renderObject(desired, dialect, context.spoolDirectory)
    : renderLegacy(desired, context);
}

function renderObject(
  desired: DesiredForward,
  dialect: ForwardDialect,
  spoolDirectory: string | undefined,
): string[] {
  const { queue } = desired;
  const lines = [
    parameters({
      type: "omfwd",
      target: desired.address,
      port: `${desired.port}`,
      protocol: desired.protocol,
    }),
  ];
  if (queue !== false) {
    lines.push(
      parameters({
        "queue.type": "LinkedList",
        "queue.filename": queue.file,
        "queue.maxDiskSpace": queue.maxDisk,
        "queue.saveOnShutdown": queue.saveOnShutdown ? "on" : "off",
      }),
    );
    if (spoolDirectory !== undefined && dialect.spoolDirectory) {
      lines.push(parameters({ "queue.spoolDirectory": spoolDirectory }));
    }
  }
  lines.push(
    parameters({
      "action.resumeRetryCount": `${desired.retry}`,
      "action.resumeInterval": `${resumeInterval}`,
      ...(dialect.resumeIntervalMax ? { "action.resumeIntervalMax": `${resumeIntervalMax}` } : {}),
    }),
  );
  const before =
    spoolDirectory !== undefined && queue !== false && !dialect.spoolDirectory
      ? [`$WorkDirectory ${byteText(spoolDirectory)}`]
      : [];
  const opening = `${selectorText(desired)} action(`;
  return [...before, ...`${opening}${lines.join("\n       ")})`.split("\n")];
}

function parameters(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${byteText(value).replace(/["\\]/g, "\\$&")}"`)
    .join(" ");
}

/** rsyslog's own seconds between attempts. */
const defaultResumeInterval = 30;

/** The resume interval holds for every later action and is therefore set back to what it was. */
function renderLegacy(desired: DesiredForward, context: ForwardContext): string[] {
  const { spoolDirectory, resumeInterval: interval = defaultResumeInterval } = context;
  const { queue, address } = desired;
  const target = address.includes(":") ? `[${address}]` : address;
  return [
    ...(queue === false
      ? []
      : [
          ...(spoolDirectory === undefined ? [] : [`$WorkDirectory ${byteText(spoolDirectory)}`]),
          "$ActionQueueType LinkedList",
          `$ActionQueueFileName ${byteText(queue.file)}`,
          `$ActionQueueMaxDiskSpace ${queue.maxDisk}`,
          `$ActionQueueSaveOnShutdown ${queue.saveOnShutdown ? "on" : "off"}`,
        ]),
    `$ActionResumeRetryCount ${desired.retry}`,
    `$ActionResumeInterval ${resumeInterval}`,
    `${selectorText(desired)} ${desired.protocol === "tcp" ? "@@" : "@"}${byteText(target)}:${desired.port}`,
    `$ActionResumeInterval ${interval}`,
  ];
}
