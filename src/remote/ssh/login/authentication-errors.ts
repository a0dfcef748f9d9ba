import { escapeControls } from "../../../core/byte-text.ts";
import { LfceError, type LfceErrorData } from "../../../core/errors.ts";
import type { AuthenticationLog } from "./authentication-log.ts";
import type { Credentials } from "./credentials.ts";

interface Login {
  host: string;
  user: string;
  credentials: Credentials;
}

/** Nothing of what was offered let the user in: what that was, what the server takes, and what to do about it. */
export function authenticationFailed(login: Login, log: AuthenticationLog): LfceError {
  const { host, user, credentials } = login;
  const offered = log.offered.length > 0 ? log.offered.join(", ") : "nothing (no key and no agent found)";
  const takes = escapeControls(log.accepted.join(", ")).slice(0, 200) || "something else";
  const details = [
    `offered: ${offered}`,
    `the server takes: ${takes}`,
    ...(log.keysLeft > 0 ? [`${log.keysLeft} more keys were left out in favour of the password`] : []),
    ...credentials.unusable,
  ].join("; ");
  switch (log.password) {
    case "refused":
      return refusal(login, {
        code: "password-refused",
        message: `${host} does not take the password of ${user}, which was tried once; ${details}`,
        hint: "type it again (--ask-pass) or correct ansible_password; many wrong ones may lock the account",
      });
    case "withheld":
      return refusal(login, {
        code: "password-withheld",
        message: `the password of ${user} was not sent to ${host}: ${credentials.password?.gate.refusals()} other hosts refused it and none took it; ${details}`,
        hint: "correct the password and run again; where hosts have different ones, set ansible_password for each",
      });
    case "untrusted":
      return refusal(login, {
        code: "password-withheld",
        message: `the password of ${user} was not sent to ${host}, because its host key contradicts the record; ${details}`,
        hint: "put the host's right key into known_hosts; StrictHostKeyChecking=no sends no passwords",
      });
    default:
      return refusal(login, {
        code: "authentication-failed",
        message: `${host} does not let ${user} in; ${details}`,
        hint: keyHint(login, log),
      });
  }
}

function keyHint({ user, credentials }: Login, log: AuthenticationLog): string {
  const key = `put the public key into ~${user}/.ssh/authorized_keys on the host, or name another key (ansible_ssh_private_key_file) or user (ansible_user)`;
  const takesPassword = log.accepted.some((method) => /^(password|keyboard-interactive)$/.test(method));
  return takesPassword && !credentials.password ? `${key}, or give a password with --ask-pass` : key;
}

/** sshd hung up after as many failures as its MaxAuthTries allows; each key that it does not know is one. */
export function tooManyKeys(login: Login, log: AuthenticationLog): LfceError {
  return refusal(login, {
    code: "too-many-keys",
    message: `${login.host} ended the login of ${login.user} after too many failures (MaxAuthTries in its sshd_config); offered: ${log.offered.join(", ")}`,
    hint: "name the right key by ansible_ssh_private_key_file, or by IdentityFile with IdentitiesOnly yes in ~/.ssh/config",
  });
}

/** The password was right, but the account must have a new one first. */
export function passwordExpired(login: Pick<Login, "host" | "user">): LfceError {
  return refusal(login, {
    code: "password-expired",
    message: `the password of ${login.user} on ${login.host} has expired: the host wants a new one`,
    hint: `log in by hand and change it: ssh ${login.user}@HOST`,
  });
}

/** keyboard-interactive asked for something that is not the password (a one-time code, say). */
export function questionUnknown(login: Pick<Login, "host" | "user">, question: string): LfceError {
  return refusal(login, {
    code: "question-unknown",
    message: `${login.host} asks ${login.user} something that lfce has no answer to: "${question}"`,
    hint: "log in by a key: lfce answers one hidden question, for the password; one-time codes it cannot give",
  });
}

/** ssh2 could not go on with what was offered. */
export function loginBroken(login: Pick<Login, "host" | "user">, error: Error): LfceError {
  return refusal(login, {
    code: "ssh-protocol-error",
    message: `the login of ${login.user} on ${login.host} broke off: ${escapeControls(error.message).slice(0, 300)}`,
    hint: "compare with ssh -v, and run again with --debug",
  });
}

function refusal({ host }: Pick<Login, "host">, data: LfceErrorData): LfceError {
  return new LfceError({ ...data, at: { host, phase: "connect" } });
}
