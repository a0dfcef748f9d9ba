import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");
const source = join(root, "src");

/** Layer → the layers that it may import, besides itself. docs/architecture.md says why. */
const MAY_IMPORT: Record<string, string[]> = {
  core: [],
  distros: ["core"],
  services: ["core", "distros"],
  config: ["core", "distros", "services"],
  plan: ["core", "distros", "services", "config"],
  remote: ["core"],
  report: ["core"],
  history: ["core"],
  notify: ["core", "history"],
  schedule: ["core"],
  run: ["core", "distros", "services", "config", "plan"],
  cli: [
    "core",
    "distros",
    "services",
    "config",
    "plan",
    "run",
    "remote",
    "report",
    "history",
    "notify",
    "schedule",
  ],
};

/** Layers that only compute: no files, processes, sockets or clocks. */
const PURE = ["core", "distros", "services", "config", "plan", "report", "run", "notify", "schedule"];
const ALLOWED_BUILTINS = new Set(["node:path/posix", "node:path", "node:util", "node:net", "node:crypto"]);

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, "utf8");
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
    return {
      path,
      name: relative(source, path),
      layer: relative(source, path).split("/")[0] ?? "",
      text,
      imports,
    };
  });

describe("the architecture", () => {
  it("knows every layer of src", () => {
    const layers = [...new Set(files.map((file) => file.layer))].sort();
    assert.deepEqual(layers, Object.keys(MAY_IMPORT).sort());
  });

  it("keeps the direction of dependencies", () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => relative(source, join(file.path, "..", specifier)).split("/")[0] ?? "")
        .filter((layer) => layer !== file.layer && !MAY_IMPORT[file.layer]?.includes(layer))
        .map((layer) => `${file.name} imports ${layer}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("keeps files, processes and sockets out of the pure layers", () => {
    const wrong = files
      .filter((file) => PURE.includes(file.layer))
      .flatMap((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith("node:") && !ALLOWED_BUILTINS.has(specifier))
          .map((specifier) => `${file.name} imports ${specifier}`),
      );
    assert.deepEqual(wrong, []);
  });

  it("has no file over 300 lines", () => {
    const scripts = readdirSync(join(source, "remote/scripts")).map((name) => ({
      name,
      text: readFileSync(join(source, "remote/scripts", name), "utf8"),
    }));
    const long = [...files, ...scripts].filter(({ text }) => text.split("\n").length > 301);
    assert.deepEqual(
      long.map(({ name }) => name),
      [],
    );
  });

  it("is on the map: docs/architecture.md names every layer and every service", () => {
    const map = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const services = readdirSync(join(source, "services"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `services/${entry.name}`);
    const missing = [...Object.keys(MAY_IMPORT), ...services].filter((place) => !map.includes(`${place}/`));
    assert.deepEqual(missing, []);
  });
});
