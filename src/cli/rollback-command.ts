import { InvalidArgumentError } from "commander";
import type { RollbackTarget } from "../plan/rollback-plan.ts";

/** `--to`: a small number is that many changes back, everything else the identifier of a change, or its beginning. */
export function rollbackTarget(text: string): RollbackTarget {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  // Shorter beginnings, such as a number that is mistyped, would mean a change by accident.
  if (/^[A-Za-z0-9][A-Za-z0-9-]{6,}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "Write how many changes back (1 to 99), or at least seven characters of a change's identifier.",
  );
}
