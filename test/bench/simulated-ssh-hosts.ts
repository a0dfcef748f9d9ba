/**
 * Hosts that are only simulated, for measuring: one process that is an SSH server at every address of 127.0.0.0/8.
 * Handshakes and logins are real (ssh2); what a command answers is canned: until SIGUSR2 comes every command is run on
 * a real machine of the lab, and from then on every host answers what that one did.
 *   simulated-ssh-hosts.ts HOST-KEY PUBLIC-KEY -- ssh … root@MACHINE
 * in the lab's network namespace; prints a line when it listens.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ServerChannel } from "ssh2";
import ssh2 from "ssh2";
import { START_MARKER } from "../../src/remote/exec-line.ts";

const PORT = 22;
const [hostKey = "", publicKey = "", , ...machine] = process.argv.slice(2);

/** What a command read and wrote on the real machine. */
interface Answer {
  stdin: Buffer;
  stdout: Buffer;
  code: number;
}
const answers = new Map<string, Answer[]>();
let isLearning = true;
process.on("SIGUSR2", () => {
  isLearning = false;
});

const parsed = ssh2.utils.parseKey(readFileSync(publicKey, "utf8"));
if (parsed instanceof Error) throw parsed;
const [authorized] = [parsed].flat();
const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (connection) => {
  connection.on("error", () => {});
  connection.on("authentication", (context) => {
    if (context.method !== "publickey" || !authorized?.getPublicSSH().equals(context.key.data)) {
      return context.reject(["publickey"]);
    }
    const { blob, signature, hashAlgo } = context;
    if (blob && signature && authorized.verify(blob, signature, hashAlgo) !== true) return context.reject();
    context.accept();
  });
  connection.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      if (command === "true") end(channel, 0);
      else if (isLearning) learn(channel, command);
      else answer(channel, answers.get(command) ?? []);
    });
  });
});
server.listen(PORT, "0.0.0.0", () => process.stdout.write("listening\n"));

/** Answers as soon as the input is one that is known; what is not known is an error, and never asked of the machine. */
function answer(channel: ServerChannel, known: readonly Answer[]): void {
  const chunks: Buffer[] = [];
  channel.write(`${START_MARKER}\n`);
  channel.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (!chunk.subarray(-LAST_LINE.length).equals(LAST_LINE)) return;
    const input = Buffer.concat(chunks).toString("latin1");
    const found = known.find(({ stdin }) => comparable(stdin.toString("latin1")) === comparable(input));
    if (!found) return end(channel, 64);
    const stdout = found.stdout.toString("latin1").slice(START_MARKER.length + 1);
    const text = stdout.replaceAll(boundaryOf(found.stdin.toString("latin1")), boundaryOf(input));
    channel.write(Buffer.from(text, "latin1"));
    end(channel, found.code);
  });
}

const LAST_LINE = Buffer.from("\nend\n");

/** The random word that sets the parts of an answer apart. */
function boundaryOf(input: string): string {
  return /^boundary (\S+)$/m.exec(input)?.[1] ?? "no boundary";
}

/** An input without what differs from run to run: that word, and the versions that lfce knows from other hosts. */
function comparable(input: string): string {
  return input.replace(/^(boundary|known) .*\n/gm, "");
}

function learn(channel: ServerChannel, command: string): void {
  const [program = "", ...words] = machine;
  const child = spawn(program, [...words, command], { stdio: ["pipe", "pipe", "inherit"] });
  const stdin: Buffer[] = [];
  const stdout: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => {
    stdin.push(chunk);
    child.stdin.write(chunk);
  });
  channel.on("end", () => child.stdin.end());
  child.stdin.on("error", () => {});
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    channel.write(chunk);
  });
  child.on("close", (code) => {
    const learnt = { stdin: Buffer.concat(stdin), stdout: Buffer.concat(stdout), code: code ?? 255 };
    answers.set(command, [...(answers.get(command) ?? []), learnt]);
    end(channel, learnt.code);
  });
}

function end(channel: ServerChannel, code: number): void {
  channel.exit(code);
  channel.end();
}
