import { escapeControls, escapeLine } from "../core/byte-text.ts";
import type { Check } from "../core/checks.ts";
import type { DriftFinding, ResolvedFinding } from "../core/drift.ts";
import type { LfceErrorData } from "../core/errors.ts";
import type { Change, HostFinished } from "../core/events.ts";
import { errorText, indentRest, warningText } from "./error-text.ts";
import { type Paint, paintDiff, paintResult, paintStatus } from "./paint.ts";
import { someNames } from "./screen.ts";
import { goneText, spellText, unknownText } from "./spell-text.ts";

const SHOWN_NAMES = 20;

/** What a person reads of one or several hosts to which exactly the same happened. */
export function hostText(hosts: readonly string[], event: HostFinished, paint: Paint): string {
  const unknown = unknownText(event);
  const lines = [
    `${paint.bold(someNames(hosts, SHOWN_NAMES))}  ${paintStatus(paint, event.status)}${unknown === undefined ? "" : `  ${unknown}`}`,
  ];
  const diffs = new Set<string>();
  for (const finding of event.drift ?? []) {
    const spell = spellText(finding, event.time);
    const when = spell === undefined ? "" : `  ${finding.looks === 1 ? paint.bold(spell) : spell}`;
    lines.push(`  ${paint.yellow("!")} ${findingText(finding, paint)}${when}`);
    const detail = withoutRepeated(finding.detail ?? "", diffs);
    if (detail !== "") lines.push(`    ${shown(detail)}`);
  }
  for (const finding of event.resolved ?? []) {
    const word = finding.mended ? "mended" : "resolved";
    const when = goneText(finding, event.time);
    lines.push(
      `  ${paint.green("✔")} ${word}: ${findingText(finding, paint)}${when === undefined ? "" : `  ${when}`}`,
    );
  }
  for (const change of event.changes) {
    lines.push(...changeLines(change, event, paint));
  }
  for (const check of event.checks) {
    lines.push(`  ${paintResult(paint, check.result)} ${escapeLine(check.name)}  ${shown(check.detail)}`);
    if (check.hint !== undefined) lines.push(`    ${paint.cyan("→")} ${shown(check.hint)}`);
  }
  for (const warning of event.warnings) lines.push(indent(warningText(warning, paint)));
  const error = event.error && withoutCheck(event.error, event.checks);
  if (error)
    lines.push(indent(event.status === "skipped" ? whySkipped(error, paint) : errorText(error, paint)));
  return lines.join("\n");
}

function findingText({ message, code }: ResolvedFinding, paint: Paint): string {
  return `${shown(message)} ${paint.dim(`(${escapeLine(code)})`)}`;
}

/** A detail without its diff, where another finding of the host has shown that; notes what it shows. */
function withoutRepeated(detail: string, diffs: Set<string>): string {
  const start = detail.search(/^--- /m);
  const diff = start < 0 ? "" : detail.slice(start);
  if (!diffs.has(diff)) {
    diffs.add(diff);
    return detail;
  }
  return diff === "" ? detail : detail.slice(0, start).trimEnd();
}

/** An error without the failed check that it repeats: what became of the change is left, or nothing. */
function withoutCheck(error: LfceErrorData, checks: readonly Check[]): LfceErrorData | undefined {
  const repeated = checks
    .map(({ name, detail }) => `${name}: ${detail}`)
    .find((text) => error.message.startsWith(text));
  if (repeated === undefined) return error;
  const message = error.message.slice(repeated.length).replace(/^; /, "");
  return message === "" ? undefined : { ...error, message, hint: undefined };
}

/** A host that was left out on purpose is no error. */
function whySkipped({ message, hint }: LfceErrorData, paint: Paint): string {
  const why = paint.dim(shown(message));
  return hint === undefined ? why : `${why}\n  ${paint.cyan("→")} ${shown(hint)}`;
}

/** Whether a finding shows its part of the file's diff. */
function isShownBy(drift: readonly DriftFinding[] = [], { target }: Change): boolean {
  return drift.some(({ detail = "" }) => /^@@ /m.test(detail) && detail.includes(target));
}

function changeLines(change: Change, event: HostFinished, paint: Paint): string[] {
  const isPlan = event.status === "pending" || event.status === "drifted";
  const mark = isPlan ? paint.yellow("~") : paint.green("~");
  const lines = [
    `  ${mark} ${verbOf(change)} ${escapeLine(change.target)}  ${paint.dim(escapeLine(change.reason))}`,
  ];
  if (change.diff !== undefined && change.diff !== "" && !isShownBy(event.drift, change)) {
    lines.push(indent(paintDiff(paint, escapeControls(change.diff.trimEnd())), "    "));
  }
  return lines;
}

function verbOf({ kind, diff }: Change): string {
  if (kind === "package") return "install";
  if (kind !== "file") return kind;
  if (diff === "") return "put back";
  if (diff === undefined || diff.startsWith("--- /dev/null")) return "create";
  return diff.includes("\n+++ /dev/null\n") ? "remove" : "edit";
}

/** A text of a host or a file below a line of lfce's own. */
function shown(text: string): string {
  return indentRest(escapeControls(text));
}

function indent(text: string, by = "  "): string {
  return text
    .split("\n")
    .map((line) => by + line)
    .join("\n");
}
