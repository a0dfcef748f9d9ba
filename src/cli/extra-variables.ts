import { parse } from "yaml";
import { LfceError } from "../core/errors.ts";
import { readSource } from "./inventory-files.ts";

/**
 * Variables of `-e`: `name=value` (the value as YAML, so that 10 is a number), `@FILE`, or a JSON object.
 * Later ones win.
 * @throws LfceError `bad-extra-variables`
 */
export function extraVariables(given: readonly string[]): Record<string, unknown> {
  return Object.assign({}, ...given.map(variablesOf));
}

function variablesOf(text: string): Record<string, unknown> {
  if (text.startsWith("@")) return object(readSource(text.slice(1), "variables file").text, text);
  if (text.trimStart().startsWith("{")) return object(text, text);
  const equals = text.indexOf("=");
  const name = text.slice(0, equals);
  if (equals < 1 || !/^[A-Za-z_]\w*$/.test(name)) throw malformed(text);
  return { [name]: value(text.slice(equals + 1), text) };
}

function object(yaml: string, given: string): Record<string, unknown> {
  const parsed = value(yaml, given);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw malformed(given);
  return parsed as Record<string, unknown>;
}

function value(yaml: string, given: string): unknown {
  try {
    return parse(yaml);
  } catch (error) {
    throw new LfceError(malformed(given).data, { cause: error });
  }
}

/** Says only the name or the file: a value, and any part of a JSON object, may be a secret. */
function malformed(given: string): LfceError {
  const isObject = given.trimStart().startsWith("{");
  const shown = given.startsWith("@") ? given : isObject ? "{…}" : (given.split("=", 1)[0] ?? "");
  return new LfceError({
    code: "bad-extra-variables",
    message: `-e ${shown}: not a variable`,
    hint: "write -e name=value, -e @FILE.yml or -e '{\"name\": 1}'",
  });
}
