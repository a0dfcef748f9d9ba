import type { ByteText } from "../../../core/byte-text.ts";
import type { Filter, ObjectStatement, ParsedFile, SourceRange, Statement } from "../syntax/statements.ts";

/** The ruleset that messages enter whose input names no other. */
export const defaultRuleset = "RSYSLOG_DefaultRuleset";

/** Where something stands. `order` grows in the order in which rsyslogd reads, over all files. */
export interface Placed {
  file: string;
  statement: Statement;
  range: SourceRange;
  /** The ruleset to which a rule or action at this place belongs. */
  ruleset: string;
  order: number;
  /** Statements around it (filters, `if`, `ruleset()`), outermost first. */
  ancestors: Statement[];
}

/** `module(load="imtcp")` or `$ModLoad imtcp`. */
export interface LoadedModule extends Placed {
  /** Lower case, without path and `.so`. */
  name: string;
  /** Loaded by `module()` or set up by `input()`: its legacy directives are then refused. */
  legacy: boolean;
  /** Parameters of `module()`; of the legacy form none. */
  parameters: Record<string, string>;
}

/** A network input: imtcp, imptcp, imudp, imrelp, imgssapi. */
export interface Listener extends Placed {
  module: string;
  protocol: "tcp" | "udp" | "relp";
  /** NaN when it is no number (a service name, an environment variable). */
  port: number;
  /** Local address; undefined: all. */
  address: string | undefined;
  /** The ruleset that its messages enter. */
  boundRuleset: string;
  legacy: boolean;
}

export interface Include extends Placed {
  /** As written. */
  pattern: string;
  /** What it matched, in the order of reading. */
  paths: string[];
  /** A missing file is no error. */
  optional: boolean;
  /** An earlier rule of the same file (a filter, an action, a stop) sees messages first. */
  afterFirstRule: boolean;
}

/** What a forward's queue and retries are set to, in either language. */
export interface ForwardQueue {
  type: string | undefined;
  file: string | undefined;
  maxDisk: string | undefined;
  saveOnShutdown: boolean;
  spoolDirectory: string | undefined;
}

/** What narrows the messages that reach an action; an `else` branch shows as `not (…)`. */
export type MessageFilter = Filter | { kind: "expression"; text: string };

/** A forward: `@host`, `@@host`, `action(type="omfwd" …)`. */
export interface Forward extends Placed {
  protocol: "tcp" | "udp" | "relp";
  /** Without the brackets of an IPv6 address. */
  target: string;
  /** 514 when left out; NaN when it is no number. */
  port: number;
  /** The filters around it, outermost first; empty: every message. */
  filters: MessageFilter[];
  queue: ForwardQueue;
  /** action.resumeRetryCount; 0 when left out. */
  retry: number;
  template: string | undefined;
  legacy: boolean;
  /** Sent encrypted, or with another option that makes it something else than a plain forward. */
  special: boolean;
  /** The `$Action…` lines that configure this forward, in order. */
  settings: Placed[];
}

export interface Template extends Placed {
  name: string;
  /** For a string template its text. */
  text: string | undefined;
}

/** A file that messages are written to. */
export interface FileAction extends Placed {
  path: string | undefined;
  /** Name of the template that makes the path. */
  dynamic: string | undefined;
  /** The filter around it, outermost first. */
  filters: MessageFilter[];
}

/** A `stop` or `~`. */
export interface Discard extends Placed {
  filters: MessageFilter[];
}

export interface Ruleset extends Placed {
  name: string;
}

export interface CallSite extends Placed {
  /** Undefined for `call_indirect`. */
  name: string | undefined;
  filters: MessageFilter[];
}

/** `lookup_table(name= file=)`. */
export interface LookupTable extends Placed {
  name: string;
  path: string;
}

/** Everything that rsyslogd does with the main file and what it includes, both languages in one form. */
export interface RsyslogModel {
  mainFile: string;
  /** Every configuration file in the order of first reading, the main file first. */
  files: string[];
  parsed: Map<string, ParsedFile>;
  /** Directories that include patterns look into. */
  includeDirectories: string[];
  modules: LoadedModule[];
  listeners: Listener[];
  includes: Include[];
  forwards: Forward[];
  templates: Template[];
  fileActions: FileAction[];
  discards: Discard[];
  rulesets: Ruleset[];
  calls: CallSite[];
  lookupTables: LookupTable[];
  /** The last value of `$ActionResumeInterval`, which holds for every legacy action after it; seconds. */
  resumeInterval: number | undefined;
  /** Every file name that a queue spools to, in either language. */
  queueFiles: (Placed & { name: string })[];
  /** The last one. */
  workDirectory: (Placed & { path: string }) | undefined;
  /** Every setting of the work directory, in order. */
  workDirectories: (Placed & { path: string })[];
  /** The ruleset that messages enter whose input names none: the default one, or that of `$DefaultRuleset`. */
  localRuleset: string;
  /** By file, in order: from `offset` on a rule at the top level belongs to `ruleset`. */
  rulesetSteps: Map<string, { offset: number; ruleset: string }[]>;
  /** Where the block of the role syslog_server stands in the main file. */
  serverBlock: SourceRange | undefined;
  /** Included paths whose content was not observed. */
  unread: string[];
  /** Objects that are there or not as the daemon's environment says (`config.enabled` in backticks). */
  conditional: Set<Statement>;
}

/** The parameters of an object as a record, names in lower case; arrays joined with commas. */
export function parameterRecord(statement: ObjectStatement): Record<string, string> {
  const record: Record<string, string> = {};
  for (const { name, value } of statement.parameters) {
    record[name] = typeof value === "string" ? value : value.join(",");
  }
  return record;
}

/** What the model is made from: content by path, and what include patterns match. */
export interface ConfigurationTree {
  texts: ReadonlyMap<string, ByteText>;
  /** Include pattern as written → paths, as observed on the host. */
  globs: Record<string, string[]>;
  /** Parsed texts, so that models of trees that share files parse them once. */
  parses?: Map<ByteText, ParsedFile>;
}
