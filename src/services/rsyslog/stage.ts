import type { ByteText } from "../../core/byte-text.ts";
import type { StagedTree } from "../../core/host-plan.ts";
import type { RsyslogModel } from "./in-force/in-force-model.ts";
import type { ObjectStatement, SourceRange } from "./syntax/statements.ts";

/** Where rsyslogd may read under AppArmor's profile, in a directory that no `*.conf` include looks into. */
export const stageDirectory = "/etc/rsyslog.d/.lfce-stage";

/**
 * The whole tree as rsyslogd would load it, below `stageDirectory` under its own paths, with includes and
 * lookup tables of staged files pointing there. Line numbers stay as they are.
 */
export function stageTree(model: RsyslogModel, texts: ReadonlyMap<string, ByteText>): StagedTree {
  const tables = model.lookupTables.filter(({ path }) => texts.has(path));
  const paths = [...new Set([...model.files, ...tables.map(({ path }) => path)])];
  const files: Record<string, ByteText> = {};
  for (const path of paths) files[stagedPath(path)] = texts.get(path) ?? "";
  for (const path of model.files) {
    files[stagedPath(path)] = rewrite(texts.get(path) ?? "", changesIn(path, model, tables));
  }
  return {
    service: "rsyslog",
    main: model.mainFile,
    directory: stageDirectory,
    stagedMain: stagedPath(model.mainFile),
    files,
  };
}

function stagedPath(path: string): string {
  return path.replace(/^\/+/, "");
}

interface Replacement {
  range: SourceRange;
  text: string;
}

function changesIn(file: string, model: RsyslogModel, tables: RsyslogModel["lookupTables"]): Replacement[] {
  const changes: Replacement[] = [];
  for (const { statement, pattern, paths, file: where, range } of model.includes) {
    // What matches nothing is left to say what it says about the live system.
    if (where !== file || paths.length === 0) continue;
    const path = `${stageDirectory}/${stagedPath(pattern)}`;
    if (statement.kind === "object") changes.push(...parameterChange(statement, path));
    else changes.push({ range, text: `$IncludeConfig ${path}` });
  }
  for (const { statement, path, file: where } of tables) {
    if (where !== file || statement.kind !== "object") continue;
    changes.push(...parameterChange(statement, `${stageDirectory}/${stagedPath(path)}`));
  }
  return changes;
}

function parameterChange(statement: ObjectStatement, path: string): Replacement[] {
  const parameter = statement.parameters.find(({ name }) => name === "file");
  return parameter ? [{ range: parameter.range, text: `file="${path.replace(/["\\]/g, "\\$&")}"` }] : [];
}

function rewrite(text: ByteText, changes: readonly Replacement[]): ByteText {
  let rewritten = text;
  let previous = Number.POSITIVE_INFINITY;
  for (const { range, text: replacement } of [...changes].sort(
    (one, other) => other.range.start - one.range.start,
  )) {
    // A file that is included twice has the same statement twice in the model.
    if (range.end > previous) continue;
    previous = range.start;
    rewritten = rewritten.slice(0, range.start) + replacement + rewritten.slice(range.end);
  }
  return rewritten;
}
