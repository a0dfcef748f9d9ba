import { escapeLine } from "../core/byte-text.ts";
import { LfceError, type Warning } from "../core/errors.ts";
import type { Attempt } from "./attempt.ts";
import { mailMessage } from "./mail.ts";
import type { Notification } from "./notification.ts";
import { slackMessage } from "./slack.ts";
import { type NotifyTarget, targetName, type WebhookTarget, type WebhookUrl } from "./target.ts";
import { judgeAnswer, type WebhookAnswer } from "./webhook-answer.ts";

/** How a program that was started ended. */
export interface ProgramEnd {
  /** Undefined: a signal ended it, or the time-out. */
  code?: number;
  timedOut: boolean;
  /** What it said on stderr, cut. */
  stderr: string;
}

/** What telling people needs of the outside world. */
export interface NotifyEffects {
  /** Posts JSON; follows no redirect. Rejects, without the URL in its message, when there is no answer in time. */
  post(url: string, body: string, timeoutMs: number): Promise<WebhookAnswer>;
  /** Runs a program, without a shell, with this on stdin. Rejects when it cannot be started. */
  run(program: string, args: readonly string[], stdin: string, timeoutMs: number): Promise<ProgramEnd>;
  /** Where `sendmail` is. */
  sendmail: string;
  readUrl(url: WebhookUrl): string;
  wait(milliseconds: number): Promise<void>;
  /** Aborted: nothing is tried again. */
  signal: AbortSignal;
}

/** Milliseconds before the second, third and last attempt. */
const WAITS = [1_000, 5_000, 15_000];
const POST_TIMEOUT_MS = 10_000;
const PROGRAM_TIMEOUT_MS = 30_000;
/** sysexits.h EX_TEMPFAIL: the one way in which a program asks to be called again. */
const TEMPORARY_FAILURE = 75;

/** Tells everybody at once, each with its own attempts. Never throws: for each target a warning, or nothing if it was told. */
export async function deliver(
  notification: Notification,
  targets: readonly NotifyTarget[],
  effects: NotifyEffects,
): Promise<(Warning | undefined)[]> {
  return Promise.all(
    targets.map(async (target) => {
      const last = await deliverTo(notification, target, effects);
      if (last.ok) return undefined;
      const message = `could not notify ${targetName(target)}: ${last.why}`;
      return { code: "notify-failed", message, hint: last.hint };
    }),
  );
}

async function deliverTo(
  notification: Notification,
  target: NotifyTarget,
  effects: NotifyEffects,
): Promise<Attempt> {
  let attempt = await attemptOnce(notification, target, effects);
  for (const wait of WAITS) {
    if (attempt.ok || !attempt.again || effects.signal.aborted) break;
    await effects.wait(attempt.afterMs ?? wait);
    if (effects.signal.aborted) break;
    attempt = await attemptOnce(notification, target, effects);
  }
  return attempt;
}

async function attemptOnce(
  notification: Notification,
  target: NotifyTarget,
  effects: NotifyEffects,
): Promise<Attempt> {
  try {
    switch (target.kind) {
      case "command": {
        const body = `${JSON.stringify(notification)}\n`;
        return judgeEnd(await effects.run(target.program, target.args, body, PROGRAM_TIMEOUT_MS));
      }
      case "mail": {
        const mail = mailMessage(notification, target.address);
        return judgeEnd(await effects.run(effects.sendmail, ["-t", "-i"], mail, PROGRAM_TIMEOUT_MS));
      }
      case "webhook":
      case "slack":
        return await postTo(notification, target, effects);
    }
  } catch (error) {
    if (error instanceof LfceError) {
      return { ok: false, why: error.message, hint: error.hint ?? "correct --notify", again: false };
    }
    const why = escapeLine(error instanceof Error ? error.message : String(error));
    return { ok: false, why, hint: "see that it is there and can be run", again: false };
  }
}

async function postTo(
  notification: Notification,
  target: WebhookTarget,
  effects: NotifyEffects,
): Promise<Attempt> {
  const url = effects.readUrl(target.url);
  const body = JSON.stringify(target.kind === "slack" ? slackMessage(notification) : notification);
  try {
    return judgeAnswer(await effects.post(url, body, POST_TIMEOUT_MS), url);
  } catch (error) {
    const why = escapeLine(error instanceof Error ? error.message : String(error));
    return { ok: false, why, hint: "see that the address can be reached from here", again: true };
  }
}

function judgeEnd({ code, timedOut, stderr }: ProgramEnd): Attempt {
  if (code === 0) return { ok: true };
  const said = escapeLine(stderr.trim().split("\n", 1)[0] ?? "");
  const how = timedOut
    ? `it did not end within ${PROGRAM_TIMEOUT_MS / 1000} s`
    : code === undefined
      ? "a signal ended it"
      : `it ended with exit code ${code}`;
  return {
    ok: false,
    why: said === "" ? how : `${how}: ${said}`,
    hint: "run it by hand and see what it says",
    again: code === TEMPORARY_FAILURE,
  };
}
