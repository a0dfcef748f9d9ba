import { createHash } from "node:crypto";
import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { Change } from "../core/events.ts";

/** Host → the changes that somebody saw and said yes to, as `agreementOn` tells them. */
export type Agreement = ReadonlyMap<string, string>;

/**
 * What counts of changes when they are compared: what happens to what, not the words for why. A digest: the diffs
 * of a whole fleet would fill the memory while somebody thinks about the answer.
 */
export function agreementOn(changes: readonly Change[]): string {
  const text = JSON.stringify(changes.map(({ kind, target, diff }) => [kind, target, diff]));
  return createHash("sha256").update(text).digest("hex");
}

/** The error that a host would now be changed otherwise than was agreed to; undefined: as agreed, or nobody asked. */
export function notAgreed(
  host: string,
  changes: readonly Change[],
  agreement: Agreement | undefined,
): LfceErrorData | undefined {
  if (agreement === undefined || changes.length === 0) return undefined;
  if (agreement.get(host) === agreementOn(changes)) return undefined;
  return errorData(
    "plan-changed",
    `${host} is not as it was when the plan was shown, so other changes would be made; none was`,
    "run the same command again and look at the new plan",
  );
}
