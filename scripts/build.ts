/**
 * Builds dist/: lfce's own code in a few files, so that a start reads little and a command only what it needs.
 * The packages that it needs are among them, with their licences; ssh2 stays a dependency for its native part, where
 * npm could build one. The remote scripts, and the style and script of the report page, stand beside it as the files
 * that they are.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { buildPage } from "./build-page.ts";
import { compiledValidators, compiledVerdicts, VALIDATORS_MODULE } from "./compile-schemas.ts";

const root = join(import.meta.dirname, "..");
/** ssh2's native part, as its package is asked for it at run time. */
const SSH2_NATIVE = "ssh2/lib/protocol/crypto/build/Release/sshcrypto.node";
/** ssh2 as far as lfce uses it: without its server and its agents for HTTP, which load as long as all the rest. */
const SSH2_CLIENT = `
const { BaseAgent, OpenSSHAgent } = require("ssh2/lib/agent.js");
const Client = require("ssh2/lib/client.js");
const { parseKey } = require("ssh2/lib/protocol/keyParser.js");
module.exports = { BaseAgent, Client, OpenSSHAgent, utils: { parseKey } };
`;
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
  // Hundreds of small files of packages cost more to find than to read.
  external: ["ajv", "ajv/*", "cpu-features", SSH2_NATIVE],
  banner: {
    // What CommonJS packages find around them.
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url), __dirname = import.meta.dirname;',
  },
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  logLevel: "warning",
  plugins: [
    {
      name: "the client of ssh2",
      setup: ({ onLoad, onResolve }) => {
        onResolve({ filter: /^ssh2$/ }, ({ path }) => ({ path, namespace: "ssh2-client" }));
        onLoad({ filter: /^ssh2$/, namespace: "ssh2-client" }, () => ({
          contents: SSH2_CLIENT,
          resolveDir: root,
        }));
        onResolve({ filter: /\/sshcrypto\.node$/ }, () => ({ path: SSH2_NATIVE, external: true }));
      },
    },
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
