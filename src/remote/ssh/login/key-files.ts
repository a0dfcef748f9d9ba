import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { LfceError } from "../../../core/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { readPrivateKey } from "./private-key.ts";

/** One key file on this machine, as far as it can be used. */
export interface KeyFile {
  path: string;
  /** Its public half, from the file itself or from PATH.pub: by this a key of the agent is known to be the same. */
  publicKey?: Buffer;
  key?: ParsedKey;
  /** A passphrase is missing. */
  encrypted: boolean;
  /** Why there is no `key`; undefined also where there is no such file. */
  problem?: LfceError;
  /** A certificate stands beside it (PATH-cert.pub). */
  certificate?: string;
}

/**
 * Reads a key file, at most once for one environment: a passphrase costs a tenth of a second of reckoning, and
 * a fleet shares its keys. Never rejects: what is wrong stands in `problem`.
 */
export function readKeyFile(path: string, environment: SshEnvironment): Promise<KeyFile> {
  const known = filesRead.get(environment) ?? new Map<string, Promise<KeyFile>>();
  filesRead.set(environment, known);
  const read = known.get(path) ?? readAnew(path, environment);
  known.set(path, read);
  return read;
}

const filesRead = new WeakMap<SshEnvironment, Map<string, Promise<KeyFile>>>();

async function readAnew(path: string, environment: SshEnvironment): Promise<KeyFile> {
  const beside = await publicKeyIn(`${path}.pub`, environment);
  const certificate = `${path}-cert.pub`;
  const file: KeyFile = {
    path,
    encrypted: false,
    ...(beside ? { publicKey: beside } : {}),
    ...((await readOrNothing(certificate, environment)) ? { certificate } : {}),
  };
  try {
    const bytes = await environment.readFile(path);
    if (bytes === undefined) return file;
    // Anybody may read a public key: one that is named in place of the private one says which of the agent's is meant.
    const isPublic = publicKeyOf(bytes.toString("latin1")) !== undefined;
    if (!isPublic && (await environment.isOpenToOthers?.(path))) {
      return { ...file, problem: openToOthers(path) };
    }
    return withPrivateKey(file, bytes, environment.passphrase?.(path)?.reveal());
  } catch (error) {
    return { ...file, problem: unreadable(path, (error as NodeJS.ErrnoException).code ?? "error") };
  }
}

function withPrivateKey(file: KeyFile, bytes: Buffer, passphrase: string | undefined): KeyFile {
  const { path } = file;
  const read = readPrivateKey(bytes, passphrase);
  switch (read.result) {
    case "key":
      return { ...file, key: read.key, publicKey: read.key.getPublicSSH() };
    case "encrypted": {
      const publicKey = read.publicKey ?? file.publicKey;
      return {
        ...file,
        ...(publicKey ? { publicKey } : {}),
        encrypted: true,
        problem: needsPassphrase(path),
      };
    }
    case "wrong-passphrase":
      return { ...file, problem: wrongPassphrase(path) };
    case "public": {
      const publicKey = publicKeyOf(bytes.toString("latin1"));
      return { ...file, ...(publicKey ? { publicKey } : {}), problem: publicOnly(path) };
    }
    case "unreadable":
      return { ...file, problem: notAKey(path, read.why) };
  }
}

async function readOrNothing(path: string, environment: SshEnvironment): Promise<Buffer | undefined> {
  // A file beside the key is a help only: one that cannot be read is as good as none.
  return environment.readFile(path).catch(() => undefined);
}

async function publicKeyIn(path: string, environment: SshEnvironment): Promise<Buffer | undefined> {
  const bytes = await readOrNothing(path, environment);
  return bytes && publicKeyOf(bytes.toString("latin1"));
}

/** The key of a line `TYPE BASE64 COMMENT`. */
function publicKeyOf(text: string): Buffer | undefined {
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key instanceof Error || !key || key.isPrivateKey() ? undefined : key.getPublicSSH();
}

function unreadable(path: string, why: string): LfceError {
  return new LfceError({
    code: "key-file-unreadable",
    message: `the private key file ${path} cannot be read: ${why}`,
    hint: `look at its owner and mode: ls -l ${path}`,
  });
}

function openToOthers(path: string): LfceError {
  return new LfceError({
    code: "key-file-open-to-others",
    message: `the private key file ${path} can be read by others, so ssh and lfce leave it alone`,
    hint: `chmod 600 ${path}`,
  });
}

function needsPassphrase(path: string): LfceError {
  return new LfceError({
    code: "key-file-encrypted",
    message: `the private key file ${path} is protected by a passphrase`,
    hint: `load it into the agent (ssh-add ${path}), or run lfce on a terminal, where it asks`,
  });
}

function wrongPassphrase(path: string): LfceError {
  return new LfceError({
    code: "key-file-wrong-passphrase",
    message: `the passphrase given for the private key file ${path} is not the right one`,
    hint: `try it with: ssh-keygen -yf ${path}`,
  });
}

function publicOnly(path: string): LfceError {
  return new LfceError({
    code: "key-file-unreadable",
    message: `the private key file ${path} holds a public key, and the agent does not have its private half`,
    hint: "give the file without .pub, or load the key into the agent",
  });
}

function notAKey(path: string, why: string | undefined): LfceError {
  return new LfceError({
    code: "key-file-unreadable",
    message: why
      ? `the private key file ${path} cannot be used: ${why}`
      : `the private key file ${path} is not in a format that lfce reads (OpenSSH, PEM, PKCS#8, PuTTY)`,
    hint: `check it with: ssh-keygen -yf ${path}`,
  });
}
