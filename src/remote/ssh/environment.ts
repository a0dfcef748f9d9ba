import { readFile, stat } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import type { Secret } from "../../core/secrets.ts";
import type { SshConfigSource } from "./ssh-config/source.ts";

/** What the SSH layer needs of the machine that lfce runs on. Handed in, so that tests have their own. */
export interface SshEnvironment {
  /** The user's home directory; stands for `~` in paths. */
  home: string;
  /** The local user's name: who logs in at jump hosts that name nobody. */
  localUser: string;
  /** Path of the ssh-agent's socket (SSH_AUTH_SOCK). */
  agentSocket?: string;
  /** The content of a file; undefined when there is none. Rejects when it cannot be read. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Where ssh_config is read from; without it nothing is. */
  sshConfig?: SshConfigSource;
  /** Whether a file of the user can be read or written by others: ssh leaves such a key alone. */
  isOpenToOthers?(path: string): Promise<boolean>;
  /** The passphrase of a key file, asked for before the run; undefined when nobody gave it. */
  passphrase?(path: string): Secret | undefined;
}

/** The real machine. */
export function processEnvironment(variables: Record<string, string | undefined>): SshEnvironment {
  const agentSocket = variables.SSH_AUTH_SOCK;
  return {
    home: variables.HOME || homedir(),
    localUser: userName(variables),
    ...(agentSocket ? { agentSocket } : {}),
    readFile: async (path) => {
      try {
        return await readFile(path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw error;
      }
    },
    isOpenToOthers: async (path) => {
      const { uid, mode } = await stat(path);
      return uid === process.getuid?.() && (mode & 0o077) !== 0;
    },
  };
}

/** In containers a user id often has no name; then the environment's, else the number. */
function userName(variables: Record<string, string | undefined>): string {
  try {
    return userInfo().username;
  } catch {
    return variables.USER || variables.LOGNAME || String(process.getuid?.() ?? "nobody");
  }
}

/** `~/x` as a path below the home directory. */
export function expandHome(path: string, environment: SshEnvironment): string {
  return path === "~" || path.startsWith("~/") ? environment.home + path.slice(1) : path;
}
