import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import type { Hop } from "./hop.ts";
import { dropped, type LoginPhase, loginTimeout } from "./login-failure.ts";
import { interruptedConnect } from "./socket.ts";

/**
 * The host key that a machine shows when only these algorithms are asked for, after it has proved that the key is
 * its own; undefined when it has none of them. Nobody logs in: the connection ends before. Rejects:
 * connect-timeout, connection-lost, server-busy, login-penalty, ssh-protocol-error, interrupted.
 */
export function askHostKey(
  stream: Duplex,
  hop: Hop,
  algorithms: readonly string[],
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let phase: LoginPhase = "greeting";
    let firstWords = "";
    let shown: Buffer | undefined;
    const hear = (chunk: Buffer): void => {
      firstWords += chunk.toString("latin1", 0, 512);
      if (/^SSH-/m.test(firstWords)) phase = "keys";
      if (phase === "keys" || firstWords.length >= 512) stream.off("data", hear);
    };
    const settle = (end: () => void): void => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", onAbort);
      stream.off("data", hear);
      client.removeAllListeners();
      client.on("error", () => {});
      client.destroy();
      stream.destroy();
      end();
    };
    const fail = (error: LfceError): void => settle(() => reject(error));
    const onAbort = (): void => fail(interruptedConnect(hop.host));
    const deadline = setTimeout(() => fail(loginTimeout(hop, phase)), hop.timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("handshake", () => settle(() => resolve(shown)));
    client.once("close", () => fail(dropped(hop.host, phase, firstWords)));
    client.on("error", (error: Error & { level?: string; code?: string }) => {
      if (/no matching host key format/i.test(error.message)) settle(() => resolve(undefined));
      else if (error instanceof LfceError) fail(error);
      else if (error.level === "client-socket" || /^Connection lost/.test(error.message)) {
        fail(dropped(hop.host, phase, firstWords, error.code));
      } else fail(noSsh(hop, error));
    });
    try {
      client.connect({
        sock: stream,
        username: "lfce",
        readyTimeout: 0,
        algorithms: { serverHostKey: algorithms as never },
        hostVerifier: (key: Buffer) => {
          shown = key;
          return true;
        },
        // The connection ends before this is asked.
        authHandler: (_left, _partial, next) => next(false as never),
      });
      stream.on("data", hear);
    } catch (error) {
      fail(noSsh(hop, error as Error));
    }
    if (signal.aborted) onAbort();
  });
}

function noSsh(hop: Hop, error: Error): LfceError {
  return new LfceError({
    code: "ssh-protocol-error",
    message: `${hop.host} does not speak SSH as lfce does: ${escapeControls(error.message).slice(0, 300)}`,
    hint: `compare with: ssh -v -p ${hop.port} ${hop.address}`,
    at: { host: hop.host, phase: "connect" },
  });
}
