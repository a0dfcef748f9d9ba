import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";

/** How much of what the command says on stderr is kept for the message, in characters. */
const MAX_COMPLAINT = 600;

/** A command whose stdin and stdout lead to a host. */
export interface ProxyCommandRequest {
  /** Inventory name, for messages. */
  host: string;
  /** The command with its tokens expanded; comes from ssh_config only, never from an inventory. */
  proxyCommand: string;
  /** What runs it, else /bin/sh: the same for everybody, where ssh takes the user's own shell (SHELL). */
  shell?: string;
}

/**
 * The connection that a ProxyCommand makes: its stdin and stdout as one stream, open at once. It is destroyed
 * with an LfceError `proxy-command-failed` when the command ends by itself before either side has closed the
 * stream; whoever destroys the stream ends the command, and what it started, with it. The command has a session
 * of its own, so that an interrupt from the terminal does not cut the connection under a change.
 */
export function openProxyCommand(request: ProxyCommandRequest): Duplex {
  const { host, proxyCommand, shell = "/bin/sh" } = request;
  const child = spawn(shell, ["-c", `exec ${proxyCommand}`], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let complaint = "";
  let ended = false;
  const fail = (how: string): void => {
    ended = true;
    if (stream.destroyed) return;
    if (stream.writableEnded) stream.push(null);
    else stream.destroy(commandFailed(host, proxyCommand, how, complaint));
  };
  const stream = new Duplex({
    read: () => child.stdout.resume(),
    write: (chunk, _encoding, done) => {
      if (child.stdin.write(chunk)) done();
      else child.stdin.once("drain", done);
    },
    final: (done) => {
      child.stdin.end(done);
    },
    destroy: (error, done) => {
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.destroy();
      if (!ended) endGroup(child.pid);
      done(error);
    },
  });
  child.stdout.on("data", (chunk) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint = (complaint + chunk).slice(-MAX_COMPLAINT);
  });
  // A write to a command that has gone: its end is told by `close`.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on("error", () => {});
  child.on("error", (error) => fail(error.message));
  child.on("close", (code, signal) => fail(signal ? `it was ended by ${signal}` : `it ended with ${code}`));
  return stream;
}

/** The command leads a process group of its own; ssh, too, takes leave of it with a hang-up. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGHUP");
  } catch {
    // It has gone already.
  }
}

function commandFailed(host: string, command: string, how: string, complaint: string): LfceError {
  const said = escapeControls(complaint.trim().replace(/\s*\n\s*/g, "; "));
  return new LfceError({
    code: "proxy-command-failed",
    message: `the ProxyCommand for ${host} gave no connection: ${how}${said ? `: ${said}` : ""} (${escapeControls(command)})`,
    hint: "try the command by hand: it must answer with SSH-2.0-…",
    at: { host, phase: "connect" },
  });
}
