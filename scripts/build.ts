/**
 * Builds dist/: lfce's own code in a few files, so that a start reads little and a command only what it needs.
 * Dependencies stay packages of their own. The remote scripts, and the style and script of the report page, stand
 * beside it as the files that they are.
 */
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { buildPage } from "./build-page.ts";
import { compiledValidators, VALIDATORS_MODULE } from "./compile-schemas.ts";

const root = join(import.meta.dirname, "..");
/** Where to: dist/, or the directory that is given, for a build that must stay as it is. */
const dist = resolve(root, process.argv[2] ?? "dist");
const out = join(dist, "cli");
rmSync(dist, { recursive: true, force: true });
await build({
  entryPoints: [join(root, "src/cli/main.ts")],
  outdir: out,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20.19",
  logLevel: "warning",
  plugins: [
    {
      name: "compiled schemas",
      setup: ({ onLoad }) => {
        onLoad({ filter: /src\/config\/validators\.ts$/ }, () => ({
          contents: VALIDATORS_MODULE,
        }));
      },
    },
  ],
});
writeFileSync(join(out, "validators.cjs"), compiledValidators());
cpSync(join(root, "src/remote/scripts"), join(out, "scripts"), { recursive: true });
const page = await buildPage();
mkdirSync(join(out, "page"));
writeFileSync(join(out, "page/page.css"), page.style);
writeFileSync(join(out, "page/page.js"), page.script);
chmodSync(join(out, "main.js"), 0o755);
