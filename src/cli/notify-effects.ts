import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { LfceError } from "../core/errors.ts";
import type { NotifyEffects, ProgramEnd } from "../notify/deliver.ts";
import { type NotifyTarget, type WebhookUrl, webhookUrl } from "../notify/target.ts";
import type { WebhookAnswer } from "../notify/webhook-answer.ts";
import { BECOME_PASSWORD_VARIABLE } from "./given-secrets.ts";

/** How long a program that was asked to end may take before it is killed. */
const GRACE_MS = 2_000;
const KEPT_CHARACTERS = 400;

/** Real processes, HTTP and time for telling people. What is a secret is kept from the programs that are started. */
export function notifyEffects(
  targets: readonly NotifyTarget[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): NotifyEffects {
  const secrets = targets.flatMap((target) =>
    "url" in target && target.url.from === "environment" ? [target.url.name] : [],
  );
  const without = new Set([...secrets, BECOME_PASSWORD_VARIABLE]);
  const passedOn = Object.fromEntries(Object.entries(environment).filter(([name]) => !without.has(name)));
  return {
    post,
    run: (program, args, stdin, timeoutMs) => runProgram(program, args, stdin, timeoutMs, passedOn),
    sendmail: findSendmail(environment),
    readUrl: (url) => readUrl(url, environment),
    wait: async (milliseconds) => {
      await wait(milliseconds, undefined, { signal }).catch(() => {});
    },
    signal,
  };
}

async function post(url: string, body: string, timeoutMs: number): Promise<WebhookAnswer> {
  const address = new URL(url);
  const headers = new Headers({ "content-type": "application/json", "user-agent": "lfce" });
  if (address.username !== "" || address.password !== "") {
    // fetch refuses a URL with a password in it, and would show it.
    headers.set("authorization", basicLogin(address.username, address.password));
    address.username = "";
    address.password = "";
  }
  try {
    const response = await fetch(address, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const retryAfter = response.headers.get("retry-after");
    return {
      status: response.status,
      body: await beginning(response),
      ...(retryAfter === null ? {} : { retryAfter }),
    };
  } catch (error) {
    throw new Error(whyUnanswered(error, timeoutMs));
  }
}

/** The first characters of a body; the rest is not waited for. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? [])
    .toString("utf8")
    .slice(0, KEPT_CHARACTERS);
}

function basicLogin(user: string, password: string): string {
  const login = `${decodeURIComponent(user)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

/** fetch's own messages may hold the URL: only codes of the system and of TLS are taken from them. */
function whyUnanswered(error: unknown, timeoutMs: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return typeof code === "string" && /^\w+$/.test(code) ? `no answer (${code})` : "no answer";
}

/** A process group of its own, so that what the program starts ends with it when its time is over. */
function runProgram(
  program: string,
  args: readonly string[],
  stdin: string,
  timeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, detached: true, stdio: ["pipe", "ignore", "pipe"] });
    let stderr = "";
    let timedOut = false;
    const kill = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // Everything in it has ended.
      }
    };
    // In a group of its own it hears of no Ctrl-C, and would outlive an lfce that leaves at once.
    const leaving = () => kill("SIGKILL");
    process.once("exit", leaving);
    let killing: NodeJS.Timeout | undefined;
    const ending = setTimeout(() => {
      timedOut = true;
      kill("SIGTERM");
      killing = setTimeout(() => kill("SIGKILL"), GRACE_MS);
    }, timeoutMs);
    const settle = () => {
      clearTimeout(ending);
      clearTimeout(killing);
      process.off("exit", leaving);
      // A grandchild may hold the pipe open for as long as it likes.
      child.stderr.destroy();
    };
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < KEPT_CHARACTERS) stderr += chunk.toString("utf8").slice(0, KEPT_CHARACTERS);
    });
    // A program that does not read what it is told may succeed all the same.
    child.stdin.on("error", () => {});
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(new Error(`it cannot be started (${error.code})`));
    });
    child.on("exit", (code) => {
      // What it said last may still be on its way through the pipe.
      setImmediate(() => {
        settle();
        resolve({ timedOut, stderr, ...(code === null || timedOut ? {} : { code }) });
      });
    });
    child.stdin.end(stdin);
  });
}

/** PATH of a timer or cron lacks the directories in which `sendmail` stands by custom. */
function findSendmail({ PATH = "" }: NodeJS.ProcessEnv): string {
  const directories = [...PATH.split(":").filter((path) => path.startsWith("/")), "/usr/sbin", "/usr/lib"];
  const found = directories.map((directory) => `${directory}/sendmail`).find(isProgram);
  return found ?? "sendmail";
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws LfceError `notify-url` when the place holds no URL; what it holds is not shown */
function readUrl(url: WebhookUrl, environment: NodeJS.ProcessEnv): string {
  if (url.from === "given") return url.value.reveal();
  if (url.from === "environment") {
    const value = environment[url.name];
    if (value) return webhookUrl(value);
    const message = `the variable ${url.name} is not set`;
    throw new LfceError({ code: "notify-url", message, hint: `set ${url.name} to the webhook's URL` });
  }
  try {
    return webhookUrl(readFileSync(url.path, "utf8").split("\n", 1)[0] ?? "");
  } catch (error) {
    if (error instanceof LfceError) throw error;
    const message = `the file of the webhook's URL cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new LfceError({ code: "notify-url", message, hint: "put the URL into its first line, mode 600" });
  }
}
