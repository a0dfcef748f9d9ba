import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { parse as parseYaml } from "yaml";
import { parse, print } from "../../src/services/chrony/parse.ts";
import { planChrony } from "../../src/services/chrony/plan.ts";
import { absent, type CaseDocument, desiredOf, distroOf } from "../unit/services/chrony/desired-of.ts";
import { afterPlan, type HostFiles, observe } from "../unit/services/chrony/virtual-host.ts";

/**
 * Every directory below src/services/chrony/cases is a test: `before.conf` is the host's main file,
 * `before/` its other files by absolute path, `desired.yml` what is declared; `after.conf` and `after/` the
 * files that differ afterwards (none: no change), `warnings` and `errors` the codes that must be given.
 */
const CASES = new URL("../../src/services/chrony/cases/", import.meta.url).pathname;

describe("chrony cases", () => {
  const names = readdirSync(CASES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.ok(names.length >= 30, `only ${names.length} cases found`);
  for (const { name } of names) it(name.replaceAll("-", " "), () => runCase(join(CASES, name)));
});

function runCase(directory: string): void {
  const document = parseYaml(readFileSync(join(directory, "desired.yml"), "utf8")) as CaseDocument;
  const distro = distroOf(document);
  const main = distro.services.chrony.mainFile;
  const desired = desiredOf(document);
  const observed = (files: HostFiles) =>
    observe({ files, distro, version: document.chrony ?? "4.3", names: document.names ?? {} });
  const before = filesOf(directory, "before", main);
  const expected = { ...before, ...filesOf(directory, "after", main) };

  const plan = planChrony(desired, observed(before), distro);
  assert.deepEqual(plan.errors.map((error) => error.code).sort(), codesOf(directory, "errors"), "errors");
  assert.deepEqual(plan.warnings.map((one) => one.code).sort(), codesOf(directory, "warnings"), "warnings");
  const after = afterPlan(before, plan);
  for (const path of Object.keys(expected)) assert.equal(after[path], expected[path], path);
  for (const content of Object.values(after)) assert.equal(print(parse(content)), content);
  if (plan.errors.length > 0) return;

  const again = planChrony(desired, observed(after), distro);
  assert.deepEqual(again.errors, [], "the second run has no errors");
  assert.deepEqual(again.files, [], "the second run changes nothing");

  // A case that starts from lfce's own lines shows an undo or an update; there is no original to return to.
  const original = Object.values(before).every((content) => !/^# lfce: begin|^#lfce# /m.test(content));
  if (!original) return;
  const undone = planChrony(absent(desired), observed(after), distro);
  assert.deepEqual(undone.errors, [], "undoing has no errors");
  assert.deepEqual(afterPlan(after, undone), before, "absent gives back the original");
}

function filesOf(directory: string, stage: "before" | "after", main: string): HostFiles {
  const files: HostFiles = {};
  const single = join(directory, `${stage}.conf`);
  if (existsSync(single)) files[main] = readFileSync(single, "latin1");
  const root = join(directory, stage);
  if (existsSync(root)) {
    for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files[`/${relative(root, path)}`] = readFileSync(path, "latin1");
    }
  }
  return files;
}

function codesOf(directory: string, name: "warnings" | "errors"): string[] {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean).sort() : [];
}
