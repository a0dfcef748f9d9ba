import { errorData, type LfceErrorData, type Position } from "../../core/errors.ts";
import type { Claims } from "./claims.ts";

/**
 * Errors for values that would not stay what they are once written: an address with a blank in it would
 * become options, a line end in a directive's value another line.
 */
export function valueErrors(claims: Claims, at?: Position): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const words = [
    ...(claims.sources?.wanted ?? []).map((source) => source.address),
    ...(claims.access?.allow ?? []),
    ...(claims.access?.deny ?? []),
  ];
  for (const word of words) {
    if (/[\s\0]/.test(word) || word === "") errors.push(refused(word, "must be one word", at));
  }
  const values = [...claims.directives.values()].flatMap((directive) => directive.values);
  for (const source of claims.sources?.wanted ?? []) {
    values.push(...Object.values(source.options).filter((value) => typeof value === "string"));
  }
  for (const value of values) {
    if (/[\n\r\0]/.test(value)) errors.push(refused(value, "must stay on one line", at));
  }
  return errors;
}

function refused(value: string, rule: string, at?: Position): LfceErrorData {
  return errorData(
    "chrony-value-refused",
    `${JSON.stringify(value)} cannot be written into chrony.conf: it ${rule}`,
    "correct the value in the playbook or in the variable that it comes from",
    at,
  );
}
