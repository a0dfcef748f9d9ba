import type { ObservedHost } from "../../core/observed.ts";
import type { ConfigurationTree, RsyslogModel } from "./in-force-model.ts";

/** What is in force on a host: the model of `mainFile` and everything it includes. */
export function rsyslogInForce(observed: ObservedHost, mainFile: string): RsyslogModel {
  return modelOf(treeOf(observed), mainFile);
}

/** The contents and include matches that a host was observed with. */
export function treeOf(observed: ObservedHost): ConfigurationTree {
  const texts = new Map<string, string>();
  for (const [path, file] of Object.entries(observed.files)) {
    if (file.content !== undefined) texts.set(path, file.content);
  }
  return { texts, globs: observed.globs };
}

/** The model of any tree of texts, for planning on texts that other roles have edited already. */
export function modelOf(_tree: ConfigurationTree, mainFile: string): RsyslogModel {
  return {
    mainFile,
    files: [],
    parsed: new Map(),
    includeDirectories: [],
    modules: [],
    listeners: [],
    includes: [],
    forwards: [],
    templates: [],
    fileActions: [],
    discards: [],
    rulesets: [],
    calls: [],
    lookupTables: [],
    workDirectory: undefined,
    rulesetAtEnd: new Map(),
    unread: [],
  };
}
