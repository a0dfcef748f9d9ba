import type { Duplex } from "node:stream";
import type { Client } from "ssh2";

const streams = new WeakMap<Client, Duplex>();

/** Notes what a connection runs over, for `cutOff`. */
export function runsOver(client: Client, stream: Duplex): void {
  streams.set(client, stream);
}

/**
 * Ends a connection at once. ssh2's own destroy() does nothing once end() was called: on a dead line the socket would
 * then wait minutes for an answer to its farewell, and the process with it.
 */
export function cutOff(client: Client): void {
  client.destroy();
  streams.get(client)?.destroy();
}
