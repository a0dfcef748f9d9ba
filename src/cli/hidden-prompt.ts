import { closeSync, openSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { read } from "read";
import { LfceError } from "../core/errors.ts";
import { type Secret, secret } from "../core/secrets.ts";

/**
 * Asks on the terminal for something that must not be seen, also when stdin and stdout are something else.
 * Rejects: `not-a-terminal` with the given hint, where nobody can be asked; `interrupted` for Ctrl-C and Ctrl-D.
 */
export async function askHidden(question: string, hintWithoutTerminal: string): Promise<Secret> {
  if (!hasTerminal()) {
    throw new LfceError({
      code: "not-a-terminal",
      message: `there is no terminal to ask on: ${question}`,
      hint: hintWithoutTerminal,
    });
  }
  const [input, output] = [
    new ReadStream(openSync("/dev/tty", "r")),
    new WriteStream(openSync("/dev/tty", "w")),
  ];
  // `read` waits for ever where the terminal's line ends without a line (Ctrl-D): readline pauses its input then.
  const closed = new Promise<never>((_, reject) => {
    input.once("pause", () => setImmediate(() => reject(new Error("closed"))));
  });
  closed.catch(() => {});
  try {
    const answer = await Promise.race([
      read({ prompt: `${question}:`, silent: true, input, output, terminal: true }),
      closed,
    ]);
    return secret(answer);
  } catch {
    throw new LfceError({ code: "interrupted", message: `nothing was entered: ${question}` });
  } finally {
    output.write("\n");
    input.destroy();
    output.destroy();
  }
}

/** Whether somebody can be asked: nobody under cron, in a CI and the like. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r+"));
    return true;
  } catch {
    return false;
  }
}
