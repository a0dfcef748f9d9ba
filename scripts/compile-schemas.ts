import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { transformSync } from "esbuild";
import { schemas } from "../src/config/schemas.ts";
import { AJV_OPTIONS } from "../src/config/validators.ts";

/** The text of dist/cli/validators.cjs: the functions that ajv makes of the schemas, compiled once for all. */
export function compiledValidators(): string {
  const ajv = new Ajv({ ...AJV_OPTIONS, schemas, code: { source: true } });
  const names = Object.keys(schemas);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  return transformSync(code, { minify: true }).code;
}

/** What stands for src/config/validators.ts in dist/: it loads that file when something is to be validated. */
export const VALIDATORS_MODULE = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
export function validatorOf(name) {
  return require("./validators.cjs")[name];
}
`;
