import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { root, testFiles } from "../../scripts/test-steps.ts";

/** Test files of a part, from the project's root. Those that start programs (daemons, compilers) are left out. */
export function partTests(places: readonly string[]): string[] {
  const below = (place: string) =>
    statSync(join(root, place)).isDirectory() ? testFiles(place) : [join(root, place)];
  const left = places.filter((one) => one.startsWith("!")).map((one) => join(root, one.slice(1)));
  return places
    .filter((one) => !one.startsWith("!"))
    .flatMap(below)
    .filter((file) => !left.includes(file) && !startsPrograms(file))
    .map((file) => relative(root, file));
}

/** Whether a file or anything that it imports from the project can start another program. */
function startsPrograms(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  const specifiers = [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, specifier = ""]) => specifier,
  );
  return specifiers.some((one) =>
    one.startsWith(".") ? startsPrograms(join(file, "..", one), seen) : one === "node:child_process",
  );
}
