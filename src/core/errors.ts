/** A place in a file that a person wrote: 1-based line and column, counted in characters. */
export interface Position {
  file: string;
  line: number;
  column: number;
  /** The whole line, so that a renderer can show it with a caret under `column`. */
  source?: string;
  /** How many characters the caret underlines; 1 when left out. */
  length?: number;
}

/** Where a run-time error happened: on which host, in which phase (connect, observe, plan, apply, prove). */
export interface HostPlace {
  host: string;
  phase: Phase;
}

export type Phase = "connect" | "observe" | "plan" | "install" | "apply" | "prove";

/**
 * What lfce says when something is wrong: `code` is stable and for scripts, `message` says what is wrong,
 * `hint` what to type or change next, `at` where.
 */
export interface LfceErrorData {
  code: string;
  message: string;
  hint?: string | undefined;
  at?: Position | HostPlace | undefined;
}

/** The one exception class of lfce: an `LfceErrorData` that can be thrown. */
export class LfceError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly at: Position | HostPlace | undefined;

  constructor(data: LfceErrorData, options?: ErrorOptions) {
    super(data.message, options);
    this.name = "LfceError";
    this.code = data.code;
    this.hint = data.hint;
    this.at = data.at;
  }

  /** The plain data, for events and for collecting several errors of one file. */
  get data(): LfceErrorData {
    return errorData(this.code, this.message, this.hint, this.at);
  }
}

/** Several independent errors found in one pass over the input (all errors of a file, not the first only). */
export class LfceErrors extends Error {
  readonly errors: readonly LfceErrorData[];

  constructor(errors: readonly LfceErrorData[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "LfceErrors";
    this.errors = errors;
  }
}

/** Builds an `LfceErrorData` without keys that hold `undefined`, so that it compares and prints cleanly. */
export function errorData(
  code: string,
  message: string,
  hint?: string,
  at?: Position | HostPlace,
): LfceErrorData {
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) };
}

/** Something that an administrator should know but that stops nothing. */
export interface Warning {
  code: string;
  message: string;
  hint?: string | undefined;
  at?: Position | HostPlace | undefined;
}

/** Where an error happened as a person reads it on one line: `FILE:LINE:COLUMN`, or a host's name; empty where unknown. */
export function placeText({ at }: Pick<LfceErrorData, "at">): string {
  if (at === undefined) return "";
  return "host" in at ? at.host : `${at.file}:${at.line}:${at.column}`;
}
