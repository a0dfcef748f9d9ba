import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../../..");

/** Every code that a judge of the services can give, as it stands in their sources. */
function codesInSources(): string[] {
  const texts = ["chrony", "rsyslog"].flatMap((service) => {
    const folder = join(root, "src/services", service);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /^(diagnosis|probes)/.test(basename(path)))
      .map((path) => readFileSync(join(folder, path), "utf8"));
  });
  const expressions = texts.flatMap((text) => [...text.matchAll(/\bcode:([^,]*(?:\?[^,]*)?),/g)]);
  return expressions.flatMap(([, expression = ""]) =>
    [...expression.matchAll(/"([a-z]+(?:-[a-z]+)+|firewall|falseticker)"/g)].map(
      ([, code]) => code as string,
    ),
  );
}

it("docs/diagnosis.md lists every code of a proof that did not pass, and no other", () => {
  const documented = readFileSync(join(root, "docs/diagnosis.md"), "utf8").matchAll(/^\| `([a-z-]+)` \|/gm);
  assert.deepEqual(
    [...new Set([...documented].map(([, code]) => code))].sort(),
    [...new Set(codesInSources())].sort(),
  );
});
