import { LfceError } from "../core/errors.ts";
import type { RemoteScript } from "./scripts.ts";

export function timedOut(host: string, script: RemoteScript, limitMs: number): LfceError {
  return new LfceError({
    code: "script-timeout",
    message: `${script.name} on ${host} did not end within ${Math.round(limitMs / 1000)} s`,
    hint: "look at the host's load and journal: it may be overloaded, or hang on a disk or a name server",
  });
}

export function outputTooLarge(host: string, script: RemoteScript, limit: number): LfceError {
  return new LfceError({
    code: "output-too-large",
    message: `${script.name} on ${host} printed more than ${limit} bytes and was cut off`,
    hint: "look at the host: its configuration files are far more or larger than lfce reads, or it does not answer as it should",
  });
}

export function interrupted(host: string, script: RemoteScript): LfceError {
  return new LfceError({
    code: "interrupted",
    message: `${script.name} on ${host} was interrupted`,
    hint: "run the same command again",
  });
}
