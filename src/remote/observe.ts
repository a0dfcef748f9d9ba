import { randomBytes } from "node:crypto";
import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import type { ObservedHost } from "../core/observed.ts";
import { type Answer, askScript } from "./ask-script.ts";
import { parseFrames } from "./frames.ts";
import { learntPrograms, observedHost } from "./observe-host.ts";
import { encodeObserveRequest, type KnownProgram } from "./observe-request.ts";
import type { RunningScript, ScriptChannel } from "./run-script.ts";
import { loadScript } from "./scripts.ts";

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** How often a file may change while it is read before that is an error. */
const ATTEMPTS = 3;

export interface ObserveOptions {
  /** Where restart records and open transactions lie, other than in /var/lib/lfce only in tests. */
  stateDirectory?: string;
  /** Where units have their files; `any`: systemd is asked for those without one, too. Only in tests. */
  unitDirectory?: string;
  /** Versions that need not be asked for, and who hears of others. */
  programs?: ProgramVersions;
  /** Gets the shell that a request asks to keep. Without it none is kept. */
  keep?: (shell: RunningScript) => void;
}

/** What is known of daemons' programs, on any host. */
export interface ProgramVersions {
  known(): readonly KnownProgram[];
  learn(programs: readonly KnownProgram[]): void;
}

const SCRIPT = loadScript(
  "frames",
  "dated-path",
  "network",
  "lock-holder",
  "observe-include",
  "observe-files",
  "observe-daemons",
  "observe",
  "log-nonce",
);

/**
 * Looks at a host in one exec; changes nothing there. Rejects with an LfceError: file-too-large,
 * file-changed, garbled-output, observe-failed, or as RunScript does.
 */
export async function observe(
  channel: ScriptChannel,
  request: ObserveRequest,
  options: ObserveOptions = {},
): Promise<ObservedHost> {
  const boundary = randomBytes(12).toString("hex");
  const { programs, keep, ...frame } = options;
  const isKept = keep !== undefined && request.keepForMessages === true;
  const knownPrograms = programs?.known() ?? [];
  const stdin = encodeObserveRequest(request, { ...frame, boundary, knownPrograms, keep: isKept });
  const limits = { stdin, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  for (let attempt = 1; ; attempt += 1) {
    const result: Answer = isKept
      ? await askScript(channel, SCRIPT, { ...limits, lastLine: `waiting ${boundary}` })
      : await channel.run(SCRIPT, { ...limits, holdStdin: true });
    const at = { host: channel.host, phase: "observe" } as const;
    if (result.code !== 0) {
      throw new LfceError({
        code: "observe-failed",
        message:
          `${channel.host} could not be looked at: the script ended with ${result.signal ?? result.code}. ${result.stderr.slice(-500)}`.trim(),
        hint: "check that the host has a POSIX shell and coreutils; --debug shows what it said",
        at,
      });
    }
    try {
      const frames = parseFrames(result.stdout);
      const observed = observedHost(frames, request);
      programs?.learn(learntPrograms(frames));
      if (result.waiting) keep?.(result.waiting);
      return observed;
    } catch (error) {
      result.waiting?.end();
      if (!(error instanceof LfceError)) throw error;
      if (error.code === "file-changed" && attempt < ATTEMPTS) continue;
      throw new LfceError({ ...error.data, at }, { cause: error });
    }
  }
}
