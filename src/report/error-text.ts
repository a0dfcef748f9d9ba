import { escapeControls, escapeLine } from "../core/byte-text.ts";
import type { LfceErrorData, Position, Warning } from "../core/errors.ts";
import type { Paint } from "./paint.ts";

const SHOWN_ERRORS = 20;

/**
 * An error as a person reads it: where, what, the offending line with a caret, and what to do next.
 * Warnings look the same with another word.
 */
export function errorText(error: LfceErrorData, paint: Paint, kind: "error" | "warning" = "error"): string {
  const label = kind === "error" ? paint.red("error") : paint.yellow("warning");
  const lines = [`${label}${place(error)}: ${indentRest(escapeControls(error.message))}`];
  if (error.at && "file" in error.at && error.at.source !== undefined) {
    lines.push(...excerpt(error.at, paint));
  }
  if (error.hint !== undefined) lines.push(`  ${paint.cyan("→")} ${indentRest(escapeControls(error.hint))}`);
  return lines.join("\n");
}

/** All errors of a run's files as a person reads them: of thousands, the first ones and how many there are. */
export function errorsText(errors: readonly LfceErrorData[], paint: Paint): string {
  const shown = errors.slice(0, SHOWN_ERRORS).map((error) => errorText(error, paint));
  const more = errors.length - SHOWN_ERRORS;
  if (more > 0) shown.push(paint.dim(`… and ${more} more ${more === 1 ? "error" : "errors"}`));
  return shown.join("\n");
}

/** A warning as a person reads it. */
export function warningText(warning: Warning, paint: Paint): string {
  return errorText(warning, paint, "warning");
}

function place(error: LfceErrorData): string {
  const at = error.at;
  if (at === undefined) return "";
  if ("host" in at) return ` on ${escapeLine(at.host)} (${at.phase})`;
  return ` at ${escapeLine(at.file)}:${at.line}:${at.column}`;
}

function excerpt(at: Position, paint: Paint): string[] {
  const source = escapeControls((at.source ?? "").replaceAll("\t", " "));
  const number = String(at.line);
  const caret = "^".repeat(Math.max(1, Math.min(at.length ?? 1, source.length - at.column + 1)));
  return [
    `  ${paint.dim(`${number} │`)} ${source}`,
    `  ${paint.dim(`${" ".repeat(number.length)} │`)} ${" ".repeat(at.column - 1)}${paint.red(caret)}`,
  ];
}

/** Further lines stand further in: no text can pass for a line of lfce's own. */
export function indentRest(text: string): string {
  return text.replaceAll("\n", "\n    ");
}
