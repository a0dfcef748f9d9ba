import { spawn } from "node:child_process";
import type { ScriptChannel } from "../../src/remote/run-script.ts";
import { createScriptChannel } from "../../src/remote/script-channel.ts";
import type { Transport } from "../../src/remote/transport.ts";

/** Runs commands on this machine, each by `SHELL -c COMMAND` as sshd would: for tests of scripts without SSH. */
export function localTransport(shell: readonly string[] = ["sh"], environment = process.env): Transport {
  const [program, ...before] = shell as [string, ...string[]];
  return {
    exec: async (command) => {
      const child = spawn(program, [...before, "-c", command], { env: environment });
      const exited = new Promise<{ code: number | null; signal?: string }>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) =>
          resolve(signal ? { code, signal: signal.replace(/^SIG/, "") } : { code }),
        );
      });
      const kill = (): void => {
        child.stdin.destroy();
        child.stdout.destroy();
        child.stderr.destroy();
        child.kill("SIGHUP");
      };
      return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill };
    },
    close: async () => {},
  };
}

/** A channel to this machine; `sh` puts the given shell first, so that scripts themselves run under it. */
export function localChannel(shell: readonly string[] = ["sh"], environment = process.env): ScriptChannel {
  return createScriptChannel(localTransport(shell, environment), "localhost");
}
