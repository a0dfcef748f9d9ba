import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import type { AuthContext, Connection, ServerChannel } from "ssh2";
import ssh2 from "ssh2";

type KeyPair = { private: string; public: string };

/** A fresh key pair in OpenSSH's format, encrypted when a passphrase is given. */
export function newKey(type: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string): KeyPair {
  if (type !== "ed25519") return ssh2.utils.generateKeyPairSync(type, { bits: type === "rsa" ? 2048 : 256 });
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: "aes256-ctr", rounds: 1 };
  // ssh2's generator drops leading zero bytes, so that one ed25519 key in 256 comes out too short to be one.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(
      "ed25519",
      encryption as Parameters<typeof ssh2.utils.generateKeyPairSync>[1],
    );
    if (!(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}

export interface SshServerOptions {
  hostKeys: KeyPair[];
  /** Public keys (OpenSSH lines) that may log in. */
  authorized: string[];
  /** Program that commands are handed to as `SHELL -c COMMAND`. */
  loginShell?: string;
  environment?: NodeJS.ProcessEnv;
  /** Instead of running commands: whatever a hostile host would do. */
  onExec?: (channel: ServerChannel, connection: Connection) => void;
  /** Refuse every exec request. */
  refuseExec?: boolean;
  /** Answer exec requests never. */
  ignoreExec?: boolean;
  /** Answer requests to connect onwards never. */
  ignoreForward?: boolean;
  /** Decides on login attempts by other means than the authorized keys; true: it has answered this one. */
  onAuthentication?: (context: AuthContext, connection: Connection) => boolean;
  /** Answer login attempts never. */
  ignoreLogin?: boolean;
  /** Answer requests for a session never. */
  ignoreSession?: boolean;
}

export interface SshServer {
  port: number;
  /** Users and key types of every login attempt, in order. */
  attempts: string[];
  /** Commands that were run, in order. */
  commands: string[];
  /** Ports to which it was asked to connect onwards, in order. */
  forwards: number[];
  /** Connections that are open now. */
  open(): number;
  /** Connections since the start, and the most that were not logged in at one time. */
  connections: { made: number; mostLoggingIn: number };
  /** From now on nothing that comes in over open connections is read; what was written goes out. */
  freeze(): void;
  /** Cuts every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

/** An SSH server on a free port of the loopback, which runs commands on this machine as its own user. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const attempts: string[] = [];
  const commands: string[] = [];
  const forwards: number[] = [];
  const connections = { made: 0, mostLoggingIn: 0 };
  let loggingIn = 0;
  const sockets = new Set<Socket>();
  const authorized = options.authorized.map((line) => {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error) throw key;
    return (Array.isArray(key) ? key[0] : key) as ssh2.ParsedKey;
  });
  const server = new ssh2.Server({ hostKeys: options.hostKeys.map((key) => key.private) }, (connection) => {
    connection.on("error", () => {});
    connections.made += 1;
    loggingIn += 1;
    connections.mostLoggingIn = Math.max(connections.mostLoggingIn, loggingIn);
    let waits = true;
    const loggedIn = () => {
      if (waits) loggingIn -= 1;
      waits = false;
    };
    connection.once("ready", loggedIn).once("close", loggedIn);
    connection.on("authentication", (context) => {
      if (options.ignoreLogin) return;
      attempts.push(
        context.method === "publickey" ? `${context.username} ${context.key.algo}` : context.method,
      );
      if (options.onAuthentication?.(context, connection)) return;
      const key =
        context.method === "publickey"
          ? authorized.find((candidate) => candidate.getPublicSSH().equals(context.key.data))
          : undefined;
      if (context.method !== "publickey" || !key) return context.reject(["publickey"]);
      if (
        context.signature &&
        context.blob &&
        key.verify(context.blob, context.signature, context.hashAlgo) !== true
      )
        return context.reject(["publickey"]);
      context.accept();
    });
    connection.on("session", (accept) => {
      if (options.ignoreSession) return;
      const session = accept();
      session.on("exec", (acceptExec, rejectExec, info) => {
        commands.push(info.command);
        if (options.ignoreExec) return;
        if (options.refuseExec) return rejectExec();
        const channel = acceptExec();
        if (options.onExec) options.onExec(channel, connection);
        else runCommand(channel, info.command, options);
      });
    });
    connection.on("tcpip", (accept, reject, info) => {
      forwards.push(info.destPort);
      if (options.ignoreForward) return;
      const socket = connect(info.destPort, info.destIP);
      socket.once("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        socket.removeAllListeners("error");
        socket.on("error", () => channel.close());
        channel.on("error", () => socket.destroy());
        channel.on("close", () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
    });
  });
  // The bare TCP server beneath, for cutting connections as a broken network does.
  const tcp = (server as unknown as { _srv: import("node:net").Server })._srv;
  tcp.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    attempts,
    commands,
    forwards,
    connections,
    open: () => sockets.size,
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function runCommand(channel: ServerChannel, command: string, options: SshServerOptions): void {
  const child = spawn(options.loginShell ?? "sh", ["-c", command], {
    env: options.environment ?? process.env,
  });
  child.on("error", () => channel.close());
  channel.pipe(child.stdin);
  child.stdin.on("error", () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill("SIGHUP");
  });
  child.on("close", (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ""));
    else channel.exit(code ?? 255);
    channel.end();
  });
}
