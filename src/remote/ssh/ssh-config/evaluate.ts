import { isIP } from "node:net";
import type { Warning } from "../../../core/errors.ts";
import { anyPatternMatches } from "../wildcard.ts";
import type { ConfigStatement } from "./document.ts";
import { placeOf } from "./lines.ts";
import { criteriaHold } from "./match.ts";
import { expandTokens } from "./tokens.ts";
import { ACCUMULATING, type ConfigKeyword, type ConfigValues } from "./values.ts";

/** Whom a configuration is evaluated for. */
export interface ConfigQuery {
  /** The host as it was asked for: ssh's argument. */
  host: string;
  localUser: string;
  warn(warning: Warning): void;
}

/** What ssh_config says of one host. */
export interface Evaluation {
  values: Omit<ConfigValues, "identityfile" | "certificatefile">;
  identityFiles: string[];
  certificateFiles: string[];
  /** HostName with its tokens expanded, else the host as asked for; a name is in lower case. */
  address: string;
  /** Keyword → who set it: `~/.ssh/config:12`. */
  origins: Partial<Record<ConfigKeyword, string>>;
}

/**
 * What the sources say of a host, as ssh works it out: the first value of a keyword wins, so `given` (command line
 * and inventory) before the files, the user's before the system's. Each file starts outside of any block.
 */
export function evaluateConfig(
  given: readonly ConfigStatement[],
  files: readonly (readonly ConfigStatement[])[],
  query: ConfigQuery,
): Evaluation {
  const state: State = { query, values: {}, lists: {}, origins: {}, final: false, wantsFinal: false };
  read(given, state, true);
  for (const file of files) read(file, state, true);
  const address = addressOf(state);
  if (state.wantsFinal || state.values.canonicalizehostname === "yes") {
    state.final = true;
    state.values.hostname = address;
    for (const file of files) read(file, state, true);
  }
  return {
    values: state.values,
    identityFiles: state.lists.identityfile ?? [],
    certificateFiles: state.lists.certificatefile ?? [],
    address,
    origins: state.origins,
  };
}

interface State {
  query: ConfigQuery;
  values: ConfigValues;
  lists: Partial<Record<ConfigKeyword, string[]>>;
  origins: Evaluation["origins"];
  final: boolean;
  wantsFinal: boolean;
}

/** Reads one file; `outer` is whether the place that includes it counts. Blocks of an included file end with it. */
function read(statements: readonly ConfigStatement[], state: State, outer: boolean): void {
  let active = outer;
  for (const statement of statements) {
    switch (statement.kind) {
      case "host":
        active = outer && anyPatternMatches(statement.patterns, nameOf(state));
        break;
      case "match":
        // ssh reads the rest once more wherever a `Match final` stands, be it in a block that does not count.
        state.wantsFinal ||= statement.criteria.some(({ name, negated }) => name === "final" && !negated);
        active = outer && criteriaHold(statement.criteria, subject(state), statement.line, state.query.warn);
        break;
      case "include":
        for (const file of statement.files) read(file, state, active);
        break;
      case "set":
        if (active) set(statement, state);
    }
  }
}

/** What Host is compared with: the host as asked for, in the final reading the address. */
function nameOf({ query, values, final }: State): string {
  return final ? (values.hostname ?? query.host) : query.host;
}

function set({ keyword, value, line }: ConfigStatement & { kind: "set" }, state: State): void {
  if (value === undefined) return;
  if (ACCUMULATING.has(keyword)) {
    const list = state.lists[keyword] ?? [];
    if (!list.includes(value as string)) state.lists[keyword] = [...list, value as string];
    state.origins[keyword] ??= placeOf(line);
    return;
  }
  const { values } = state;
  if (values[keyword] !== undefined) return;
  // Whichever of the two comes first prevents the other, also when it says none (OpenSSH up to 10.2, and its manual).
  if (keyword === "proxycommand" && values.proxyjump !== undefined) return;
  if (keyword === "proxyjump" && (value as unknown[]).length > 0) {
    if (values.proxycommand !== undefined) return;
    values.proxycommand = "";
  }
  (values as Record<string, unknown>)[keyword] = value;
  state.origins[keyword] = placeOf(line);
}

function subject(state: State) {
  const { query, values, final: finalPass } = state;
  return {
    host: finalPass ? nameOf(state) : addressOf(state),
    originalHost: query.host,
    user: values.user ?? query.localUser,
    localUser: query.localUser,
    finalPass,
  };
}

function addressOf({ query, values, origins }: State): string {
  const { hostname } = values;
  const address =
    hostname === undefined
      ? query.host
      : expandTokens(hostname, { h: query.host }, origins.hostname ?? "HostName");
  return isIP(address) === 4 ? address : address.toLowerCase();
}
