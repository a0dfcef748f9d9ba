import { escapeControls } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";

/** What is known of a command that ended before its script started. */
export interface FailedStart {
  host: string;
  become: boolean;
  code: number | null;
  stderr: string;
  /** What came on stdout instead of the script's start. */
  stdout: string;
}

/** Says why no script ran: what sudo said when it was asked, else what the login shell said. */
export function startFailure(failed: FailedStart): LfceError {
  const at = { host: failed.host, phase: "connect" } as const;
  const said = lastLines(`${failed.stdout}\n${failed.stderr}`);
  if (failed.become) {
    if (/a password is required|no askpass program|a terminal is required/.test(failed.stderr)) {
      return new LfceError({
        code: "sudo-needs-password",
        message: `sudo on ${failed.host} asks for a password`,
        hint: "allow this user NOPASSWD in sudoers on the host, or log in as root",
        at,
      });
    }
    if (/must have a tty/.test(failed.stderr)) {
      return new LfceError({
        code: "sudo-needs-tty",
        message: `sudo on ${failed.host} demands a terminal (requiretty)`,
        hint: "put `Defaults:USER !requiretty` into sudoers on the host",
        at,
      });
    }
    if (/sudo.{0,4}: (No such file|not found)|(not found|unknown command).{0,4}sudo/i.test(failed.stderr)) {
      return new LfceError({
        code: "sudo-missing",
        message: `there is no sudo on ${failed.host}`,
        hint: "install sudo on the host, or log in as root and leave `become` out",
        at,
      });
    }
    if (/not allowed to|not in the sudoers|may not run sudo|sudoers|^sudo:/m.test(failed.stderr)) {
      return new LfceError({
        code: "sudo-denied",
        message: `sudo on ${failed.host} refuses: ${said}`,
        hint: "see `sudo -l` of this user on the host: lfce must be allowed to run `sh` as root",
        at,
      });
    }
  }
  return new LfceError({
    code: "no-shell",
    message: `the login shell on ${failed.host} ran no command${said === "" ? "" : `: ${said}`}${failed.code === null ? "" : ` (exit ${failed.code})`}`,
    hint: "give the account a shell that runs commands (`getent passwd USER` on the host shows which it has)",
    at,
  });
}

function lastLines(text: string): string {
  const lines = text.split("\n").map((line) => escapeControls(line).trim());
  return lines
    .filter((line) => line !== "")
    .slice(-3)
    .join(" / ")
    .slice(-400);
}
