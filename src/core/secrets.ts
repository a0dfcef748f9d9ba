import { inspect } from "node:util";

/** A value that must never be printed: it redacts itself in templates, JSON and `util.inspect`. */
export interface Secret {
  /** The value itself; call it only where it is handed to its consumer. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const REDACTED = "[redacted]";

/** Wraps a value so that every ordinary way of printing it shows `[redacted]`. */
export function secret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => REDACTED,
    toJSON: () => REDACTED,
    [inspect.custom]: () => REDACTED,
  });
}

/** Whether what a variable or key of this name holds must not be shown. */
export function isSecretName(name: string): boolean {
  return /pass(word|wd|phrase)?$|pwd$|(?:^|_)pw$|secret|token|credential|api_?key$|private_key$/i.test(name);
}
