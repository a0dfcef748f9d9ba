import { escapeControls } from "../core/byte-text.ts";
import { LfceError, type LfceErrorData } from "../core/errors.ts";
import type { Become } from "./become.ts";
import { passwordWrong } from "./become-errors.ts";

/** What is known of a command that ended before its script started. */
export interface FailedStart {
  host: string;
  become: Become | undefined;
  /** sudo got the password and did not take it. */
  passwordRefused: boolean;
  code: number | null;
  stderr: string;
  /** What came on stdout instead of the script's start. */
  stdout: string;
}

/** Says why no script ran: what sudo or doas said, else what the login shell said. */
export function startFailure(failed: FailedStart): LfceError {
  const { host, become } = failed;
  const at = { host, phase: "connect" } as const;
  if (failed.passwordRefused) return passwordWrong(host);
  if (/password has expired|password change required/i.test(failed.stderr)) {
    return new LfceError({
      code: "password-expired",
      message: `${host} runs no command for this account: its password has expired`,
      hint: "log in by hand and give it a new one; chage -l USER on the host shows its dates",
      at,
    });
  }
  const said = lastLines(`${failed.stdout}\n${failed.stderr}`);
  const found = become && REFUSALS[become.method].find(({ words }) => words.test(failed.stderr));
  if (found) return new LfceError({ ...found.error(host, said, become), at });
  return new LfceError({
    code: "no-shell",
    message: `the login shell on ${host} ran no command${said === "" ? "" : `: ${said}`}${failed.code === null ? "" : ` (exit ${failed.code})`}`,
    hint: "give the account a shell that runs commands (`getent passwd USER` on the host shows which it has)",
    at,
  });
}

interface Refusal {
  words: RegExp;
  error: (host: string, said: string, become: Become) => LfceErrorData;
}

const missing = (program: string): RegExp =>
  new RegExp(`${program}.{0,4}: (No such file|not found)|(not found|unknown command).{0,4}${program}`, "i");

/** What sudo (also sudo-rs) and doas say, and what it means; the first that fits counts. */
const REFUSALS: Record<Become["method"], readonly Refusal[]> = {
  sudo: [
    {
      words: /must have a tty/,
      error: (host) => ({
        code: "sudo-needs-tty",
        message: `sudo on ${host} demands a terminal (requiretty)`,
        hint: "put `Defaults:USER !requiretty` into sudoers on the host",
      }),
    },
    {
      words: missing("sudo"),
      error: (host) => ({
        code: "sudo-missing",
        message: `there is no sudo on ${host}`,
        hint: "install sudo on the host, log in as root and leave `become` out, or set ansible_become_method: doas",
      }),
    },
    {
      words: /expired|account validation failure/i,
      error: (host, said) => ({
        code: "sudo-account-expired",
        message: `sudo on ${host} does not serve this account: ${said}`,
        hint: "look at the account's dates on the host: chage -l USER",
      }),
    },
    {
      words: /not allowed to|not in the sudoers|may not run sudo|I'm sorry .* I'm afraid/,
      error: sudoDenied,
    },
    {
      words:
        /password is required|no askpass program|terminal is required|interactive authentication is required/i,
      error: (host, _said, { password, passwordWithheld }) => ({
        code: "sudo-needs-password",
        message: `sudo on ${host} asks for a password${password ? ", but not in a way that lfce can answer" : ""}${
          passwordWithheld ? ", which it does not get because its host key contradicts the record" : ""
        }`,
        hint: "give it with --ask-become-pass (-K) or ansible_become_password, allow this user NOPASSWD in sudoers on the host, or log in as root",
      }),
    },
    { words: /sudoers|^sudo(-rs)?:/m, error: sudoDenied },
  ],
  doas: [
    {
      words: missing("doas"),
      error: (host) => ({
        code: "doas-missing",
        message: `there is no doas on ${host}`,
        hint: "install it (Debian's package is opendoas), or leave ansible_become_method out to use sudo",
      }),
    },
    {
      words: /authentication (required|failed)|a tty is required/i,
      error: (host) => ({
        code: "doas-needs-password",
        message: `doas on ${host} asks for a password, which it reads from a terminal only`,
        hint: "put `permit nopass USER as root` into /etc/doas.conf on the host, or use sudo",
      }),
    },
    {
      words: /^doas:/m,
      error: (host, said) => ({
        code: "doas-denied",
        message: `doas on ${host} refuses: ${said}`,
        hint: "look at /etc/doas.conf on the host: lfce must be allowed to run `sh` as root",
      }),
    },
  ],
};

function sudoDenied(host: string, said: string): LfceErrorData {
  return {
    code: "sudo-denied",
    message: `sudo on ${host} refuses: ${said}`,
    hint: "see `sudo -l` of this user on the host: lfce must be allowed to run `sh` as root",
  };
}

function lastLines(text: string): string {
  const lines = text.split("\n").map((line) => escapeControls(line).trim());
  return lines
    .filter((line) => line !== "")
    .slice(-3)
    .join(" / ")
    .slice(-400);
}
