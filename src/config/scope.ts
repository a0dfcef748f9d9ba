import type { Position } from "../core/errors.ts";
import type { Scope } from "./template.ts";

/** A scope over plain variables; later records win. */
export function recordScope(
  variables: Record<string, unknown>,
  origin: (name: string) => Position | undefined = () => undefined,
): Scope {
  return {
    has: (name) => Object.hasOwn(variables, name),
    get: (name) => variables[name],
    names: () => Object.keys(variables),
    origin,
  };
}
