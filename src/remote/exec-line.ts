import type { Become } from "./become.ts";

/** The line that the remote shell prints before the script starts; what login shells printed stands before it. */
export const START_MARKER = "lfce-script-start";

/** The last word of every script: what was cut off, or is data that followed a script, is not run. */
const END_WORD = "lfce-script-end";

/**
 * Takes the script off stdin and runs it, leaving the rest of stdin to the script: a line with its length, then so
 * many bytes. `dd` reads exactly what it is told to (POSIX); where it does not know `fullblock`, which puts short
 * reads together, it fails before it has read anything, and byte for byte does as well. `head -c` of busybox, like
 * `sh -s` of dash, reads ahead and swallows data; `read` of the whole script takes a system call a byte. The text holds
 * no newline, backslash, `!` or single quote, so that it means the same to sh, bash, csh and fish.
 */
const RUN_SCRIPT = `sh -c 'echo ${START_MARKER}; read -r n; s=$(exec dd bs="$n" count=1 iflag=fullblock 2>/dev/null) || s=$(exec dd bs=1 count="$n" 2>/dev/null); case "$s" in *${END_WORD}) eval "$s";; *) exit 70;; esac'`;

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

/** A script as `execLine` reads it. */
export function encodeScript(source: string): Buffer {
  const bytes = Buffer.from(`${source}\n# ${END_WORD}\n`, "latin1");
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
}
