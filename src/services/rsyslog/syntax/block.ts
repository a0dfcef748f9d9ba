import { type ByteText, byteText, displayText } from "../../../core/byte-text.ts";
import { errorData, type LfceErrorData } from "../../../core/errors.ts";
import type { SourceRange } from "./statements.ts";

export type BlockRole = "syslog_client" | "syslog_server";

/** Where a block goes that is not there yet: before the byte at `offset`, a line's start; or at the end. */
export type BlockPlace = { kind: "offset"; offset: number } | { kind: "end" };

export type BlockResult = { text: ByteText } | { error: LfceErrorData };

/** A role's block as it stands in a text. */
export interface FoundBlock {
  /** From the first byte of its begin line to behind the end line's line end. */
  range: SourceRange;
  /** Undefined when the begin line names none. */
  playbook: string | undefined;
  /** False when the end line is missing. */
  complete: boolean;
}

/** Finds a role's block by its begin and end lines. */
export function findBlock(text: ByteText, role: BlockRole): FoundBlock | undefined {
  const begin = beginOf(text, role);
  if (!begin) return undefined;
  const end = new RegExp(`(?<![^\\n])# lfce: end ${role}[ \\t]*\\r?(?:\\n|$)`).exec(text.slice(begin.start));
  const stop = end ? begin.start + end.index + end[0].length : begin.end;
  return { range: { start: begin.start, end: stop }, playbook: begin.playbook, complete: end !== null };
}

/** The first begin line, without its line end. Searched by hand: a host's line of blanks must cost no more than others. */
function beginOf(
  text: ByteText,
  role: BlockRole,
): (SourceRange & { playbook: string | undefined }) | undefined {
  const head = `# lfce: begin ${role}`;
  for (let start = text.indexOf(head); start !== -1; start = text.indexOf(head, start + 1)) {
    if (start > 0 && text[start - 1] !== "\n") continue;
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const rest = text.slice(start + head.length, text[end - 1] === "\r" ? end - 1 : end);
    if (withoutTrailingBlanks(rest) === "") return { start, end, playbook: undefined };
    if (!rest.startsWith(NAMED) || rest.includes("\r")) continue;
    return { start, end, playbook: withoutTrailingBlanks(rest.slice(NAMED.length)) };
  }
  return undefined;
}

const NAMED = ", playbook ";

function withoutTrailingBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return text.slice(0, end);
}

/**
 * Writes a role's block: in place of the one that is there, else at `place`; without lines it is removed.
 * A text without a final newline keeps none, so that removing the block gives back its bytes. A block of
 * another playbook and one without its end line are errors.
 */
export function setBlock(
  text: ByteText,
  role: BlockRole,
  playbook: string,
  lines: readonly string[],
  place: BlockPlace,
): BlockResult {
  const found = findBlock(text, role);
  const problem = found && blockProblem(found, text, role, playbook);
  if (problem) return { error: problem };
  if (found) {
    const removed = removeAt(text, found.range);
    if (lines.length === 0) return { text: removed.text };
    const ending = lineEnd(text, found.range.end);
    return { text: insert(removed.text, removed.place, blockLines(role, playbook, lines), ending) };
  }
  if (lines.length === 0) return { text };
  return { text: insert(text, outsideBlocks(place, text), blockLines(role, playbook, lines)) };
}

const roles: readonly BlockRole[] = ["syslog_client", "syslog_server"];

/** A place inside another role's block would go away with that: in front of the block instead. */
function outsideBlocks(place: BlockPlace, text: ByteText): BlockPlace {
  for (const role of roles) {
    const range = findBlock(text, role)?.range;
    if (range && place.kind === "offset" && range.start < place.offset && place.offset < range.end) {
      return { kind: "offset", offset: range.start };
    }
  }
  return place;
}

/** Removes a role's block and says where it stood; without a block the text as it is. */
export function removeBlock(
  text: ByteText,
  role: BlockRole,
  playbook: string,
): { text: ByteText; place?: BlockPlace } | { error: LfceErrorData } {
  const found = findBlock(text, role);
  if (!found) return { text };
  const problem = blockProblem(found, text, role, playbook);
  return problem ? { error: problem } : removeAt(text, found.range);
}

function blockProblem(
  found: FoundBlock,
  text: ByteText,
  role: BlockRole,
  playbook: string,
): LfceErrorData | undefined {
  const line = text.slice(0, found.range.start).split("\n").length;
  if (!found.complete) {
    return errorData(
      "block-broken",
      `the block that begins in line ${line} with "# lfce: begin ${role}" has no "# lfce: end ${role}"`,
      "put the end line back, or remove the block",
    );
  }
  if (found.playbook === undefined || found.playbook === byteText(playbook)) return undefined;
  return errorData(
    "other-playbook",
    `${role} on this host belongs to the playbook ${displayText(found.playbook)} (line ${line})`,
    `take it away with that playbook (state: absent), or remove the block, before ${playbook} manages it`,
  );
}

function blockLines(role: BlockRole, playbook: string, lines: readonly string[]): string[] {
  return [`# lfce: begin ${role}, playbook ${byteText(playbook)}`, ...lines, `# lfce: end ${role}`];
}

/** Puts lines in, with the line end of the block that was there, else with the one that the text uses there. */
function insert(text: ByteText, place: BlockPlace, lines: readonly string[], blockEnding?: string): ByteText {
  const offset = place.kind === "end" ? text.length : place.offset;
  const ending = blockEnding ?? lineEnd(text, offset);
  const block = lines.join(ending);
  const before = text.slice(0, offset);
  if (before !== "" && !before.endsWith("\n")) return before + ending + block;
  return before + block + ending + text.slice(offset);
}

function removeAt(text: ByteText, range: SourceRange): { text: ByteText; place: BlockPlace } {
  const after = text.slice(range.end);
  let before = text.slice(0, range.start);
  const block = text.slice(range.start, range.end);
  // A block that ends the text without a newline stands behind a newline that came with it.
  if (!block.endsWith("\n")) {
    const ending = block.includes("\r\n") ? "\r\n" : "\n";
    if (before.endsWith(ending)) before = before.slice(0, -ending.length);
  }
  return {
    text: before + after,
    place: after === "" ? { kind: "end" } : { kind: "offset", offset: range.start },
  };
}

/** The line end that the text uses around `offset`. */
function lineEnd(text: ByteText, offset: number): string {
  const before = text.slice(0, offset).lastIndexOf("\n");
  const newline = before === -1 ? text.indexOf("\n") : before;
  return text[newline - 1] === "\r" ? "\r\n" : "\n";
}
