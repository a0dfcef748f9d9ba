import type { ByteText } from "../../../core/byte-text.ts";

/** Offsets into the file's `ByteText`: `start` inclusive, `end` exclusive. */
export interface SourceRange {
  start: number;
  end: number;
}

/**
 * One file as rsyslogd reads it (rsyslog.conf(5)): top-level statements in order. What lies between them is
 * white space and comments, so that statements and gaps together are the text, byte for byte.
 */
export interface ParsedFile {
  text: ByteText;
  statements: Statement[];
  /** Every comment wherever it stands, inside statements too, in order. */
  comments: Comment[];
  /**
   * Where the first top-level statement or comment begins that lacks its end (a bracket, an action …): what
   * is put behind it would become a part of it. Undefined when everything is complete.
   */
  unfinished: number | undefined;
  /** Offsets of the line ends. */
  lineEnds: number[];
}

export interface Comment {
  range: SourceRange;
  form: "line" | "block";
}

/** One statement. `range` begins at its first and ends after its last byte, without the line's end. */
export type Statement =
  | Directive
  | ObjectStatement
  | Rule
  | IfStatement
  | ForEach
  | LegacyAction
  | Stop
  | Call
  | Assignment
  | BsdBlock
  | Unknown;

export interface StatementBase {
  range: SourceRange;
  /** Joined to the statement before it by `&`; the `&` is inside `range`. */
  chained: boolean;
}

/** Legacy `$Name value`. */
export interface Directive extends StatementBase {
  kind: "directive";
  /** Lower case, without the `$`. */
  name: string;
  /** The value without a trailing `# comment` and surrounding blanks; continuation lines are joined. */
  value: string;
}

/**
 * RainerScript object: `module(…)`, `input(…)`, `action(…)`, `ruleset(…) {…}`, `template(…) {…}`,
 * `include(…)`, `global(…)`, `main_queue(…)`, `lookup_table(…)` and so on.
 */
export interface ObjectStatement extends StatementBase {
  kind: "object";
  /** Lower case: `module`, `input`, `action` … */
  name: string;
  parameters: Parameter[];
  /** What stands in the braces of a ruleset or template; undefined when there are none. */
  body: Statement[] | undefined;
}

export interface Parameter {
  /** Lower case. */
  name: string;
  /** Escapes resolved; an array keeps its elements. */
  value: string | string[];
  /** In backticks: rsyslogd takes the value from its environment when it starts, so nobody knows it here. */
  fromEnvironment?: true;
  /** `name="value"` as it stands. */
  range: SourceRange;
}

/** Which messages a rule is about. */
export type Filter =
  /** `mail.*;kern.err`: joined over continuation lines. */
  | { kind: "selector"; text: string; range: SourceRange }
  /** `:property, [!]operation, "value"`. */
  | {
      kind: "property";
      text: string;
      property: string;
      negated: boolean;
      operation: string;
      value: string;
      range: SourceRange;
    };

/** A filter and what is done: its action, the `&` lines after it, or a block in braces. */
export interface Rule extends StatementBase {
  kind: "rule";
  filter: Filter;
  body: Statement[];
  braces: boolean;
}

export interface IfStatement extends StatementBase {
  kind: "if";
  /** The expression between `if` and `then`, as written. */
  condition: string;
  then: Statement[];
  /** Empty when there is no `else`. */
  else: Statement[];
}

export interface ForEach extends StatementBase {
  kind: "foreach";
  iterator: string;
  body: Statement[];
}

/** `/file`, `-/file`, `@host`, `@@host`, `:omusrmsg:*`, `|/pipe`, `?Template`, `^program`, `*`, a user list … */
export interface LegacyAction extends StatementBase {
  kind: "legacy-action";
  /** As written to the end of the line, without trailing blanks; a `# comment` may be in it. */
  text: string;
}

/** `stop`, or the old `~`. */
export interface Stop extends StatementBase {
  kind: "stop";
}

export interface Call extends StatementBase {
  kind: "call";
  /** Undefined for `call_indirect`. */
  ruleset: string | undefined;
}

/** `set`, `reset`, `unset`, `continue`, `reload_lookup_table`: nothing that lfce edits. */
export interface Assignment extends StatementBase {
  kind: "assignment";
  text: string;
}

/** `!program`, `+host`, `-host`: refused by rsyslog since version 7. */
export interface BsdBlock extends StatementBase {
  kind: "bsd-block";
  text: string;
}

/** What is no rsyslog at all; kept and passed over. */
export interface Unknown extends StatementBase {
  kind: "unknown";
  text: string;
}

/** The statements directly inside a statement, in order. */
export function childrenOf(statement: Statement): Statement[] {
  switch (statement.kind) {
    case "rule":
    case "foreach":
      return statement.body;
    case "object":
      return statement.body ?? [];
    case "if":
      return [...statement.then, ...statement.else];
    default:
      return [];
  }
}

/** The value of an object's parameter by its name in any case; of an array its first element. */
export function parameterOf(statement: ObjectStatement, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = statement.parameters.find((parameter) => parameter.name === wanted);
  if (found === undefined) return undefined;
  return typeof found.value === "string" ? found.value : found.value[0];
}
