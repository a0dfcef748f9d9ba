import type { ObjectStatement, Statement } from "../syntax/statements.ts";
import type { MessageFilter, Placed, RsyslogModel } from "./in-force-model.ts";

/** What rsyslogd remembers from statement to statement while it reads, over all files. */
export interface Reading {
  model: RsyslogModel;
  order: number;
  /** Set by `$RuleSet`. */
  ruleset: string;
  /** `$Action…` lines that wait for the next action. */
  settings: Placed[];
  /** Values of legacy directives that stay until they are changed, by name in lower case. */
  legacy: Map<string, string>;
  /** The files that are being read, outermost first. */
  open: string[];
  filesRead: number;
  include(pattern: string): string[];
}

/** What is around a statement. */
export interface Surroundings {
  file: string;
  ancestors: Statement[];
  filters: MessageFilter[];
  ruleset: string;
  /** A rule of the same file stands before it. */
  afterRule: boolean;
}

/**
 * Notes where a statement stands. More is added to it with Object.assign: a spread into a new object costs
 * forty times as much, and files have thousands of statements.
 */
export function placed(statement: Statement, around: Surroundings, reading: Reading): Placed {
  return {
    file: around.file,
    statement,
    range: statement.range,
    ruleset: around.ruleset,
    order: reading.order++,
    ancestors: around.ancestors,
  };
}

/** What is around the statements inside `statement`, which lets only messages through that pass `filters`. */
export function inside(
  statement: Statement,
  around: Surroundings,
  filters: readonly MessageFilter[],
  ruleset = around.ruleset,
): Surroundings {
  return {
    file: around.file,
    ancestors: [...around.ancestors, statement],
    filters: [...around.filters, ...filters],
    ruleset,
    afterRule: around.afterRule,
  };
}

/**
 * Whether an object is there at all: with a `config.enabled` that is not `on` it is not. Undefined when that
 * comes from the daemon's environment.
 */
export function isEnabled(statement: ObjectStatement): boolean | undefined {
  const enabled = statement.parameters.find(({ name }) => name === "config.enabled");
  if (enabled?.fromEnvironment) return undefined;
  return enabled === undefined || enabled.value === "on";
}
