import { LfceError, type LfceErrorData, LfceErrors } from "../core/errors.ts";
import { EXIT } from "./exit-codes.ts";

/** What was typed is right, and the machine that lfce runs on could not do it. */
const OF_THIS_MACHINE = new Set(["systemctl-failed", "schedule-not-written", "report-not-written"]);

/** What a person is told of an exception that ended a command, and the exit code for it. */
export function describeError(error: unknown): { errors: readonly LfceErrorData[]; exitCode: number } {
  if (error instanceof LfceErrors) return { errors: error.errors, exitCode: EXIT.usage };
  if (error instanceof LfceError) {
    return { errors: [error.data], exitCode: exitCodeFor(error.code) };
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

function exitCodeFor(code: string): number {
  if (code === "interrupted") return EXIT.interrupted;
  return OF_THIS_MACHINE.has(code) ? EXIT.internal : EXIT.usage;
}
