import { LfceError } from "../core/errors.ts";
import { inputLines, runForFrames } from "./evidence-run.ts";
import type { KeptShell } from "./kept-shell.ts";
import type { ScriptChannel } from "./run-script.ts";
import { timedOut } from "./script-errors.ts";
import { loadScript } from "./scripts.ts";

const LOG_SCRIPT = loadScript("frames", "log-nonce");
const TIMEOUT_MS = 20_000;

/** Throws an LfceError `unusable-value` for text that is not [A-Za-z0-9-]. */
export function checkNonce(nonce: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(nonce)) return;
  throw new LfceError({
    code: "unusable-value",
    message: "a probe message may hold only letters, digits and hyphens",
    hint: "report it: lfce itself makes these messages",
  });
}

/**
 * Logs `nonce` on the host through its local syslog socket, with `priority` (facility.severity) and the tag
 * `lfce`: by the shell that was kept, else by an exec of its own. Rejects with an LfceError: `unusable-value`,
 * `script-failed` when logger refused it, `script-timeout`, or as RunScript does.
 */
export async function logNonce(
  channel: ScriptChannel,
  nonce: string,
  priority: string,
  kept?: KeptShell,
): Promise<void> {
  checkNonce(nonce);
  if (!/^[a-z0-9]+\.[a-z]+$/.test(priority)) {
    throw new LfceError({
      code: "unusable-value",
      message: `"${priority}" is not a syslog priority`,
      hint: "write FACILITY.SEVERITY, such as local6.info",
    });
  }
  const line = inputLines([[priority, nonce]]);
  const how = await kept?.tell(line, `logged ${nonce}`, TIMEOUT_MS);
  if (how === "answered") return;
  if (how === "late") throw timedOut(channel.host, LOG_SCRIPT, TIMEOUT_MS);
  // The shell may have sent it before it ended: then it arrives twice, and the first one counts.
  await runForFrames(channel, LOG_SCRIPT, line, TIMEOUT_MS);
}
