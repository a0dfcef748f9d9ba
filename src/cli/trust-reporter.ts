import { randomUUID } from "node:crypto";
import { errorText, warningText } from "../report/error-text.ts";
import { hostKeyText } from "../report/host-key-text.ts";
import type { Paint } from "../report/paint.ts";
import type { Output } from "../report/reporter.ts";
import { countsText } from "../report/summary-text.ts";
import type { TrustEvent } from "../run/effects.ts";
import { standardOutput } from "./terminal.ts";

/** Draws what `lfce trust` does: one event a line for programs, or what a person wants to know. */
export function trustReporter(to: {
  json: boolean;
  verbose: boolean;
  people: Output;
  paint: Paint;
}): (event: TrustEvent) => void {
  const run = randomUUID();
  const { json, verbose, people, paint } = to;
  const added = new Map<string, number>();
  if (json) {
    return (event) => {
      standardOutput.write(`${JSON.stringify({ ...event, time: new Date().toISOString(), run })}\n`);
    };
  }
  const say = (text: string): void => people.write(`${text}\n`);
  return (event) => {
    switch (event.event) {
      case "run-started":
        say(
          `trust ${event.playbook}: asking ${event.hosts} ${event.hosts === 1 ? "host" : "hosts"} for their keys`,
        );
        break;
      case "host-key":
        if (event.file !== undefined) added.set(event.file, (added.get(event.file) ?? 0) + 1);
        if (verbose) say(hostKeyText(event, paint));
        break;
      case "host-finished":
        for (const warning of event.warnings) say(warningText(warning, paint));
        if (event.error) say(errorText(event.error, paint, event.status === "skipped" ? "warning" : "error"));
        break;
      case "summary":
        for (const [file, keys] of added) {
          say(`${paint.green("added")} ${keys} ${keys === 1 ? "key" : "keys"} to ${file}`);
        }
        if (!event.error) say(countsText(event.hosts, paint));
    }
  };
}
