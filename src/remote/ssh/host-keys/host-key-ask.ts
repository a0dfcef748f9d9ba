import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import type { LfceError } from "../../../core/errors.ts";
import { firstWordsOf } from "../first-words.ts";
import type { Hop } from "../hop.ts";
import { brokenConnection, dropped, type LoginPhase, loginTimeout, protocolError } from "../login-failure.ts";
import { interruptedConnect } from "../socket.ts";

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
    let shown: Buffer | undefined;
    const firstWords = firstWordsOf(stream, () => {
      phase = "keys";
    });
    const settle = (end: () => void): void => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", onAbort);
      firstWords.stop();
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
    client.once("close", () => fail(dropped(hop.host, phase, firstWords.text())));
    client.on("error", (error: Error & { level?: string; code?: string }) => {
      if (/no matching host key format/i.test(error.message)) settle(() => resolve(undefined));
      else fail(brokenConnection(error, hop.host, phase, firstWords.text()) ?? protocolError(hop, error));
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
      firstWords.listen();
    } catch (error) {
      fail(protocolError(hop, error as Error));
    }
    if (signal.aborted) onAbort();
  });
}
