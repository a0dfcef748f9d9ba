import { LfceError, type Position } from "../../../core/errors.ts";
import { sshKeyword } from "../../../core/ssh-keywords.ts";

/** One line that says something. */
export interface ConfigLine {
  /** The file, or whatever else the line comes from (`ansible_ssh_common_args of web1`). */
  file: string;
  /** 1-based; 0 where there is only this line. */
  line: number;
  /** In lower case, today's spelling. */
  keyword: string;
  /** The words after the keyword, without their quotes; a comment at the end is left out. */
  words: string[];
  /** All that stands after the keyword, as written. */
  text: string;
}

/**
 * Splits ssh_config's text as OpenSSH's readconf.c does: `keyword value`, `keyword=value`, `"quoted words"`, `\`
 * before a quote, a backslash or a blank. Throws `ssh-config-invalid` at the first line that ssh refuses, too.
 */
export function parseConfigLines(text: string, file: string): ConfigLine[] {
  return text.split("\n").flatMap((raw, index) => parseConfigLine(raw, file, index + 1) ?? []);
}

/** One line; undefined when it is empty or a comment. */
export function parseConfigLine(raw: string, file: string, line: number): ConfigLine | undefined {
  const content = raw.replace(/^[ \t\r]+/, "").replace(/[ \t\r\f]+$/, "");
  if (content === "" || content.startsWith("#")) return undefined;
  const match = /^(?:"([^"]*)"|([^ \t\r="]+))(?:[ \t\r]*=?[ \t\r]*)(.*)$/s.exec(content);
  const keyword = sshKeyword(match?.[1] ?? match?.[2] ?? "");
  const rest = match?.[3] ?? "";
  const place = { file, line, keyword };
  if (keyword === "" || rest === "") throw invalidLine(place, "has no value");
  const words = splitWords(rest);
  if (words === undefined) throw invalidLine(place, "has a quote without its end");
  return { ...place, words, text: rest };
}

/** The words of a line, up to a `#` that begins one; undefined when a quote has no end. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at += 1;
    if (at >= text.length || text[at] === "#") return words;
    let word = "";
    let quote = "";
    for (; at < text.length; at += 1) {
      const character = text[at] ?? "";
      const next = text[at + 1];
      if (character === "\\" && next !== undefined && isEscaped(next, quote)) {
        word += next;
        at += 1;
      } else if (quote === "" && (character === " " || character === "\t")) break;
      else if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = "";
      else word += character;
    }
    if (quote !== "") return undefined;
    words.push(word);
  }
}

function isEscaped(character: string, quote: string): boolean {
  return character === '"' || character === "'" || character === "\\" || (character === " " && quote === "");
}

/** Where a line stands, for messages: `~/.ssh/config:12`. */
export function placeOf(line: Pick<ConfigLine, "file" | "line">): string {
  return line.line === 0 ? line.file : `${line.file}:${line.line}`;
}

/** Where an error of a line stands; nothing for what is not in a file. */
export function positionOf({ file, line }: Pick<ConfigLine, "file" | "line">): { at?: Position } {
  return line === 0 ? {} : { at: { file, line, column: 1 } };
}

/** What ssh, too, refuses to go on with. */
export function invalidLine(
  line: Pick<ConfigLine, "file" | "line" | "keyword">,
  problem: string,
  hint = "correct the line; `ssh -G HOST` shows whether ssh reads it",
): LfceError {
  const message = `${line.keyword || "the line"} ${problem}${line.line === 0 ? ` (${line.file})` : ""}`;
  return new LfceError({ code: "ssh-config-invalid", message, hint, ...positionOf(line) });
}
