import { InventorySchema } from "./inventory-schema.ts";
import { PlaybookSchema } from "./playbook-schema.ts";

type Json = Record<string, unknown>;

const DIALECT = "http://json-schema.org/draft-07/schema#";

const templateDefinition = {
  type: "string",
  pattern: "\\{\\{.*\\}\\}",
  description: "A variable, as in {{ name }}.",
};

const template = { $ref: "#/definitions/template" };

/** The playbook schema as editors get it: what lfce validates with, and `{{ name }}` for every parameter. */
export function publishedPlaybookSchema(): Json {
  const playbook = structuredClone(PlaybookSchema) as unknown as Json;
  const roles = ((playbook.items as Json).properties as Record<string, Json>).roles as Json;
  const uses = (roles.items as { anyOf: Json[] }).anyOf;
  for (const use of uses) {
    const properties = use.properties as Record<string, Json>;
    for (const [name, schema] of Object.entries(properties)) {
      if (name !== "role") properties[name] = withTemplates(schema);
    }
  }
  const definitions: Record<string, Json> = { template: templateDefinition };
  const { title, ...rest } = playbook;
  return { $schema: DIALECT, title, ...(hoist(rest, definitions) as Json), definitions };
}

/** The inventory schema as editors get it. */
export function publishedInventorySchema(): Json {
  return { $schema: DIALECT, ...(structuredClone(InventorySchema) as unknown as Json) };
}

/** Lets `{{ name }}` stand for a value and for everything inside it. */
function withTemplates(schema: Json): Json {
  const inner = inside(schema);
  if (inner.type === "string" && inner.pattern === undefined) return inner;
  const { description, ...rest } = inner;
  const said = description === undefined ? {} : { description };
  if (Array.isArray(rest.anyOf)) return { ...rest, anyOf: [...rest.anyOf, template], ...said };
  return { anyOf: [rest, template], ...said };
}

function inside(schema: Json): Json {
  const copy: Json = { ...schema };
  if (Array.isArray(copy.anyOf)) copy.anyOf = copy.anyOf.map((branch: Json) => inside(branch));
  if (isSchema(copy.items)) copy.items = withTemplates(copy.items);
  for (const key of ["properties", "patternProperties"]) {
    const group = copy[key];
    if (!isSchema(group)) continue;
    copy[key] = Object.fromEntries(
      Object.entries(group).map(([name, value]) => [name, withTemplates(value as Json)]),
    );
  }
  return copy;
}

/** Moves every schema with a title into the definitions, so that what occurs often is written once. */
function hoist(schema: unknown, definitions: Record<string, Json>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => hoist(item, definitions));
  if (!isSchema(schema)) return schema;
  const { title, ...rest } = schema;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, hoist(value, definitions)]),
  );
  if (typeof title !== "string") return inner;
  definitions[title] = inner;
  return { $ref: `#/definitions/${title}` };
}

function isSchema(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
