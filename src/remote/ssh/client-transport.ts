import type { Client, ClientChannel } from "ssh2";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import type { RemoteProcess, Transport } from "../transport.ts";
import { cutOff } from "./cut-off.ts";

const CLOSE_GRACE_MS = 2_000;

/**
 * Runs commands on one logged-in SSH connection. `released` is called when the connection has ended: it lets go of
 * the jump host beneath.
 */
export function clientTransport(client: Client, host: string, released: () => void): Transport {
  let reason: string | undefined;
  let open = true;
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => {
      open = false;
      released();
      resolve();
    });
  });
  client.on("error", (error) => {
    reason ??= escapeControls(error.message);
  });

  return {
    exec: (command) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(connectionLost(host, reason));
        // A request that is still unanswered when the connection ends would never call back.
        void closed.then(() => reject(connectionLost(host, reason)));
        try {
          client.exec(command, (error, channel) => {
            if (!error) resolve(remoteProcess(channel, () => connectionLost(host, reason)));
            else reject(open ? execRefused(host, error) : connectionLost(host, reason));
          });
        } catch {
          reject(connectionLost(host, reason));
        }
      }),
    close: async () => {
      if (open) {
        client.end();
        // A stream through a jump host that is gone never says that it closed: nobody waits longer than this.
        await new Promise<void>((resolve) => {
          const grace = setTimeout(() => {
            cutOff(client);
            resolve();
          }, CLOSE_GRACE_MS);
          void closed.then(() => {
            clearTimeout(grace);
            resolve();
          });
        });
      }
      released();
    },
  };
}

function remoteProcess(channel: ClientChannel, lost: () => LfceError): RemoteProcess {
  let exit: { code: number | null; signal?: string } | undefined;
  channel.on("exit", (code: number | null, signal?: string) => {
    exit = signal ? { code: null, signal: escapeControls(signal).slice(0, 20) } : { code };
  });
  const exited = new Promise<{ code: number | null; signal?: string }>((resolve, reject) => {
    channel.once("close", () => (exit ? resolve(exit) : reject(lost())));
  });
  exited.catch(() => {}); // whoever waits for it gets the error
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exited,
    kill: () => {
      channel.close();
      channel.resume();
      channel.stderr.resume();
    },
  };
}

/** The connection broke, or the host closed a channel without saying how its command ended. */
function connectionLost(host: string, reason: string | undefined): LfceError {
  return new LfceError({
    code: "connection-lost",
    message: `the connection to ${host} was lost${reason ? `: ${reason}` : ""}`,
    hint: "run lfce again: a change that was under way is put back by the host itself or at the next run",
  });
}

function execRefused(host: string, error: Error): LfceError {
  return new LfceError({
    code: "no-shell",
    message: `sshd on ${host} runs no commands for this user: ${escapeControls(error.message).slice(0, 200)}`,
    hint: "look for ForceCommand, MaxSessions 0 or restrict in sshd_config and authorized_keys on the host",
  });
}
