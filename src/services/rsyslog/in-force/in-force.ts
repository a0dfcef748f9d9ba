import type { ByteText } from "../../../core/byte-text.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import { findBlock } from "../syntax/block.ts";
import { readFile } from "./in-force-files.ts";
import { type ConfigurationTree, defaultRuleset, type RsyslogModel } from "./in-force-model.ts";
import type { Reading } from "./in-force-reading.ts";
import { expandInclude } from "./include.ts";

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
  return { texts, globs: observed.globs, parses: new Map() };
}

/** The model of any tree of texts, for planning on texts that other roles have edited already. */
export function modelOf(tree: ConfigurationTree, mainFile: string): RsyslogModel {
  const model: RsyslogModel = {
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
    resumeInterval: undefined,
    queueFiles: [],
    workDirectory: undefined,
    workDirectories: [],
    localRuleset: defaultRuleset,
    rulesetSteps: new Map(),
    serverBlock: findBlock(tree.texts.get(mainFile) ?? "", "syslog_server")?.range,
    unread: [],
    conditional: new Set(),
  };
  const reading: Reading = {
    model,
    order: 0,
    ruleset: defaultRuleset,
    settings: [],
    legacy: new Map(),
    open: [],
    filesRead: 0,
    include: (pattern) => expandInclude(pattern, tree),
  };
  readFile(mainFile, reading, tree);
  model.workDirectory = model.workDirectories.at(-1);
  for (const listener of model.listeners) listener.boundRuleset ||= model.localRuleset;
  return model;
}

/**
 * The model of the host that `model` is of, with other texts: the same one where nothing that it was made from
 * differs. Files whose text is the same are not parsed again.
 */
export function modelWith(
  model: RsyslogModel,
  texts: ReadonlyMap<string, ByteText>,
  globs: ConfigurationTree["globs"],
): RsyslogModel {
  const tree: ConfigurationTree = { texts, globs, parses: new Map() };
  const same =
    model.files.every((path) => texts.get(path) === model.parsed.get(path)?.text) &&
    model.unread.every((path) => !texts.has(path)) &&
    model.includes.every(({ pattern, paths }) => sameItems(paths, expandInclude(pattern, tree)));
  if (same) return model;
  for (const parsed of model.parsed.values()) tree.parses?.set(parsed.text, parsed);
  return modelOf(tree, model.mainFile);
}

function sameItems(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
