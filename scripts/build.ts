/**
 * Builds dist/: lfce's own code in a few files, so that a start reads little and a command only what it needs.
 * The packages that it needs are among them, with their licences, but for ssh2. The remote scripts, and the style and script of the report page, stand
 * beside it as the files that they are.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { buildPage } from "./build-page.ts";
import { compiledValidators, compiledVerdicts, VALIDATORS_MODULE } from "./compile-schemas.ts";

const root = join(import.meta.dirname, "..");
/** Where to: dist/, or the directory that is given, for a build that must stay as it is. */
const dist = resolve(root, process.argv[2] ?? "dist");
const out = join(dist, "cli");
rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [join(root, "src/cli/main.ts")],
  metafile: true,
  outdir: out,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  // Hundreds of small files of packages cost more to find than to read. ssh2 stays one: it may have a native part.
  external: ["ssh2", "ajv", "ajv/*"],
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  minifySyntax: true,
  minifyWhitespace: true,
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
writeFileSync(join(dist, "LICENSES.txt"), licencesOf(Object.keys(metafile.inputs)));
writeFileSync(join(out, "validators.cjs"), compiledValidators());
writeFileSync(join(out, "verdicts.cjs"), compiledVerdicts());
cpSync(join(root, "src/remote/scripts"), join(out, "scripts"), { recursive: true });
const page = await buildPage();
mkdirSync(join(out, "page"));
writeFileSync(join(out, "page/page.css"), page.style);
writeFileSync(join(out, "page/page.js"), page.script);
chmodSync(join(out, "main.js"), 0o755);

/** The licences of the packages of which these files are. */
function licencesOf(inputs: readonly string[]): string {
  const packages = new Set(
    inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(resolve(path))?.[0] ?? []),
  );
  const texts = [...packages].sort().map((directory) => {
    const name = directory.slice(directory.lastIndexOf("node_modules/") + "node_modules/".length, -1);
    const file = readdirSync(directory).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    return `${name}\n\n${readFileSync(join(directory, file), "utf8").trim()}\n`;
  });
  return `lfce is built with parts of these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
