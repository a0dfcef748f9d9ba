import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real rsyslogd on this machine, in a directory of its own, that listens on loopback only. */
export interface RunningDaemon {
  pid: number;
  stop(): Promise<void>;
}

/** Why a real rsyslogd cannot be run here; undefined when it can. */
export function daemonMissing(): string | undefined {
  const found = spawnSync("rsyslogd", ["-v"]).status === 0;
  return found ? undefined : "rsyslogd is not installed: what the real daemon does was not tested";
}

/** A fresh directory whose name holds only characters that a playbook's path may hold. */
export function scratchDirectory(): string {
  return mkdtempSync(join(tmpdir(), "lfce-rsyslogd-"));
}

/** A port that nothing listens on now, neither by TCP nor by UDP. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Writes configuration files below `directory`, /etc in their paths and texts moved there too. */
export function writeTree(directory: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll("/etc/rsyslog.d/", `${directory}/etc/rsyslog.d/`), "latin1");
  }
  mkdirSync(join(directory, "work"), { recursive: true });
  return join(directory, "etc/rsyslog.conf");
}

/** What `rsyslogd -N1` says of a tree: only its complaints. */
export function complaints(main: string): string {
  const { stderr } = spawnSync("rsyslogd", ["-N1", "-f", main], { encoding: "utf8" });
  return stderr
    .split("\n")
    .filter((line) => line !== "" && !/config validation run/.test(line))
    .join("\n");
}

/** Starts rsyslogd in the foreground and waits until it listens on `port`. */
export async function startDaemon(
  directory: string,
  main: string,
  port: number,
  protocol: "tcp" | "udp",
): Promise<RunningDaemon> {
  const child: ChildProcess = spawn("rsyslogd", ["-n", "-f", main, "-i", join(directory, "pid")], {
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const listens = () => (protocol === "tcp" ? accepts(port) : udpTaken(port));
  try {
    await until(async () => child.exitCode !== null || (await listens()), "rsyslogd does not listen");
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => socket.end(() => resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/**
 * Whether something is bound to a UDP port, as proc(5) tells it. To try and bind it would be a race: the daemon
 * that starts at that instant would find its port taken and go without it.
 */
function udpTaken(port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/udp", "latin1")
    .split("\n")
    .some((line) => line.trim().split(/\s+/)[1]?.endsWith(wanted) === true);
}

/** Sends one message by TCP from a loopback address of choice. */
export function sendTcp(port: number, from: string, message: string, to = "127.0.0.1"): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to, port, localAddress: from });
    socket.once("error", reject);
    socket.once("close", () => resolve());
    socket.end(`${message}\n`);
    socket.resume();
  });
}

/** Sends one message by UDP from a loopback address of choice. */
export function sendUdp(port: number, from: string, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, from, () => {
      socket.send(`${message}\n`, port, "127.0.0.1", () => socket.close(() => resolve()));
    });
  });
}

/** Waits for a condition, looking every 20 ms, for at most 10 s. */
export async function until(condition: () => boolean | Promise<boolean>, complaint: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(complaint);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a file holds a text. */
export async function arrives(path: string, text: string): Promise<void> {
  await until(() => contentOf(path).includes(text), `${text} did not arrive in ${path}`);
}

/** A file's content; empty when there is none. */
export function contentOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "latin1") : "";
}

/** Every file below a directory, relative, sorted. */
export function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
