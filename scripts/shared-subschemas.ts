/** A JSON Schema, or a part of one. */
type Schema = object;

/** Keywords whose value is a schema, a list of them, or names with one each. */
const ONE = new Set(["items", "additionalProperties", "propertyNames", "not", "if", "then", "else"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf"]);
const NAMED = new Set(["properties", "patternProperties"]);
/** What is written in fewer characters is as well checked in place as by a call. */
const WORTH_A_NAME = 120;

/**
 * The same schemas, with each part that stands in several places as a schema of its own (`sharedN`), to which `$ref`
 * leads: ajv writes a function for it once, where it would write its code in every place. Says yes and no to the same
 * data; only the paths of messages differ.
 */
export function shareSubschemas(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const counts = new Map<string, number>();
  const count = (schema: Schema): void => {
    const text = JSON.stringify(schema);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    // The parts of what is there twice are no reason for names of their own.
    if (counts.get(text) === 1) {
      mapParts(schema, (part) => {
        count(part);
        return part;
      });
    }
  };
  for (const schema of Object.values(schemas)) count(schema);
  const shared: Record<string, Schema> = {};
  const names = new Map<string, string>();
  const share = (schema: Schema): Schema => {
    const text = JSON.stringify(schema);
    if (text.length < WORTH_A_NAME || (counts.get(text) ?? 0) < 2) return mapParts(schema, share);
    const known = names.get(text);
    if (known !== undefined) return { $ref: known };
    const name = `shared${names.size}`;
    names.set(text, name);
    shared[name] = mapParts(schema, share);
    return { $ref: name };
  };
  const named = Object.entries(schemas).map(([name, schema]) => [name, mapParts(schema, share)] as const);
  return { ...Object.fromEntries(named), ...shared };
}

/** The schema with each schema in it replaced. */
function mapParts(schema: Schema, replace: (part: Schema) => Schema): Schema {
  const part = (value: unknown): unknown => (isSchema(value) ? replace(value) : value);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (ONE.has(keyword)) return [keyword, part(value)];
      if (LISTS.has(keyword)) return [keyword, (value as unknown[]).map(part)];
      if (!NAMED.has(keyword)) return [keyword, value];
      const entries = Object.entries(value as object).map(([name, one]) => [name, part(one)]);
      return [keyword, Object.fromEntries(entries)];
    }),
  );
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
