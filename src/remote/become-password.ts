import type { LfceError } from "../core/errors.ts";
import { type BecomePassword, freshPrompt, occurrences } from "./become.ts";
import { passwordWithheld, passwordWrong } from "./become-errors.ts";

/** One command under sudo that may ask for a password. */
export interface PasswordTalk {
  /** What sudo is told to ask by. */
  prompt: string;
  /** Takes what sudo says on stderr: its prompt is answered once; a second one means that the answer was wrong. */
  hear(stderr: Buffer): void;
  /** The command runs: sudo asks no more. */
  started(): void;
  /** The command has ended without running, with sudo's last words. True when it refused the password. */
  ended(stderr: string): boolean;
}

/**
 * Answers sudo. The password goes to stdin only after the prompt, so that a command that sudo runs without
 * asking never finds it on its stdin; nothing else may be written before `started`, so that sudo never takes it
 * for a second try. `pause` stops the command's clock until what it returns is called: a host that waits for the
 * verdict of others on the password has not hung.
 */
export function createPasswordTalk(
  host: string,
  password: BecomePassword,
  write: (text: string) => void,
  fail: (error: LfceError) => void,
  pause: () => () => void,
): PasswordTalk {
  const prompt = freshPrompt();
  const promptsIn = occurrences(prompt);
  let state: "silent" | "waiting" | "sent" | "over" = "silent";
  const close = (verdict: "accepted" | "refused" | undefined): void => {
    if (state === "sent") password.gate.leave(verdict);
    state = "over";
    if (verdict === "refused") password.refused = true;
  };
  const answer = async (): Promise<void> => {
    if (password.refused) return fail(passwordWrong(host));
    state = "waiting";
    const goOn = pause();
    const may = await password.gate.enter();
    goOn();
    if (!may) fail(passwordWithheld(host, password.gate.refusals()));
    else if (state !== "waiting")
      password.gate.leave(undefined); // sudo has given up in the meantime
    else {
      state = "sent";
      write(`${password.value.reveal()}\n`);
    }
  };
  return {
    prompt,
    hear: (stderr) => {
      if (state === "over") return;
      const asked = promptsIn(stderr);
      if (asked > 0 && state === "silent") void answer();
      else if (asked > 1 && state === "sent") {
        close("refused");
        fail(passwordWrong(host));
      }
    },
    started: () => close("accepted"),
    ended: (stderr) => {
      const refused = state === "sent" && /incorrect|sorry, try again|authentication failed/i.test(stderr);
      close(refused ? "refused" : undefined);
      return refused;
    },
  };
}
