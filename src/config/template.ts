import { errorData, LfceError, type Position } from "../core/errors.ts";
import { isSecretName } from "../core/secrets.ts";
import { didYouMean } from "./suggestion.ts";
import { isVault } from "./vault.ts";

/** The variables that a template may name, and where each was given. */
export interface Scope {
  get(name: string): unknown;
  has(name: string): boolean;
  names(): Iterable<string>;
  /** Where the variable was given, if it came from a file. */
  origin(name: string): Position | undefined;
}

const TEMPLATE = /\{\{([\s\S]*?)\}\}/g;
const WHOLE = /^\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*$/;
const NAME = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*$/;

/** Whether a value is a text that must be replaced before it means something. */
export function isTemplate(value: unknown): boolean {
  return typeof value === "string" && /\{\{|\{%/.test(value);
}

/** Whether a template stands anywhere in a value. */
export function hasTemplate(value: unknown): boolean {
  if (isTemplate(value)) return true;
  if (Array.isArray(value)) return value.some(hasTemplate);
  return isPlainObject(value) && Object.values(value).some(hasTemplate);
}

/**
 * Replaces every `{{ name }}` in a value, in lists and mappings too, with the variables' own templates
 * replaced first. A text that is only `{{ name }}` becomes the variable with its type.
 * Throws `LfceError` for what lfce does not evaluate: expressions, filters, statements, `!vault`, unknown
 * names and names that lead back to themselves.
 */
export function substitute(value: unknown, scope: Scope, at?: Position): unknown {
  return replace(value, scope, at, []);
}

function replace(value: unknown, scope: Scope, at: Position | undefined, chain: readonly string[]): unknown {
  if (isVault(value)) throw vaultError(chain, at);
  if (Array.isArray(value)) return value.map((item) => replace(item, scope, at, chain));
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, replace(item, scope, at, chain)]),
    );
  }
  if (typeof value !== "string" || !isTemplate(value)) return value;
  const whole = WHOLE.exec(value)?.[1];
  if (whole !== undefined) return lookUp(whole, scope, at, chain);
  if (/\{%|\{#/.test(value)) throw expressionError(value, chain, at);
  const text = value.replace(TEMPLATE, (_all, inner: string) => {
    const name = NAME.exec(inner)?.[1];
    if (name === undefined) throw expressionError(`{{${inner}}}`, chain, at);
    const found = lookUp(name, scope, at, chain);
    if (typeof found === "object") {
      const message = `{{ ${name} }} is ${Array.isArray(found) ? "a list" : "not a plain value"}, which cannot stand inside a text`;
      throw new LfceError(errorData("config.template", message, `write only "{{ ${name} }}"`, at));
    }
    return String(found);
  });
  if (text.includes("{{") && !chain.includes("")) throw expressionError(value, chain, at);
  return text;
}

function lookUp(name: string, scope: Scope, at: Position | undefined, chain: readonly string[]): unknown {
  if (chain.includes(name)) {
    const path = [...chain.slice(chain.indexOf(name)), name].join(" → ");
    const message = `the variable ${name} leads back to itself: ${path}`;
    throw new LfceError(errorData("config.variable-cycle", message, "give one of them a value", at));
  }
  if (!scope.has(name)) {
    const hint =
      didYouMean(name, scope.names()) ?? `set ${name} in the inventory, in vars: or with -e ${name}=…`;
    throw new LfceError(errorData("config.unknown-variable", `the variable ${name} is not set`, hint, at));
  }
  const value = scope.get(name);
  // Where it was given (that is searched for in the file) matters only to what has to be evaluated.
  if (typeof value === "object" ? value === null : !isTemplate(value)) return value;
  return replace(value, scope, scope.origin(name) ?? at, [...chain, name]);
}

function vaultError(chain: readonly string[], at: Position | undefined): LfceError {
  const name = chain.at(-1);
  const message = `${name === undefined ? "this value" : `the variable ${name}`} is encrypted with Ansible Vault, which lfce cannot read`;
  const hint = `give it on the command line: -e ${name ?? "name"}=…`;
  return new LfceError(errorData("config.vault", message, hint, at));
}

function expressionError(text: string, chain: readonly string[], at: Position | undefined): LfceError {
  const name = chain.at(-1);
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  const shown = name !== undefined && isSecretName(name) ? `the value of ${name}` : short;
  const message = `${shown} is a Jinja expression; lfce replaces only {{ name }}`;
  return new LfceError(
    errorData("config.jinja", message, "put the finished value into a variable of its own", at),
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isVault(value);
}
