import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import type { Warning } from "../../../core/errors.ts";

/** What reading and evaluating ssh_config needs of the machine that lfce runs on. Handed in. */
export interface SshConfigSource {
  /** `-F`: the file that stands for the user's and the system's; `none` for no file at all. */
  file?: string;
  /** Who may own the user's configuration, besides root. */
  userId: number;
  /** This machine's name. */
  hostName: string;
  /** An environment variable. */
  variable(name: string): string | undefined;
  /** A file with its owner and mode; undefined when there is none. Rejects when it cannot be read. */
  read(path: string): Promise<ConfigFile | undefined>;
  /** The names in a directory; none when it is not there or cannot be read. */
  list(directory: string): Promise<string[]>;
  /** Tells the user, once, what no host is to be stopped for. */
  warn(warning: Warning): void;
}

export interface ConfigFile {
  text: string;
  ownerId: number;
  mode: number;
}

/** The real machine. Each warning is handed on once. */
export function machineSshConfig(
  variables: Record<string, string | undefined>,
  file: string | undefined,
  warn: (warning: Warning) => void,
): SshConfigSource {
  const told = new Set<string>();
  return {
    ...(file === undefined ? {} : { file }),
    userId: process.getuid?.() ?? 0,
    hostName: hostname(),
    variable: (name) => variables[name],
    read: async (path) => {
      try {
        const { uid: ownerId, mode } = await stat(path);
        return { text: await readFile(path, "utf8"), ownerId, mode };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw error;
      }
    },
    list: async (directory) => {
      try {
        return await readdir(directory);
      } catch {
        return [];
      }
    },
    warn: (warning) => {
      if (told.has(JSON.stringify(warning))) return;
      told.add(JSON.stringify(warning));
      warn(warning);
    },
  };
}
