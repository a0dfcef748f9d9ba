import type { ErrorObject } from "ajv";
import { errorData, type LfceErrorData, type Position } from "../core/errors.ts";
import { alternatives, didYouMean } from "./suggestion.ts";
import type { Locate } from "./yaml-position.ts";

/** The parts of a JSON Schema that sentences are made of. */
export interface SchemaWords {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: SchemaWords[];
  properties?: Record<string, SchemaWords>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  description?: string;
  examples?: unknown[];
}

/** What ajv found, after unions were boiled down; `oneOf` lists keys of which exactly one may be given. */
export type Finding = ErrorObject & { oneOf?: string[] };

/** Turns one schema error into a sentence with a position and what to write instead. */
export function wordError(finding: Finding, locate: Locate, root: string): LfceErrorData {
  const path = pointerPath(finding.instancePath);
  const name = placeName(path, root);
  const schema = (finding.parentSchema ?? {}) as SchemaWords;
  switch (finding.keyword) {
    case "additionalProperties":
      return unknownKey(finding, path, name, locate);
    case "required":
      return missingKey(finding, path, name, locate);
    case "anyOf":
      if (finding.oneOf) return missingKind(finding, path, name, locate);
      break;
    case "minItems":
      return errorData("config.empty", `${name} must have at least one entry`, hintOf(schema), locate(path));
    case "minLength":
      return errorData("config.empty", `${name} must not be empty`, hintOf(schema), locate(path));
  }
  const message = `${name} must be ${expectation(schema)}, not ${shown(finding.data)}`;
  const candidates = literals(schema);
  const guess = typeof finding.data === "string" ? didYouMean(finding.data, candidates) : undefined;
  const at = locate(path);
  return errorData("config.value", message, guess ?? typeHint(finding, schema, at) ?? hintOf(schema), at);
}

/** What to write when the value is right but for its YAML type. */
function typeHint(finding: Finding, schema: SchemaWords, at: Position): string | undefined {
  if (finding.keyword === "type" && schema.type === "array") {
    return "write it as a list: [ … ], or with - before each entry";
  }
  const plainText = [schema, ...(schema.anyOf ?? [])].some(
    (branch) => branch.type === "string" && branch.examples === undefined,
  );
  if (!plainText || (typeof finding.data !== "number" && typeof finding.data !== "boolean")) return undefined;
  // The value itself may have lost digits: 172.10 is the number 172.1.
  const written = at.source?.slice(at.column - 1, at.column - 1 + (at.length ?? 0));
  return `put it in quotes: "${written ?? String(finding.data)}"`;
}

function unknownKey(finding: Finding, path: string[], name: string, locate: Locate): LfceErrorData {
  const key = finding.params.additionalProperty as string;
  const schema = (finding.parentSchema ?? {}) as SchemaWords;
  const known = Object.keys(schema.properties ?? {});
  const at = locate([...path, key], "key");
  if (finding.oneOf) {
    const message = `only one of ${alternatives(finding.oneOf)} may be given`;
    return errorData("config.key-conflict", message, `take out ${key}`, at);
  }
  const hint = didYouMean(key, known) ?? `known keys: ${known.join(", ")}`;
  return errorData("config.unknown-key", `unknown key ${key} in ${name}`, hint, at);
}

function missingKey(finding: Finding, path: string[], name: string, locate: Locate): LfceErrorData {
  const key = finding.params.missingProperty as string;
  const property = ((finding.parentSchema ?? {}) as SchemaWords).properties?.[key];
  const description = property === undefined ? undefined : hintOf(property);
  const hint = description === undefined ? undefined : `add ${key} (${description})`;
  return errorData("config.missing-key", `${name} lacks the key ${key}`, hint, locate(path));
}

function missingKind(finding: Finding, path: string[], name: string, locate: Locate): LfceErrorData {
  const keys = finding.oneOf ?? [];
  const given = Object.keys((finding.data ?? {}) as object);
  for (const key of given) {
    const guess = didYouMean(key, keys);
    if (guess === undefined) continue;
    const at = locate([...path, key], "key");
    return errorData("config.unknown-key", `unknown key ${key} in ${name}`, guess, at);
  }
  const message = `${name} needs one of the keys ${alternatives(keys)}`;
  return errorData("config.missing-key", message, `for example {${keys[0]}: …}`, locate(path));
}

/** The sentence part that says what a schema accepts. */
export function expectation(schema: SchemaWords): string {
  if (schema.anyOf) return alternatives([...new Set(schema.anyOf.map(expectation))]);
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return alternatives(schema.enum.map(String));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? "value"];
  return alternatives(types.map((type) => typeWords(type, schema)));
}

function typeWords(type: string, schema: SchemaWords): string {
  switch (type) {
    case "integer":
    case "number": {
      const noun = type === "integer" ? "a whole number" : "a number";
      return `${noun}${range(schema)}`;
    }
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return schema.required?.length === 1 ? `{${schema.required[0]}: …}` : "a mapping";
    case "null":
      return "nothing";
    case "string": {
      const example = schema.examples?.[0];
      return example === undefined ? "a text" : `a text such as ${example}`;
    }
    default:
      return "another value";
  }
}

function range(schema: SchemaWords): string {
  const { minimum, maximum } = schema;
  if (minimum === undefined || maximum === undefined)
    return minimum === undefined ? "" : ` from ${minimum} up`;
  return maximum >= 2_147_483_647 ? ` from ${minimum} up` : ` from ${minimum} to ${maximum}`;
}

function literals(schema: SchemaWords): string[] {
  const own = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
  return [...own.map(String), ...(schema.anyOf ?? []).flatMap(literals)];
}

/** A description as a hint: its sentences in one, in small letters and without a full stop, as hints are. */
function hintOf({ description }: SchemaWords): string | undefined {
  return description
    ?.replace(/\.$/, "")
    .replaceAll(". ", "; ")
    .replace(/(?<=^|; )[A-Z](?![A-Z])/g, (letter) => letter.toLowerCase());
}

/** A value as it appears in a message: short, and on one line. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 50 ? `${text.slice(0, 47)}…"` : text;
}

/** `/0/roles/1/sources` → `["0", "roles", "1", "sources"]`. */
function pointerPath(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `sources[0].minpoll`: the part of a path that says something to the reader of one role or play. */
export function placeName(path: readonly (string | number)[], root = "this"): string {
  const parts = path.map(String);
  const isIndex = (part: string | undefined) => /^[0-9]+$/.test(part ?? "");
  const inPlay = isIndex(parts[0]);
  const inRole = inPlay && parts[1] === "roles" && isIndex(parts[2]);
  const inside = parts.slice(inRole ? 3 : inPlay ? 1 : 0);
  if (inside.length === 0) return inRole ? "this role" : inPlay ? "this play" : root;
  return inside.reduce((name, part) => {
    if (isIndex(part)) return `${name}[${part}]`;
    return name === "" ? part : `${name}.${part}`;
  }, "");
}
