import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { LfceError } from "../../core/errors.ts";
import type { SshEnvironment } from "./environment.ts";
import { expandHome } from "./environment.ts";
import { fingerprint } from "./host-key.ts";

/** One thing to offer to a server, and what messages call it. */
export type Credential =
  | { kind: "agent"; socket: string; label: string }
  | { kind: "key"; key: ParsedKey; label: string };

export interface Credentials {
  offer: Credential[];
  /** What was found and cannot be used, with the reason, for the message when authentication fails. */
  unusable: string[];
}

/** The files that ssh tries by itself, in the order of their strength. */
const DEFAULT_KEYS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

/**
 * What to log in with: the given key file alone, else the agent and the default key files. Rejects
 * (key-file-missing, key-file-unreadable, key-file-encrypted) when a file that was asked for cannot be used.
 */
export async function collectCredentials(
  privateKeyFile: string | undefined,
  environment: SshEnvironment,
): Promise<Credentials> {
  if (privateKeyFile !== undefined) {
    const key = await readKey(expandHome(privateKeyFile, environment), environment);
    if (key === undefined) {
      throw new LfceError({
        code: "key-file-missing",
        message: `there is no private key file ${privateKeyFile}`,
        hint: "correct ansible_ssh_private_key_file, or leave it out to use ssh-agent and ~/.ssh/id_*",
      });
    }
    return { offer: [key], unusable: [] };
  }
  const offer: Credential[] = [];
  const unusable: string[] = [];
  const socket = environment.agentSocket;
  if (socket !== undefined) offer.push({ kind: "agent", socket, label: `the keys of ssh-agent (${socket})` });
  for (const path of DEFAULT_KEYS) {
    try {
      const key = await readKey(expandHome(path, environment), environment);
      if (key) offer.push(key);
    } catch (error) {
      unusable.push((error as Error).message);
    }
  }
  return { offer, unusable };
}

async function readKey(path: string, environment: SshEnvironment): Promise<Credential | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await environment.readFile(path);
  } catch (error) {
    throw new LfceError({
      code: "key-file-unreadable",
      message: `the private key file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "error"}`,
      hint: `look at its owner and mode: ls -l ${path}`,
    });
  }
  if (bytes === undefined) return undefined;
  const parsed = parse(bytes);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || key === undefined) {
    if (/encrypted|passphrase/i.test(key?.message ?? "")) {
      throw new LfceError({
        code: "key-file-encrypted",
        message: `the private key file ${path} is protected by a passphrase`,
        hint: `load it into the agent (ssh-add ${path}) and leave ansible_ssh_private_key_file out`,
      });
    }
    throw new LfceError({
      code: "key-file-unreadable",
      message: `the private key file ${path} is not in a format that lfce reads (OpenSSH, PEM, PuTTY)`,
      hint: `check it with: ssh-keygen -yf ${path}`,
    });
  }
  if (!key.isPrivateKey()) {
    throw new LfceError({
      code: "key-file-unreadable",
      message: `the private key file ${path} holds a public key`,
      hint: "give the file without .pub",
    });
  }
  return { kind: "key", key, label: `${path} (${key.type} ${fingerprint(key.getPublicSSH())})` };
}

/** ssh2 returns parse errors, but throws some. */
function parse(bytes: Buffer): ParsedKey | ParsedKey[] | Error {
  try {
    return ssh2.utils.parseKey(bytes) as ParsedKey | ParsedKey[] | Error;
  } catch (error) {
    return error as Error;
  }
}
