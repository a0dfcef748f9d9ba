import { keptLately } from "../../../core/kept-lately.ts";
import { legacyForward, objectForward } from "../client/forward.ts";
import { parseRsyslog } from "../syntax/parse.ts";
import { withoutComment } from "../syntax/parse-legacy.ts";
import { type ParsedFile, parameterOf, type Statement } from "../syntax/statements.ts";
import { readDirective } from "./in-force-directives.ts";
import type { ConfigurationTree, MessageFilter, RsyslogModel } from "./in-force-model.ts";
import { readObject } from "./in-force-objects.ts";
import { inside, isEnabled, placed, type Reading, type Surroundings } from "./in-force-reading.ts";
import { includeDirectory } from "./include.ts";

/** More files than any host has: a bound for includes that include each other again and again. */
const mostFiles = 2000;

/** Reads one file where it is included; rsyslogd ignores an include of a file that is being read. */
export function readFile(path: string, reading: Reading, tree: ConfigurationTree): void {
  const { model } = reading;
  if (reading.open.includes(path) || reading.filesRead >= mostFiles) return;
  const parsed = parsedFile(path, model, tree);
  if (!parsed) {
    if (!model.unread.includes(path)) model.unread.push(path);
    return;
  }
  reading.filesRead++;
  reading.open.push(path);
  const steps = [{ offset: 0, ruleset: reading.ruleset }];
  let rules = false;
  for (const statement of parsed.statements) {
    const around = { file: path, ancestors: [], filters: [], ruleset: reading.ruleset, afterRule: rules };
    readStatement(statement, around, reading, tree);
    rules ||= isRule(statement);
    if (reading.ruleset !== steps.at(-1)?.ruleset) {
      steps.push({ offset: statement.range.end, ruleset: reading.ruleset });
    }
  }
  if (!model.rulesetSteps.has(path)) model.rulesetSteps.set(path, steps);
  reading.open.pop();
}

function parsedFile(path: string, model: RsyslogModel, tree: ConfigurationTree): ParsedFile | undefined {
  const known = model.parsed.get(path);
  if (known) return known;
  const text = tree.texts.get(path);
  if (text === undefined) return undefined;
  const parsed = tree.parses?.get(text) ?? parsedLately(text);
  tree.parses?.set(text, parsed);
  model.parsed.set(path, parsed);
  model.files.push(path);
  return parsed;
}

/** Nobody changes what was parsed. */
const parsedLately = keptLately(parseRsyslog);

/** A statement that handles messages, as opposed to settings and definitions. */
function isRule(statement: Statement): boolean {
  if (statement.kind === "object") return statement.name === "action";
  return ["rule", "if", "foreach", "legacy-action", "stop", "call"].includes(statement.kind);
}

function readStatement(
  statement: Statement,
  around: Surroundings,
  reading: Reading,
  tree: ConfigurationTree,
): void {
  const { model } = reading;
  const { filters } = around;
  switch (statement.kind) {
    case "directive": {
      const pattern = readDirective(statement, around, reading);
      if (pattern !== undefined) readInclude(statement, pattern, false, around, reading, tree);
      return;
    }
    case "rule":
      readAll(statement.body, inside(statement, around, [statement.filter]), reading, tree);
      return;
    case "if": {
      const otherwise = expression(`not (${statement.condition})`);
      readAll(statement.then, inside(statement, around, [expression(statement.condition)]), reading, tree);
      readAll(statement.else, inside(statement, around, [otherwise]), reading, tree);
      return;
    }
    case "foreach":
      readAll(statement.body, inside(statement, around, [expression(statement.iterator)]), reading, tree);
      return;
    case "stop":
      model.discards.push(Object.assign(placed(statement, around, reading), { filters }));
      return;
    case "call":
      model.calls.push(
        Object.assign(placed(statement, around, reading), { name: statement.ruleset, filters }),
      );
      return;
    case "legacy-action":
      readLegacyAction(statement, around, reading);
      return;
    case "object": {
      const enabled = isEnabled(statement);
      if (enabled === false) return;
      if (enabled === undefined) model.conditional.add(statement);
      const queueFile = parameterOf(statement, "queue.filename");
      if (queueFile !== undefined) {
        model.queueFiles.push(Object.assign(placed(statement, around, reading), { name: queueFile }));
      }
      if (statement.name === "action") {
        const forward = objectForward(statement);
        if (forward) {
          const place = placed(statement, around, reading);
          model.forwards.push(Object.assign(place, forward, { filters, settings: [] }));
        }
        reading.settings = [];
      }
      const included = readObject(statement, around, reading);
      if (included) readInclude(statement, included.pattern, included.optional, around, reading, tree);
      const name = parameterOf(statement, "name");
      if (statement.name === "ruleset" && name !== undefined && statement.body) {
        readAll(statement.body, inside(statement, around, [], name), reading, tree);
      }
      return;
    }
    default:
      return;
  }
}

function readAll(
  statements: readonly Statement[],
  around: Surroundings,
  reading: Reading,
  tree: ConfigurationTree,
): void {
  for (const child of statements) readStatement(child, around, reading, tree);
}

function expression(text: string): MessageFilter {
  return { kind: "expression", text };
}

function readLegacyAction(
  statement: Statement & { kind: "legacy-action" },
  around: Surroundings,
  reading: Reading,
): void {
  const settings = reading.settings;
  reading.settings = [];
  const place = placed(statement, around, reading);
  const forward = legacyForward(statement.text, settings);
  if (forward) {
    reading.model.forwards.push(Object.assign(place, forward, { filters: around.filters, settings }));
    return;
  }
  const file = /^-?(\?|(?=[/.]))([^;\s]+)/.exec(withoutComment(statement.text));
  if (!file) return;
  const path = file[1] === "?" ? undefined : file[2];
  const dynamic = file[1] === "?" ? file[2] : undefined;
  reading.model.fileActions.push(Object.assign(place, { path, dynamic, filters: around.filters }));
}

function readInclude(
  statement: Statement,
  pattern: string,
  optional: boolean,
  around: Surroundings,
  reading: Reading,
  tree: ConfigurationTree,
): void {
  const paths = reading.include(pattern);
  const directory = includeDirectory(pattern);
  if (directory !== undefined && !reading.model.includeDirectories.includes(directory)) {
    reading.model.includeDirectories.push(directory);
  }
  const place = placed(statement, around, reading);
  reading.model.includes.push(
    Object.assign(place, { pattern, paths, optional, afterFirstRule: around.afterRule }),
  );
  for (const path of paths) readFile(path, reading, tree);
}
