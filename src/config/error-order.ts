import type { LfceErrorData } from "../core/errors.ts";

/** Errors by line and column, so that they read like the file; each said once. */
export function inOrder(errors: readonly LfceErrorData[]): LfceErrorData[] {
  const place = (error: LfceErrorData) =>
    error.at && "line" in error.at ? error.at : { file: "", line: 0, column: 0 };
  const unique = new Map(errors.map((error) => [JSON.stringify([error.message, place(error)]), error]));
  return [...unique.values()].sort((left, right) => {
    const [one, two] = [place(left), place(right)];
    if (one.file !== two.file) return one.file < two.file ? -1 : 1;
    return one.line - two.line || one.column - two.column;
  });
}
