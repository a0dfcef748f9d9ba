import type { Client } from "ssh2";
import { LfceError, type Warning } from "../../core/errors.ts";
import { cutOff } from "./cut-off.ts";
import type { Hop } from "./hop.ts";
import { interruptedConnect } from "./socket.ts";

/** The use of a jump host's connection by one host behind it. */
export interface JumpLease {
  client: Client;
  /** The jump host, for messages. */
  hop: Hop;
  /** What the user must be told of how the connections to the jump hosts were made. */
  warnings: readonly Warning[];
  /** To be called once, when the host needs the connection no more. */
  release(): void;
}

/** One connection to each jump host, which all hosts behind it share. */
export interface JumpPool {
  /**
   * The connection to the last of `jumps`, through those before it. Rejects with the LfceError of the jump host that
   * failed, the same for every host behind it, as long as the pool lives; with `interrupted` when `signal` aborts.
   */
  acquire(jumps: readonly Hop[], signal: AbortSignal): Promise<JumpLease>;
  /** Closes all connections. */
  close(): void;
}

/** Connects to a jump host, `through` the one before it. */
export type ConnectJump = (
  hop: Hop,
  through: JumpLease | undefined,
  signal: AbortSignal,
  warn: (warning: Warning) => void,
) => Promise<Client>;

/** How long a connection that nobody uses is kept for the next host: batches follow each other. */
const LINGER_MS = 2_000;
/** A connection that broke is made anew this often; a jump host that keeps breaking is a dead one. */
const MOST_BREAKS = 1;

interface Shared {
  users: number;
  breaks: number;
  warnings: Warning[];
  connection?: Promise<Client>;
  /** Ends connecting when nobody waits for it any more. */
  connecting?: AbortController;
  failure?: LfceError;
  linger?: NodeJS.Timeout;
  close?: () => void;
}

/** The jump hosts of one run; `connect` makes a connection that is not there yet. */
export function createJumpPool(connect: ConnectJump): JumpPool {
  const pool = new Map<string, Shared>();

  async function acquire(jumps: readonly Hop[], signal: AbortSignal): Promise<JumpLease> {
    const hop = jumps.at(-1) as Hop;
    const key = JSON.stringify(jumps);
    const shared: Shared = pool.get(key) ?? { users: 0, breaks: 0, warnings: [] };
    pool.set(key, shared);
    if (shared.failure) throw shared.failure;
    clearTimeout(shared.linger);
    shared.users += 1;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      shared.connecting?.abort();
      shared.linger = setTimeout(() => shared.close?.(), LINGER_MS).unref();
    };
    try {
      shared.connection ??= open(shared, jumps);
      const client = await untilAborted(shared.connection, signal, hop.host);
      return { client, hop, warnings: shared.warnings, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async function open(shared: Shared, jumps: readonly Hop[]): Promise<Client> {
    const hop = jumps.at(-1) as Hop;
    const controller = new AbortController();
    shared.connecting = controller;
    let through: JumpLease | undefined;
    try {
      if (jumps.length > 1) through = await acquire(jumps.slice(0, -1), controller.signal);
      shared.warnings = [...(through?.warnings ?? [])];
      const warn = (warning: Warning): void => void shared.warnings.push(warning);
      const client = await connect(hop, through, controller.signal, warn);
      watch(shared, hop, client, through);
      return client;
    } catch (error) {
      through?.release();
      delete shared.connection;
      if (!(error instanceof LfceError)) throw error;
      if (error.code === "interrupted") throw error;
      shared.failure = jumpFailure(hop, error);
      throw shared.failure;
    } finally {
      delete shared.connecting;
    }
  }

  function watch(shared: Shared, hop: Hop, client: Client, through: JumpLease | undefined): void {
    let meant = false;
    let over = false;
    const ended = (): void => {
      if (over) return;
      over = true;
      through?.release();
      delete shared.connection;
      delete shared.close;
      if (meant) return;
      shared.breaks += 1;
      if (shared.breaks > MOST_BREAKS) shared.failure = keepsBreaking(hop, shared.breaks);
    };
    client.once("close", ended);
    shared.close = () => {
      meant = true;
      client.end();
      cutOff(client);
      // A stream through a jump host that is gone never says that it closed.
      ended();
    };
  }

  return {
    acquire,
    close: () => {
      for (const shared of pool.values()) {
        clearTimeout(shared.linger);
        shared.connecting?.abort();
        shared.close?.();
      }
    },
  };
}

async function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  host: string,
): Promise<Result> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interruptedConnect(host));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Failures to reach a jump host, which become one error of its own; a wrong key or a denied login stay what they are. */
const NOT_THERE = new Set([
  "host-unreachable",
  "connection-refused",
  "connect-timeout",
  "connection-lost",
  "server-busy",
  "login-penalty",
  "login-cut-off",
]);

function jumpFailure(hop: Hop, error: LfceError): LfceError {
  if (!NOT_THERE.has(error.code)) return error;
  return new LfceError(
    {
      code: "jump-unreachable",
      message: `the jump host ${hop.host} cannot be used: ${error.message}`,
      hint: error.hint,
      at: { host: hop.host, phase: "connect" },
    },
    { cause: error },
  );
}

function keepsBreaking(hop: Hop, breaks: number): LfceError {
  return new LfceError({
    code: "jump-unreachable",
    message: `the connection to the jump host ${hop.host} broke ${breaks} times`,
    hint: "look at the jump host and the network before it, then run the same command again",
    at: { host: hop.host, phase: "connect" },
  });
}
