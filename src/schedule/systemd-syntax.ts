import { LfceError } from "../core/errors.ts";

/**
 * A word of ExecStart= after the program (systemd.service(5), "Command lines"): always in double quotes, with `%`, `$`,
 * `"` and `\` escaped and control characters as C escapes, so that the program gets exactly this text.
 * @throws LfceError `schedule-value` for what no unit can hold
 */
export function execWord(text: string): string {
  return quoted(text).replaceAll("$", () => "$$");
}

/**
 * The program of ExecStart=. Variables are not replaced there, so that `$` stays single; systemd takes an absolute path.
 * @throws LfceError `schedule-value` where it is no absolute path
 */
export function execProgram(path: string): string {
  if (!path.startsWith("/")) throw unusable(path, "it is no absolute path");
  return quoted(path);
}

/**
 * An absolute path as a word of ReadWritePaths=, where quotes are taken away but escapes stay as they are.
 * @throws LfceError `schedule-value` where it cannot be written so
 */
export function pathWord(path: string): string {
  if (!path.startsWith("/")) throw unusable(path, "it is no absolute path");
  return `"${withoutEscapes(path)}"`;
}

/**
 * A variable of Environment= that holds a path; `$` means nothing there.
 * @throws LfceError `schedule-value` where it cannot be written so
 */
export function environmentWord(name: string, path: string): string {
  return `"${name}=${withoutEscapes(path)}"`;
}

/**
 * The value of a setting that is read as it stands to the end of its line (WorkingDirectory=, Description=, User=): there
 * is no quoting, only `%%`.
 * @throws LfceError `schedule-value` where the text cannot be written so
 */
export function plainValue(text: string): string {
  checked(text);
  if (/[\u0000-\u001f\u007f]/.test(text)) throw unusable(text, "it holds a control character");
  // A backslash at the end would join the next line; blanks at the edges are lost.
  if (/^\s|[\s\\]$/.test(text))
    throw unusable(text, "it begins or ends with a blank, or ends with a backslash");
  return text.replaceAll("%", "%%");
}

function withoutEscapes(text: string): string {
  if (/[\u0000-\u001f\u007f"\\]/.test(text)) {
    throw unusable(text, "it holds a control character, a quote or a backslash");
  }
  return checked(text).replaceAll("%", "%%");
}

function quoted(text: string): string {
  const escaped = checked(text)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    // As hexadecimal escapes: a newline would end the line, whatever stands around it.
    .replace(/[\u0000-\u001f\u007f]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

function checked(text: string): string {
  if (text.includes("\0")) throw unusable(text, "it holds a NUL");
  if (/\p{Cs}/u.test(text)) throw unusable(text, "it is not valid Unicode");
  // systemd ignores lines that are no valid UTF-8, and takes these for such (Unicode's noncharacters).
  if (/\p{Noncharacter_Code_Point}/u.test(text)) {
    throw unusable(text, "it holds a code point that is no character");
  }
  return text;
}

function unusable(text: string, why: string): LfceError {
  return new LfceError({
    code: "schedule-value",
    message: `a unit of systemd cannot hold ${JSON.stringify(text)}: ${why}`,
    hint: "rename it, or call lfce from a script of your own",
  });
}
