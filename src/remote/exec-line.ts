import type { Become } from "./become.ts";

/** The line that the remote shell prints before the script starts; what login shells printed stands before it. */
export const START_MARKER = "lfce-script-start";

/**
 * Takes the script off stdin and runs it, leaving the rest of stdin to the script. `read` takes exactly one
 * line from a pipe, byte by byte (POSIX demands it); `head -c` of busybox, like `sh -s` of dash, reads ahead
 * and swallows data. The text holds no newline, backslash, `!` or single quote, so that it means the same to
 * sh, bash, csh and fish.
 */
const RUN_SCRIPT = `sh -c 'echo ${START_MARKER}; IFS= read -r s; eval "$(printf %b "$s")"'`;

/**
 * The one line that is handed to the login shell: constant but for `prompt`, a word of letters, digits, `-` and
 * `:`. With it sudo takes a password from stdin (-S) if it needs one, and asks by that prompt on stderr; without
 * it sudo never asks (-n). The messages of sudo and doas are wanted in English: they tell why nothing ran.
 */
export function execLine(method: Become["method"] | undefined, prompt?: string): string {
  if (method === undefined) return RUN_SCRIPT;
  if (method === "doas") return `env LC_ALL=C doas -n -- ${RUN_SCRIPT}`;
  return `env LC_ALL=C sudo ${prompt === undefined ? "-n" : `-S -p ${prompt}`} -- ${RUN_SCRIPT}`;
}

/** A script as the one line that `execLine` reads: backslashes and newlines as printf's %b undoes them. */
export function encodeScript(source: string): Buffer {
  return Buffer.from(`${source.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`, "latin1");
}
