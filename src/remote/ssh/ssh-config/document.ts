import type { ConfigLine } from "./lines.ts";
import type { ConfigKeyword, ConfigValues } from "./values.ts";

/** One criterion of a Match line. */
export interface MatchCriterion {
  /** `host`, `user` …, in lower case. */
  name: string;
  negated: boolean;
  /** Patterns; empty for `all`, `canonical` and `final`. */
  patterns: string;
}

/** A line of ssh_config as data; values are checked. */
export type ConfigStatement =
  | { kind: "set"; keyword: ConfigKeyword; value: ConfigValues[ConfigKeyword]; line: ConfigLine }
  | { kind: "host"; patterns: string[] }
  | { kind: "match"; criteria: MatchCriterion[]; line: ConfigLine }
  /** The files that an Include names, in order. */
  | { kind: "include"; files: ConfigStatement[][] };
