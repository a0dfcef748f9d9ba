import { Ajv, type ValidateFunction } from "ajv";
import { type SchemaName, schemas } from "./schemas.ts";

/** How ajv checks, here and in the built package. */
export const AJV_OPTIONS = { allErrors: true, verbose: true, strict: true, allowUnionTypes: true } as const;

const ajv = new Ajv(AJV_OPTIONS);

/**
 * The compiled schema of this name. Compiling takes a third of a second, so that `npm run build` does it once: in
 * dist/ this file is one that loads the finished functions (scripts/compile-schemas.ts).
 */
export function validatorOf(name: SchemaName): ValidateFunction {
  return ajv.getSchema(name) ?? (ajv.addSchema(schemas[name], name).getSchema(name) as ValidateFunction);
}
