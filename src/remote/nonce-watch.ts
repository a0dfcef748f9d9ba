import { displayText } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { NonceWatch } from "../core/evidence.ts";
import { inputLines } from "./evidence-run.ts";
import { createLooks } from "./looks.ts";
import { checkNonce } from "./nonce.ts";
import type { RunningScript, ScriptChannel } from "./run-script.ts";
import { loadScript } from "./scripts.ts";

const WATCH_SCRIPT = loadScript("frames", "dated-path", "watch-nonces");
/** The host keeps the time; the controller waits so much longer before it gives up on the host's word. */
const GRACE_MS = 5000;

type Arrival = { path: string; line: string };

interface Waiting {
  resolve: (arrival: Arrival | undefined) => void;
  reject: (error: unknown) => void;
  timer: NodeJS.Timeout;
}

/** Starts the one exec on a log server that looks for nonces until it is closed. */
export async function watchForNonces(channel: ScriptChannel): Promise<NonceWatch> {
  const script = await channel.open(WATCH_SCRIPT, { maxOutputBytes: 64 * 1024 * 1024 });
  const waiting = new Map<string, Waiting>();
  let over: LfceError | undefined;
  const looks = createLooks(
    () => waiting.size > 0,
    (lines) => {
      script.write(lines).catch(() => {}); // `reading` tells why nobody looks any more
    },
  );

  const settle = (nonce: string, finish: (entry: Waiting) => void): void => {
    const entry = waiting.get(nonce);
    if (!entry) return;
    waiting.delete(nonce);
    clearTimeout(entry.timer);
    finish(entry);
  };
  const reading = readReports(script, looks.looked, (nonce, arrival) =>
    settle(nonce, (entry) => entry.resolve(arrival)),
  ).catch((error: unknown) => (error instanceof LfceError ? error : watchEnded(channel.host, String(error))));
  void reading.then((error) => {
    over = error ?? watchEnded(channel.host, "it ended by itself");
    looks.stop();
    for (const nonce of [...waiting.keys()]) settle(nonce, (entry) => entry.reject(over));
  });

  return {
    expect(nonce, path, timeoutMs) {
      return new Promise<Arrival | undefined>((resolve, reject) => {
        checkNonce(nonce);
        const line = inputLines([["expect", nonce, Math.round(timeoutMs), absolute(path)]]);
        if (over) throw over;
        const timer = setTimeout(
          () => settle(nonce, (entry) => entry.resolve(undefined)),
          timeoutMs + GRACE_MS,
        );
        waiting.set(nonce, { resolve, reject, timer });
        looks.expect(line.toString("utf8"));
      });
    },
    async close() {
      looks.stop();
      for (const nonce of [...waiting.keys()]) settle(nonce, (entry) => entry.resolve(undefined));
      script.end();
      const timer = setTimeout(() => script.kill(), GRACE_MS);
      await script.done.catch(() => undefined);
      clearTimeout(timer);
    },
  };
}

/** Hands every report of the script on: the arrival, or undefined when the host's time for it was up. */
async function readReports(
  script: RunningScript,
  looked: () => void,
  report: (nonce: string, arrival: Arrival | undefined) => void,
): Promise<LfceError | undefined> {
  script.done.catch(() => undefined); // `lines` throws the same error
  for await (const text of script.lines) {
    const [key, value = ""] = splitOnce(text, " ");
    const [nonce, rest] = splitOnce(value, "\t");
    if (key === "looked") looked();
    if (key === "late") report(nonce, undefined);
    if (key !== "found" || rest === undefined) continue;
    const [path, line = ""] = splitOnce(rest, "\t");
    report(nonce, { path: displayText(path), line: displayText(line) });
  }
  return undefined;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + separator.length)];
}

function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  throw new LfceError({
    code: "unusable-value",
    message: `"${path}" is not an absolute path on the log server`,
    hint: "begin the file of `store` with a slash",
  });
}

function watchEnded(host: string, why: string): LfceError {
  return new LfceError({
    code: "watch-ended",
    message: `the look-out for messages on ${host} stopped: ${why}`,
    hint: "run `lfce verify` again; with --debug it shows what the host said",
    at: { host, phase: "prove" },
  });
}
