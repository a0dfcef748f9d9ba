import { escapeControls } from "../core/byte-text.ts";
import { placeText } from "../core/errors.ts";
import type { Command, HostFinished, LfceEvent, Summary } from "../core/events.ts";
import { type TestCase, testCases } from "./junit-cases.ts";
import type { Output, Reporter } from "./reporter.ts";
import { xmlTag, xmlText } from "./xml.ts";

/**
 * JUnit XML as CI servers read it: one test suite a host, written when the host is finished, so that a fleet of any
 * size takes no memory. Has every attribute and element that the strictest of the known schemas asks for.
 */
export function junitReporter(output: Output): Reporter {
  const startedAt = new Map<string, string>();
  let command: Command = "drift";
  let suites = 0;

  function writeSuite(name: string, started: string, ended: string, cases: TestCase[], notes: string): void {
    if (suites === 0) output.write(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n`);
    output.write(suiteText({ name, id: suites, command, started, ended, cases, notes }));
    suites += 1;
  }

  return {
    handle(event: LfceEvent) {
      switch (event.event) {
        case "run-started":
          command = event.command;
          break;
        case "host-started":
          startedAt.set(event.host, event.time);
          break;
        case "host-finished":
          writeSuite(
            event.host,
            startedAt.get(event.host) ?? event.time,
            event.time,
            testCases(command, event),
            notesOf(event),
          );
          startedAt.delete(event.host);
          break;
        case "summary": {
          // Always a suite: CI servers take a report without any for a broken one.
          const started = new Date(Date.parse(event.time) - event.durationMs).toISOString();
          writeSuite("lfce", started, event.time, [runCase(event)], notesOfRun(event));
          output.write("</testsuites>\n");
          break;
        }
        case "wave-started":
          break;
      }
    },
    async finish() {},
  };
}

const INTERRUPTED = 130;

/** Whether the run itself reached its end: the one test case that is there in every report. */
function runCase({ exitCode, error }: Summary): TestCase {
  const passed = { name: "the run reached its end", seconds: 0 };
  if (error) {
    const { code, message, hint } = error;
    const text = [placeText(error), message, hint ?? ""].filter((line) => line !== "").join("\n");
    return { ...passed, outcome: { kind: "error", type: code, message, text } };
  }
  if (exitCode !== INTERRUPTED) return passed;
  return {
    ...passed,
    outcome: { kind: "error", type: "interrupted", message: "the run was interrupted", text: "" },
  };
}

interface Suite {
  name: string;
  id: number;
  command: Command;
  started: string;
  ended: string;
  cases: readonly TestCase[];
  notes: string;
}

function suiteText({ name, id, command, started, ended, cases, notes }: Suite): string {
  const count = (kind: string) => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const start = xmlTag("testsuite", {
    name,
    id,
    package: `lfce.${command}`,
    hostname: name,
    // The schema knows no time zone: it is UTC.
    timestamp: started.slice(0, "2026-01-01T00:00:00".length),
    time: seconds(Math.max(0, Date.parse(ended) - Date.parse(started)) / 1000),
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  });
  return [
    `  ${start}`,
    "    <properties/>",
    ...cases.map((one) => caseText(one, name)),
    `    <system-out>${xmlText(notes)}</system-out>`,
    "    <system-err/>",
    "  </testsuite>\n",
  ].join("\n");
}

function caseText({ name, seconds: taken, outcome }: TestCase, host: string): string {
  const attributes = { name, classname: host, time: seconds(taken) };
  if (!outcome) return `    ${xmlTag("testcase", attributes, "/>")}`;
  const { kind, type, message, text } = outcome;
  const why = xmlTag(kind, kind === "skipped" ? { message } : { type, message });
  return `    ${xmlTag("testcase", attributes)}${why}${xmlText(text)}</${kind}></testcase>`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

/** What is no test: warnings, and findings that are gone. */
function notesOf({ warnings, resolved = [] }: HostFinished): string {
  return escapeControls(
    [
      ...resolved.map(
        ({ code, item, message, mended }) =>
          `${mended ? "mended" : "resolved"}: ${message} (${code} ${item})`,
      ),
      ...warnings.map(({ code, message }) => `warning: ${message} (${code})`),
    ].join("\n"),
  );
}

function notesOfRun({ warnings = [] }: Summary): string {
  return warnings.map(({ code, message }) => `warning: ${message} (${code})`).join("\n");
}
