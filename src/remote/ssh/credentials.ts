import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { LfceError } from "../../core/errors.ts";
import type { SshEnvironment } from "./environment.ts";
import type { Hop } from "./hop.ts";
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

/**
 * What to log in with: the key file that the inventory names alone, else the agent and the key files that are
 * there. Rejects (key-file-missing, key-file-unreadable, key-file-encrypted) when a file that was asked for
 * cannot be used.
 */
export async function collectCredentials(
  hop: Pick<Hop, "identityFiles" | "identityRequired" | "agentSocket">,
  environment: SshEnvironment,
): Promise<Credentials> {
  const offer: Credential[] = [];
  const unusable: string[] = [];
  const { agentSocket: socket, identityRequired } = hop;
  if (socket !== undefined && !identityRequired) {
    offer.push({ kind: "agent", socket, label: `the keys of ssh-agent (${socket})` });
  }
  for (const path of hop.identityFiles) {
    try {
      const key = await readKey(path, environment);
      if (key) offer.push(key);
      else if (identityRequired) throw missingKey(path);
    } catch (error) {
      if (identityRequired) throw error;
      unusable.push((error as Error).message);
    }
  }
  return { offer, unusable };
}

function missingKey(path: string): LfceError {
  return new LfceError({
    code: "key-file-missing",
    message: `there is no private key file ${path}`,
    hint: "correct ansible_ssh_private_key_file, or leave it out to use ssh-agent and ~/.ssh/id_*",
  });
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
