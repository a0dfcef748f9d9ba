import type { LfceErrorData } from "../core/errors.ts";
import { errorsText } from "../report/error-text.ts";
import type { Paint } from "../report/paint.ts";
import { describeError } from "./describe-error.ts";
import { standardError } from "./terminal.ts";

/** Tells on stderr what ended a command, with a stack trace only where `--debug` asks for one. */
export function tellError(
  error: unknown,
  options: { debug?: boolean },
  paint: Paint,
): { errors: readonly LfceErrorData[]; exitCode: number } {
  const described = describeError(error);
  standardError.write(`${errorsText(described.errors, paint)}\n`);
  if (options.debug && error instanceof Error) standardError.write(`${error.stack}\n`);
  return described;
}
