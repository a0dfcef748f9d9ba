import { LfceError } from "../core/errors.ts";

/** sudo did not take the password. It is asked once a host, so that no account is locked. */
export function passwordWrong(host: string): LfceError {
  return new LfceError({
    code: "sudo-password-wrong",
    message: `sudo on ${host} does not take the password, which was tried once`,
    hint: "type it again (--ask-become-pass) or correct ansible_become_password; sudo wants the user's own unless sudoers says rootpw or targetpw",
    at: { host, phase: "connect" },
  });
}

/** Too many other hosts refused the same password. */
export function passwordWithheld(host: string, refusals: number): LfceError {
  return new LfceError({
    code: "sudo-password-withheld",
    message: `the password was not given to sudo on ${host}: ${refusals} other hosts refused it and none took it`,
    hint: "correct the password and run again; where hosts have different ones, set ansible_become_password for each",
    at: { host, phase: "connect" },
  });
}
