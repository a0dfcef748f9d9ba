import type { ByteText } from "../../../core/byte-text.ts";
import type { Discard, RsyslogModel } from "../in-force/in-force-model.ts";
import type { BlockPlace } from "../syntax/block.ts";
import type { ParsedFile, Statement } from "../syntax/statements.ts";
import { isActionSetting } from "./forward.ts";
import { messageSet, sameMessages } from "./forward-selector.ts";
import { everything } from "./selector-set.ts";

/**
 * Where the block of forwards goes in the main file: as late as the ruleset of the host's own messages is
 * current, but before anything that discards every message. `kept` is where the block stood: it stays there
 * as long as that is such a place.
 */
export function clientPlace(model: RsyslogModel, text: ByteText, kept: BlockPlace | undefined): BlockPlace {
  const parsed = model.parsed.get(model.mainFile);
  if (!parsed) return { kind: "end" };
  const limit = firstDiscard(model);
  if (kept && isGood(kept, model, parsed, text, limit)) return kept;

  if (limit) return beforeStatement(limit, parsed);
  const steps = model.rulesetSteps.get(model.mainFile) ?? [];
  const ends = steps[steps.findLastIndex(({ ruleset }) => ruleset === model.localRuleset) + 1]?.offset;
  const leaving = ends === undefined ? undefined : parsed.statements.find(({ range }) => range.end === ends);
  return leaving ? beforeStatement(leaving, parsed) : endOf(parsed);
}

function isGood(
  kept: BlockPlace,
  model: RsyslogModel,
  parsed: ParsedFile,
  text: ByteText,
  limit: Statement | undefined,
): boolean {
  const offset = kept.kind === "end" ? text.length : kept.offset;
  if (limit && offset > limit.range.start) return false;
  if (parsed.statements.some(({ range }) => range.start < offset && range.end > offset)) return false;
  if (kept.kind === "end" && endOf(parsed).kind !== "end") return false;
  const steps = model.rulesetSteps.get(model.mainFile) ?? [];
  return steps.findLast((step) => step.offset <= offset)?.ruleset === model.localRuleset;
}

/** The main file's statement that, itself or by what it includes, first discards every local message. */
function firstDiscard(model: RsyslogModel): Statement | undefined {
  const discard = model.discards.find(
    (one) =>
      one.ruleset === model.localRuleset &&
      !one.ancestors.some((ancestor) => ancestor.kind === "object") &&
      sameMessages(messageSet(one.filters), everything),
  );
  return discard && inMainFile(discard, model);
}

function inMainFile(discard: Discard, model: RsyslogModel): Statement | undefined {
  let outermost: Statement = discard.ancestors[0] ?? discard.statement;
  let file = discard.file;
  for (let depth = 0; file !== model.mainFile && depth < model.includes.length; depth++) {
    const include = model.includes.find(({ paths }) => paths.includes(file));
    if (!include) return undefined;
    outermost = include.ancestors[0] ?? include.statement;
    file = include.file;
  }
  return file === model.mainFile ? outermost : undefined;
}

/** The start of the line of `statement`, or of what stands before it and must not be torn from it. */
function beforeStatement(statement: Statement, parsed: ParsedFile): BlockPlace {
  let index = parsed.statements.indexOf(statement);
  let offset = lineStart(parsed.text, statement.range.start);
  for (; index > 0; index--) {
    const before = parsed.statements[index - 1] as Statement;
    const configures = before.kind === "directive" && isActionSetting(before);
    if (!configures && before.range.end <= offset) break;
    offset = lineStart(parsed.text, before.range.start);
  }
  return { kind: "offset", offset: aboveComments(offset, parsed) };
}

/** The start of the comment lines directly above `offset`, which speak of what follows them. */
function aboveComments(offset: number, { text, statements }: ParsedFile): number {
  const before = statements.findLast(({ range }) => range.end <= offset)?.range.end ?? 0;
  let top = offset;
  for (;;) {
    const line = top === 0 ? 0 : lineStart(text, top - 1);
    const words = text.slice(line, top);
    const speaks = /^[ \t]*#/.test(words) && !/^# lfce:|^#lfce# |\\[ \t\r]*$/.test(words);
    if (top === 0 || line < before || !speaks) return top;
    top = line;
  }
}

/** The end of the text; or before what would swallow lines put behind it, or hand its settings to them. */
function endOf(parsed: ParsedFile): BlockPlace {
  const { text, statements, unfinished } = parsed;
  const offset = Math.min(unfinished ?? text.length, continuedLine(text));
  const last = statements.at(-1);
  if (offset === text.length && last?.kind === "directive" && isActionSetting(last)) {
    return beforeStatement(last, parsed);
  }
  if (offset === text.length) return { kind: "end" };
  const straddles = statements.find(({ range }) => range.end > offset);
  return straddles ? beforeStatement(straddles, parsed) : { kind: "offset", offset: lineStart(text, offset) };
}

/** Where the last line begins when it ends in a backslash, together with lines that it continues. */
function continuedLine(text: ByteText): number {
  const trimmed = text.replace(/\r?\n$/, "");
  if (!/\\[ \t\r]*$/.test(trimmed)) return text.length;
  let offset = lineStart(text, trimmed.length);
  while (offset > 0 && /\\[ \t\r]*\n$/.test(text.slice(0, offset))) offset = lineStart(text, offset - 1);
  return offset;
}

function lineStart(text: ByteText, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}
