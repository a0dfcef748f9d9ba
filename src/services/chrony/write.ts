import { type ByteText, byteText } from "../../core/byte-text.ts";
import { errorData, type LfceErrorData } from "../../core/errors.ts";
import { type BaseFile, type BaseLine, positionOf } from "./base.ts";
import { ACCESS_NAMES, type Claims, type NtpRole, SOURCE_NAMES } from "./claims.ts";
import { type ConfigLine, SWITCHED_OFF_MARK } from "./parse.ts";
import type { Settlement } from "./settle.ts";
import { writeSource } from "./source-line.ts";

/** chronyd reads at most 2047 bytes of a line, its newline among them. */
const LONGEST_LINE = 2047;

/** In this order where two blocks meet. */
const ROLES: readonly NtpRole[] = ["ntp_client", "ntp_server"];

/** The lines that lfce adds for a role, without the block's first and last line. */
export function blockLines(role: NtpRole, claims: Claims, missing: Settlement["missing"]): string[] {
  const lines: string[] = [];
  if (claims.sources?.role === role) lines.push(...missing.sources.map(writeSource));
  if (role === "ntp_server" && claims.access) {
    // Never "allow all", which would undo what was read before it: the plain form means everyone as well.
    const access = (verb: string, entry: string) =>
      entry.toLowerCase() === "all" ? verb : `${verb} ${entry}`;
    lines.push(...missing.allow.map((entry) => access("allow", entry)));
    lines.push(...missing.deny.map((entry) => access("deny", entry)));
    const local = claims.access.local;
    if (local && missing.local) lines.push(`local stratum ${local.stratum}${local.orphan ? " orphan" : ""}`);
  }
  for (const [name, { role: owner }] of claims.directives) {
    if (owner !== role) continue;
    lines.push(
      ...(missing.directives.get(name) ?? []).map((value) => (value === "" ? name : `${name} ${value}`)),
    );
  }
  return lines;
}

/** Writes a file anew: its lines, those in `off` switched off, and the blocks of the roles in their places. */
export function writeFile(
  file: BaseFile,
  off: ReadonlySet<BaseLine>,
  blocks: ReadonlyMap<NtpRole, readonly string[]>,
  playbook: string,
): { content: ByteText; errors: LfceErrorData[] } {
  const errors: LfceErrorData[] = [];
  const inserts = ROLES.flatMap((role) => {
    const lines = blocks.get(role) ?? [];
    if (lines.length === 0) return [];
    const index = file.blocks.find((block) => block.role === role)?.index ?? placeOf(role, file.lines);
    const begin = `# lfce: begin ${role}, playbook ${playbook}`;
    return [{ index, lines: [begin, ...lines, `# lfce: end ${role}`].map(byteText) }];
  });

  const output: { text: ByteText; ending: string; base?: BaseLine }[] = [];
  for (let index = 0; index <= file.lines.length; index += 1) {
    for (const insert of inserts.filter((candidate) => candidate.index === index)) {
      const ending = lineEnd(file.lines, index);
      output.push(...insert.lines.map((text) => ({ text, ending })));
    }
    const base = file.lines[index];
    if (!base) continue;
    const text = off.has(base) ? SWITCHED_OFF_MARK + base.text : base.text;
    output.push({ text, ending: base.ending === "" ? lineEnd(file.lines, index) : base.ending, base });
  }
  // A file that had no final newline keeps having none, whatever stands last: so when the block goes,
  // nothing has to be remembered.
  const last = output.at(-1);
  if (last && file.lines.at(-1)?.ending === "") last.ending = "";

  for (const [index, line] of output.entries()) {
    const changed = line.base === undefined || off.has(line.base);
    if (changed && line.text.length + line.ending.length > LONGEST_LINE) {
      errors.push(tooLong(line.base ?? { file: file.path, number: index + 1, text: line.text }));
    }
  }
  return { content: output.map((line) => line.text + line.ending).join(""), errors };
}

/** The line end that the neighbourhood of a place uses. */
function lineEnd(lines: readonly BaseLine[], index: number): Exclude<ConfigLine["ending"], ""> {
  for (let before = index - 1; before >= 0; before -= 1) {
    const ending = lines[before]?.ending;
    if (ending) return ending;
  }
  return lines[index]?.ending || "\n";
}

/**
 * Where a role's block belongs: after the last line that says such things, else after the last commented
 * example of one, else at the end. Looks at the file without lfce's changes, so the place never moves.
 */
function placeOf(role: NtpRole, lines: readonly BaseLine[]): number {
  const names = role === "ntp_client" ? SOURCE_NAMES : ACCESS_NAMES;
  const said = (wanted: (name: string) => boolean) =>
    lines.findLastIndex((line) => !line.foreign && line.kind === "directive" && wanted(line.name)) + 1;
  const example = (pattern: RegExp) =>
    lines.findLastIndex((line) => !line.foreign && line.kind === "comment" && pattern.test(line.text)) + 1;
  if (role === "ntp_client") {
    return said((name) => names.has(name)) || example(SOURCE_EXAMPLE) || lines.length;
  }
  return (
    said((name) => name === "allow" || name === "deny") ||
    example(ALLOW_EXAMPLE) ||
    said((name) => name === "local") ||
    example(LOCAL_EXAMPLE) ||
    lines.length
  );
}

// A commented directive, as opposed to prose that happens to begin with its name.
const SOURCE_EXAMPLE = /^[ \t]*[!;#%]+[ \t]*(server|pool|peer)[ \t]+[^ \t]*[.:][^ \t]*[^ \t.:,]([ \t]|$)/i;
const ALLOW_EXAMPLE =
  /^[ \t]*[!;#%]+[ \t]*(allow|deny)([ \t]+all)?([ \t]+[0-9a-f.:/]*[0-9][0-9a-f.:/]*)?[ \t]*$/i;
const LOCAL_EXAMPLE = /^[ \t]*[!;#%]+[ \t]*local[ \t]+stratum[ \t]+[0-9]+/i;

function tooLong(line: { file: string; number: number; text: ByteText }): LfceErrorData {
  return errorData(
    "chrony-line-too-long",
    `the line would be longer than the ${LONGEST_LINE} bytes that chronyd reads`,
    "shorten the line by hand (its trailing words or white space), then run lfce again",
    positionOf(line),
  );
}
