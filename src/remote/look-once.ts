import { randomBytes } from "node:crypto";
import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import { type Answer, askScript } from "./ask-script.ts";
import { type Frame, parseFrames } from "./frames.ts";
import { keptShell } from "./kept-shell.ts";
import { type FileFrames, observedFiles } from "./observe-files.ts";
import { encodeObserveRequest, type ObserveFrame } from "./observe-request.ts";
import type { RunningScript, ScriptChannel } from "./run-script.ts";
import { loadScript, type RemoteScript } from "./scripts.ts";

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** How often a file may change while it is read before that is an error. */
const ATTEMPTS = 3;

const SCRIPT: RemoteScript = {
  ...loadScript(
    "frames",
    "dated-path",
    "network",
    "lock-holder",
    "observe-paths",
    "observe-files",
    "observe-programs",
    "observe-units",
    "observe",
    "log-nonce",
  ),
  name: "observe",
};

/** A host's answer, parsed as far as the next question hangs on it. */
export interface Look {
  frames: Frame[];
  read: FileFrames;
  /** The shell that gave it, where it was to be kept. */
  waiting?: RunningScript;
}

/**
 * Runs scripts/observe.sh once, and again when a file was written while it was read. Rejects with an LfceError:
 * bad-observe-request, observe-failed, file-changed, file-too-large, garbled-output, or as RunScript does.
 */
export async function lookOnce(
  channel: ScriptChannel,
  request: ObserveRequest,
  frame: Omit<ObserveFrame, "boundary">,
): Promise<Look> {
  const boundary = randomBytes(12).toString("hex");
  const stdin = encodeObserveRequest(request, { ...frame, boundary });
  const limits = { stdin, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  for (let attempt = 1; ; attempt += 1) {
    const result: Answer = frame.keep
      ? await askScript(channel, SCRIPT, { ...limits, lastLine: `waiting ${boundary}` })
      : await channel.run(SCRIPT, { ...limits, holdStdin: true });
    if (result.code !== 0) {
      throw new LfceError({
        code: "observe-failed",
        message:
          `${channel.host} could not be looked at: the script ended with ${result.signal ?? result.code}. ${result.stderr.slice(-500)}`.trim(),
        hint: "check that the host has a POSIX shell and coreutils; --debug shows what it said",
      });
    }
    try {
      const frames = parseFrames(result.stdout);
      const read = observedFiles(frames);
      return { frames, read, ...(result.waiting ? { waiting: result.waiting } : {}) };
    } catch (error) {
      // Before it is asked again: sshd may allow one session a connection.
      if (result.waiting) await keptShell(result.waiting).end();
      if (error instanceof LfceError && error.code === "file-changed" && attempt < ATTEMPTS) continue;
      throw error;
    }
  }
}
