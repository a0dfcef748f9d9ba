import type { Readable, Writable } from "node:stream";
import type { Warning } from "../core/errors.ts";

/** One command that runs on a host. */
export interface RemoteProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Settles after the last output; rejects with an LfceError `connection-lost` when the way to it broke. */
  exited: Promise<{ code: number | null; signal?: string }>;
  /** Drops the channel without waiting. */
  kill(): void;
}

/** A connection over which commands can be started. */
export interface Transport {
  /** Who is logged in, where the settings left that to ssh_config. */
  user?: string;
  /** What the user must be told of how the connection was made: a host key that was not as it should be. */
  warnings?: readonly Warning[];
  /** Hands `command` to the login shell. Rejects with an LfceError when the connection or the host refuses. */
  exec(command: string): Promise<RemoteProcess>;
  /** Closes everything that the connection holds open. Never rejects. */
  close(): Promise<void>;
}
