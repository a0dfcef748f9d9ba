import { errorData, type LfceErrorData, type Position } from "../../core/errors.ts";
import { atLeast } from "../version-order.ts";
import type { Claims } from "./claims.ts";
import { directiveSince } from "./directives.ts";
import { sourceOptionSince } from "./source-line.ts";

/** Errors for every declared option and directive that the host's chrony is too old for. */
export function versionErrors(claims: Claims, version: string | undefined, at?: Position): LfceErrorData[] {
  const needs = new Map<string, string>();
  const need = (what: string, since: string | undefined) => {
    if (since !== undefined && !atLeast(version, since)) needs.set(what, since);
  };
  for (const source of claims.sources?.wanted ?? []) {
    if (source.kind === "pool") need("pool", directiveSince("pool"));
    for (const [name, wanted] of Object.entries(source.options)) {
      if (wanted !== false) need(`the source option ${name}`, sourceOptionSince(name));
    }
  }
  if (claims.access?.local?.orphan) need("local … orphan", "2.4");
  for (const [name, { values }] of claims.directives) {
    if (values.length > 0) need(`the directive ${name}`, directiveSince(name));
  }
  return [...needs].map(([what, since]) =>
    errorData(
      "chrony-too-old",
      `${what} needs chrony ${since}; this host has ${version}`,
      "install a newer chrony on the host, or take the setting out of the playbook for it",
      at,
    ),
  );
}
