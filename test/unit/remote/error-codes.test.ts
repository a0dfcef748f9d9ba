import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../../..");

/** Besides src/remote: what is said of hosts and their keys elsewhere. */
const OTHER_SOURCES = ["src/run/trust-errors.ts"];

/** The sources in which codes stand. */
function sources(kind: RegExp): { path: string; text: string }[] {
  const remote = readdirSync(join(root, "src/remote"), { recursive: true, encoding: "utf8" }).map(
    (path) => `src/remote/${path}`,
  );
  return [...remote, ...OTHER_SOURCES]
    .filter((path) => kind.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Every code that the remote layer can give: in TypeScript `code: "…"`, in scripts `fail CODE …`. */
function codesInSources(): string[] {
  return sources(/\.(ts|sh)$/).flatMap(({ path, text }) => {
    const pattern = path.endsWith(".sh")
      ? /\bfail(?:_because)? ([a-z]+(?:-[a-z]+)*)/g
      : /\bcode: "([a-z]+(?:-[a-z]+)*)"/g;
    return [...text.matchAll(pattern)].map(([, code]) => code as string);
  });
}

/** The object literal around a place in a source. */
function literalAround(text: string, place: number): string {
  const step = (character = ""): number => (character === "{" ? 1 : character === "}" ? -1 : 0);
  let start = place;
  for (let depth = 0; start > 0 && depth < 1; start--) depth += step(text[start - 1]);
  let end = start + 1;
  for (let depth = 1; end < text.length && depth > 0; end++) depth += step(text[end]);
  return text.slice(start, end);
}

it("docs/errors.md has an entry for every code of the remote layer, and no other", () => {
  const rows = readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^\| (`[a-z`, -]+`) \|/gm);
  const documented = [...rows].flatMap(([, codes = ""]) =>
    [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code as string),
  );
  assert.deepEqual([...documented].sort(), [...new Set(codesInSources())].sort());
});

it("every error of the remote layer says what to do next", () => {
  const silent = sources(/\.ts$/).flatMap(({ path, text }) =>
    [...text.matchAll(/\bcode: "([a-z]+(?:-[a-z]+)*)"/g)]
      .filter(({ index }) => !/\bhint\b/.test(literalAround(text, index)))
      .map(([, code]) => `${path} ${code}`),
  );
  // Gets its hint where all errors of a transaction get theirs.
  assert.deepEqual(silent, ["src/remote/transaction-errors.ts commit-failed"]);
});
