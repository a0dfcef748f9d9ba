import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../../..");

/** Where a finding gets its code: a property, a variable, or the first text of a function that makes findings. */
const GIVES_A_CODE =
  /(?:\bcode(?::| =)|\b(?:tell|finding|found|told)\(|\b(?:wrongLine|missingLine)\([^"`]*)\s*([^,;\n]*)/g;

/** An error of the plan that is a finding under another name. */
const TOLD_AS_FILE_MISSING = "chrony-no-main-file";

/** Codes that are put together: what kind of file, and what is the matter with it. */
const COMPOSED = ["rules-file", "rotation"].flatMap((kind) =>
  ["missing", "differs", "undeclared"].map((fault) => `${kind}-${fault}`),
);

/** Every code that a drift finding can have, as it stands in the sources. */
function codesInSources(): Set<string> {
  const folders = ["src/services", "src/services/chrony", "src/services/rsyslog", "src/run"];
  const texts = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /^((host-)?drift\b.*|proof-findings)\.ts$/.test(basename(name)))
      .map((name) => readFileSync(join(root, folder, name), "utf8")),
  );
  const expressions = texts.flatMap((text) => [...text.matchAll(GIVES_A_CODE)].map(([all]) => all));
  const codes = expressions.flatMap((text) =>
    [...text.matchAll(/"([a-z]+(?:-[a-z]+)+|falseticker)"/g)].map(([, code]) => code as string),
  );
  const errors = /HOST_STATE_ERRORS[^[]*\[([^\]]*)\]/.exec(texts.join("\n"))?.[1] ?? "";
  const all = [
    ...codes,
    ...COMPOSED,
    ...[...errors.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code as string),
  ];
  return new Set(all.filter((code) => code !== TOLD_AS_FILE_MISSING));
}

it("docs/drift.md lists every code of a finding, and no other", () => {
  const text = readFileSync(join(root, "docs/drift.md"), "utf8");
  const sections = text.split(/^(?=## )/m).filter((section) => section.startsWith("## Codes of "));
  const cells = [...sections.join("").matchAll(/^\| (`[a-z`, -]+`) \|/gm)].map(([, cell = ""]) => cell);
  const documented = new Set(cells.flatMap((cell) => cell.replaceAll("`", "").split(", ")));
  const inSources = codesInSources();
  assert.deepEqual(
    [...inSources].filter((code) => !documented.has(code)),
    [],
    "not in docs/drift.md",
  );
  assert.deepEqual(
    [...documented].filter((code) => !inSources.has(code)),
    [],
    "only in docs/drift.md",
  );
});
