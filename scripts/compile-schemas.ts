import { Ajv, type Options } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { transformSync } from "esbuild";
import { schemas } from "../src/config/schemas.ts";
import { AJV_OPTIONS } from "../src/config/validators.ts";
import { shareSubschemas } from "./shared-subschemas.ts";

/** The text of dist/cli/validators.cjs: the functions that ajv makes of the schemas, compiled once for all. */
export function compiledValidators(): string {
  return compiled(schemas, AJV_OPTIONS);
}

/** The text of dist/cli/verdicts.cjs: functions that only say yes or no. They are a tenth in size and time to load. */
export function compiledVerdicts(): string {
  const options = { ...AJV_OPTIONS, allErrors: false, verbose: false, messages: false };
  return compiled(shareSubschemas(schemas), options, (code) =>
    // What is wrong nobody reads here: only that something is.
    code.replace(/\{instancePath:[^{}]*,params:\{[^{}]*\}\}/g, "0"),
  );
}

function compiled(
  given: Readonly<Record<string, object>>,
  options: Options,
  shortened: (code: string) => string = (code) => code,
): string {
  const ajv = new Ajv({ ...options, schemas: given, code: { source: true } });
  const names = Object.keys(schemas);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  return transformSync(shortened(code), { minify: true }).code;
}

/**
 * What stands for src/config/validators.ts in dist/: it loads the verdicts when something is to be validated, and what
 * can say more only for something that is not valid.
 */
export const VALIDATORS_MODULE = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
export function validatorOf(name) {
  const validate = (data) => {
    if (require("./verdicts.cjs")[name](data)) {
      validate.errors = null;
      return true;
    }
    const full = require("./validators.cjs")[name];
    const valid = full(data);
    validate.errors = full.errors;
    return valid;
  };
  return validate;
}
`;
