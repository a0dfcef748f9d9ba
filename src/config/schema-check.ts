import type { ErrorObject } from "ajv";
import type { LfceErrorData } from "../core/errors.ts";
import { wordError } from "./schema-words.ts";
import type { SchemaName } from "./schemas.ts";
import { suggest } from "./suggestion.ts";
import { isTemplate } from "./template.ts";
import { reduceUnions } from "./unions.ts";
import { validatorOf } from "./validators.ts";
import type { Locate } from "./yaml-position.ts";

/**
 * A compiled schema. `templates: "allowed"` lets `{{ name }}` stand for any value; `root` is what messages
 * call the value as a whole.
 */
export type SchemaCheck = (
  data: unknown,
  locate: Locate,
  options?: { templates?: "allowed" | "refused"; root?: string },
) => LfceErrorData[];

/** A check that says in plain words everything that is wrong with a value, each at its position. */
export function schemaCheck(name: SchemaName): SchemaCheck {
  return (data, locate, options = {}) => {
    const validate = validatorOf(name);
    if (validate(data)) return [];
    const found = validate.errors ?? [];
    const relevant = options.templates === "allowed" ? withoutTemplates(found) : found;
    return withoutFollowUps(reduceUnions(relevant)).map((error) =>
      wordError(error, locate, options.root ?? "this"),
    );
  };
}

/** A key that is missing because it is misspelt is one mistake, not two. */
function withoutFollowUps<Found extends ErrorObject>(errors: readonly Found[]): Found[] {
  const misspelt = (missing: ErrorObject) =>
    errors.some(
      ({ keyword, instancePath, params }) =>
        keyword === "additionalProperties" &&
        instancePath === missing.instancePath &&
        suggest(params.additionalProperty, [missing.params.missingProperty]) !== undefined,
    );
  return errors.filter((error) => error.keyword !== "required" || !misspelt(error));
}

/** A union fails only when every branch does, so one branch whose errors were templates satisfies it. */
function withoutTemplates(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.filter((error) => !isTemplate(error.data));
}
