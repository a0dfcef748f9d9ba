import { LfceError, type LfceErrorData, LfceErrors } from "../core/errors.ts";
import { EXIT } from "./exit-codes.ts";

/** What a person is told of an exception that ended a command, and the exit code for it. */
export function describeError(error: unknown): { errors: readonly LfceErrorData[]; exitCode: number } {
  if (error instanceof LfceErrors) return { errors: error.errors, exitCode: EXIT.usage };
  if (error instanceof LfceError) {
    const exitCode = error.code === "interrupted" ? EXIT.interrupted : EXIT.usage;
    return { errors: [error.data], exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    errors: [
      {
        code: "internal",
        message: `lfce itself failed: ${message}`,
        hint: "run again with --debug and report what it prints",
      },
    ],
    exitCode: EXIT.internal,
  };
}
