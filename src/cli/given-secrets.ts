import { readFileSync, statSync } from "node:fs";
import type { ConnectionSettings } from "../core/connection.ts";
import { LfceError } from "../core/errors.ts";
import { type Secret, secret } from "../core/secrets.ts";
import type { SshEnvironment } from "../remote/ssh/environment.ts";
import { keysWithoutPassphrase, opensKey } from "../remote/ssh/login/passphrases.ts";

/** Options that say where the passwords of the run come from. */
export interface PasswordOptions {
  askPass?: boolean;
  askBecomePass?: boolean;
  becomePasswordFile?: string;
}

/** What the person at the controller gave for this run. The inventory's own passwords win over it. */
export interface GivenSecrets {
  password?: Secret;
  becomePassword?: Secret;
  /** Passphrases by the path of their key file. */
  passphrases: ReadonlyMap<string, Secret>;
}

/** Asks a hidden question; rejects with the hint where there is no terminal. */
export type Ask = (question: string, hintWithoutTerminal: string) => Promise<Secret>;

/** Where the sudo password may stand; lfce takes it out of its environment as soon as it has read it. */
export const BECOME_PASSWORD_VARIABLE = "LFCE_BECOME_PASSWORD";

const PASSPHRASE_TRIES = 3;

/**
 * Gets every password of the run before the run starts, each asked for once: the login's, sudo's, and those of
 * the key files that `connections` need. Throws LfceError (not-a-terminal, interrupted, password-file-…).
 */
export async function gatherSecrets(
  options: PasswordOptions,
  connections: readonly ConnectionSettings[],
  environment: SshEnvironment,
  variables: Record<string, string | undefined>,
  ask: Ask,
  canAsk: boolean,
): Promise<GivenSecrets> {
  const fromVariable = variables[BECOME_PASSWORD_VARIABLE];
  // Nothing that lfce starts shall inherit it.
  delete variables[BECOME_PASSWORD_VARIABLE];
  const password = options.askPass
    ? await ask("SSH password", "put ansible_password into the inventory, or log in by a key")
    : undefined;
  let becomePassword: Secret | undefined;
  if (options.askBecomePass) {
    const question = password ? "sudo password [the SSH password]" : "sudo password";
    const hint = `use --become-password-file, ${BECOME_PASSWORD_VARIABLE} or ansible_become_password`;
    const given = await ask(question, hint);
    becomePassword = given.reveal() === "" ? password : given;
  } else if (options.becomePasswordFile !== undefined) {
    becomePassword = readPasswordFile(options.becomePasswordFile);
  } else if (fromVariable) becomePassword = secret(fromVariable);
  return {
    ...(password ? { password } : {}),
    ...(becomePassword ? { becomePassword } : {}),
    passphrases: canAsk ? await askPassphrases(connections, environment, ask) : new Map(),
  };
}

/** Puts what was given for the run to what the inventory says of a host. */
export function withGivenSecrets(settings: ConnectionSettings, given: GivenSecrets): ConnectionSettings {
  const password = settings.password ?? given.password;
  const becomePassword = settings.becomePassword ?? given.becomePassword;
  return {
    ...settings,
    ...(password ? { password } : {}),
    ...(becomePassword ? { becomePassword } : {}),
  };
}

async function askPassphrases(
  connections: readonly ConnectionSettings[],
  environment: SshEnvironment,
  ask: Ask,
): Promise<Map<string, Secret>> {
  const passphrases = new Map<string, Secret>();
  for (const path of await keysWithoutPassphrase(connections, environment)) {
    for (let tries = 1; tries <= PASSPHRASE_TRIES; tries += 1) {
      const again = tries === 1 ? "" : " once more, that was not it";
      const passphrase = await ask(`passphrase of the key ${path}${again} (Enter: go without it)`, "");
      if (passphrase.reveal() === "") break;
      if (!(await opensKey(path, passphrase, environment))) continue;
      passphrases.set(path, passphrase);
      break;
    }
  }
  return passphrases;
}

/** The first line of a file (or of a pipe, as a password manager's output is given) that nobody else can read. */
function readPasswordFile(path: string): Secret {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o170000) === 0o100000 && (mode & 0o077) !== 0) {
      throw new LfceError({
        code: "password-file-open-to-others",
        message: `the password file ${path} can be read by others`,
        hint: `chmod 600 ${path}`,
      });
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof LfceError) throw error;
    throw new LfceError({
      code: "password-file-unreadable",
      message: `the password file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      hint: "correct --become-password-file",
    });
  }
  const [first = ""] = text.split(/\r?\n/);
  if (first !== "") return secret(first);
  throw new LfceError({
    code: "password-file-unreadable",
    message: `the password file ${path} has nothing in its first line`,
    hint: "put the password into the first line",
  });
}
