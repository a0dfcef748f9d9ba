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
 * The one constant line that is handed to the login shell. With `become` it runs under `sudo -n`, whose
 * messages are wanted in English; they tell why nothing ran.
 */
export function execLine(become: boolean): string {
  return become ? `env LC_ALL=C sudo -n -- ${RUN_SCRIPT}` : RUN_SCRIPT;
}

/** A script as the one line that `execLine` reads: backslashes and newlines as printf's %b undoes them. */
export function encodeScript(source: string): Buffer {
  return Buffer.from(`${source.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`, "latin1");
}
