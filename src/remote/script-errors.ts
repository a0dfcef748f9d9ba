import { LfceError } from "../core/errors.ts";
import type { RemoteScript } from "./scripts.ts";

/** A script took longer than it may. */
export function timedOut(host: string, script: RemoteScript, limitMs: number): LfceError {
  return new LfceError({
    code: "script-timeout",
    message: `${script.name} on ${host} did not end within ${Math.round(limitMs / 1000)} s`,
    hint: "look at the host's load and journal: it may be overloaded, or hang on a disk or a name server",
  });
}

/** The host took the command, and the script did not start. */
export function notBegun(host: string, script: RemoteScript, limitMs: number): LfceError {
  return new LfceError({
    code: "script-timeout",
    message: `${script.name} on ${host} did not begin within ${Math.round(limitMs / 1000)} s`,
    hint: "log in by hand: the login shell or a file that it reads first may hang on a disk or a name server",
  });
}

/** A script printed more bytes than it may. */
export function outputTooLarge(host: string, script: RemoteScript, limit: number): LfceError {
  return new LfceError({
    code: "output-too-large",
    message: `${script.name} on ${host} printed more than ${limit} bytes and was cut off`,
    hint: "look at the host: its configuration files are far more or larger than lfce reads, or it does not answer as it should",
  });
}

/** The run was interrupted while a script ran. */
export function interrupted(host: string, script: RemoteScript): LfceError {
  return new LfceError({
    code: "interrupted",
    message: `${script.name} on ${host} was interrupted`,
    hint: "run the same command again",
  });
}
