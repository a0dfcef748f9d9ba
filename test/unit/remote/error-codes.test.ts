import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../../..");

/** Besides src/remote: what is said of hosts and their keys elsewhere. */
const OTHER_SOURCES = ["src/run/trust-errors.ts"];

/** Every code that the remote layer can give: in TypeScript `code: "…"`, in scripts `fail CODE …`. */
function codesInSources(): string[] {
  const remote = readdirSync(join(root, "src/remote"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|sh)$/.test(path))
    .map((path) => `src/remote/${path}`);
  return [...remote, ...OTHER_SOURCES].flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const pattern = path.endsWith(".sh")
      ? /\bfail(?:_because)? ([a-z]+(?:-[a-z]+)*)/g
      : /\bcode: "([a-z]+(?:-[a-z]+)*)"/g;
    return [...text.matchAll(pattern)].map(([, code]) => code as string);
  });
}

it("docs/errors.md has an entry for every code of the remote layer, and no other", () => {
  const rows = readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^\| (`[a-z`, -]+`) \|/gm);
  const documented = [...rows].flatMap(([, codes = ""]) =>
    [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code as string),
  );
  assert.deepEqual([...documented].sort(), [...new Set(codesInSources())].sort());
});
