import type { ByteText } from "../../../core/byte-text.ts";
import { errorData, type LfceErrorData, type Warning } from "../../../core/errors.ts";
import { defaultRuleset, type Include, type Placed, type RsyslogModel } from "../in-force/in-force-model.ts";
import { includeMatcher } from "../in-force/include.ts";
import { lineNumber, placeOf } from "../in-force/position.ts";
import { type BlockPlace, findBlock } from "../syntax/block.ts";
import { switchedOffStatements } from "../syntax/edit.ts";
import type { ParsedFile, SourceRange, Statement } from "../syntax/statements.ts";
import { isInServerBlock } from "./listener.ts";

/** Directory of lfce's files of rules. */
export const rulesDirectory = "/etc/rsyslog.d";

const includeLine = `$IncludeConfig ${rulesDirectory}/*.conf`;

/** What it takes for the files in /etc/rsyslog.d to be read. */
export interface IncludeNeeds {
  lines: string[];
  warnings: Warning[];
  errors: LfceErrorData[];
}

/** The includes that read a file of this path, the role's own left out. */
export function includesOf(path: string, model: RsyslogModel): Include[] {
  return model.includes.filter((one) => !isInServerBlock(one, model) && includeMatcher(one.pattern)(path));
}

/** Makes sure of the include of /etc/rsyslog.d/*.conf, and tells when it comes late or in a wrong ruleset. */
export function planInclude(model: RsyslogModel, firstFile: string): IncludeNeeds {
  const [include] = includesOf(firstFile, model);
  if (!include) return { lines: [includeLine], warnings: [], errors: [] };
  if (include.ruleset !== defaultRuleset)
    return {
      lines: [],
      warnings: [],
      errors: [
        errorData(
          "include-in-ruleset",
          `${placeOf(include, model)} includes ${rulesDirectory} inside the ruleset ${include.ruleset}, so rules there do not see what the default ruleset receives`,
          "move the include before the $RuleSet line",
        ),
      ],
    };
  const warnings = include.afterFirstRule ? [lateInclude(include, model)] : [];
  const leak = rulesetBefore(include, firstFile, model);
  return { lines: [], warnings, errors: leak ? [leak] : [] };
}

function lateInclude(include: Include, model: RsyslogModel): Warning {
  return {
    code: "include-after-first-rule",
    message: `${placeOf(include, model)} includes ${rulesDirectory} after the first rule of the file, so received messages also go where the rules before it put them`,
    hint: "move the include before the first rule",
  };
}

/** A file that is read earlier and leaves another ruleset current would take lfce's rules along. */
function rulesetBefore(include: Include, firstFile: string, model: RsyslogModel): LfceErrorData | undefined {
  const before = include.paths.filter((path) => path < firstFile).at(-1);
  const ruleset = before === undefined ? undefined : model.rulesetSteps.get(before)?.at(-1)?.ruleset;
  if (before === undefined || ruleset === undefined || ruleset === defaultRuleset) return undefined;
  return errorData(
    "ruleset-left-open",
    `${before} ends inside the ruleset ${ruleset}, so the files after it would belong to that`,
    `end ${before} with: $RuleSet ${defaultRuleset}`,
  );
}

/**
 * Where the role's block goes in the main file: behind the modules that it uses; else beside the file's own
 * commented examples of listeners, or behind its last module; always before the first rule and where the
 * default ruleset is current.
 */
export function serverBlockPlace(model: RsyslogModel, uses: readonly Placed[]): BlockPlace {
  const parsed = model.parsed.get(model.mainFile);
  if (!parsed) return { kind: "end" };
  const limit = firstRuleStart(parsed, model);
  const needed = uses.map((module) => positionInMain(module, model));
  const wished = [...listenerExamples(parsed), ...moduleLines(parsed)].filter((end) => end <= limit);
  const anchor = Math.max(0, ...needed, ...wished.slice(0, 1));
  const fallback = anchor === 0 ? limit : anchor;
  const offset = beforeClientBlock(
    parsed.text,
    anchor === 0 ? lineStart(parsed.text, fallback) : nextLine(parsed, fallback),
  );
  return offset >= parsed.text.length ? { kind: "end" } : { kind: "offset", offset };
}

/** A statement that lacks its end would take in a block behind it, and rsyslogd cannot read it either. */
export function unfinishedBefore(place: BlockPlace, model: RsyslogModel): LfceErrorData | undefined {
  const parsed = model.parsed.get(model.mainFile);
  if (parsed?.unfinished === undefined) return undefined;
  if (place.kind === "offset" && place.offset <= parsed.unfinished) return undefined;
  const line = lineNumber(parsed, parsed.unfinished);
  return errorData(
    "statement-unfinished",
    `what begins in line ${line} of ${model.mainFile} lacks its end, so nothing can be written behind it`,
    "close its bracket, brace, quote or comment, or give it its action",
    { file: model.mainFile, line, column: 1 },
  );
}

/** Where in the main file a module is there to be used: behind its statement, or the include that brings it. */
function positionInMain(module: Placed, model: RsyslogModel): number {
  if (module.file === model.mainFile) return module.range.end;
  const brings = model.includes.filter(
    (include) => include.file === model.mainFile && include.order < module.order,
  );
  const ends = brings.map((include) => include.range.end);
  return ends.length === 0 ? 0 : Math.max(...ends);
}

/** Where the first rule begins; one that is switched off counts, for it may come back. */
function firstRuleStart(parsed: ParsedFile, model: RsyslogModel): number {
  const end = parsed.text.length;
  const marked = switchedOffStatements(parsed.text).find(({ statement }) => isRule(statement));
  return Math.min(firstRule(parsed, model)?.range.start ?? end, marked?.range.start ?? end);
}

/** The first statement that handles messages, or that makes another ruleset current. */
function firstRule(parsed: ParsedFile, model: RsyslogModel): Statement | undefined {
  const left = model.rulesetSteps
    .get(model.mainFile)
    ?.find((step) => step.ruleset !== defaultRuleset)?.offset;
  return parsed.statements.find(
    (statement) => isRule(statement) || (left !== undefined && statement.range.end >= left),
  );
}

function isRule(statement: Statement): boolean {
  return (
    ["rule", "if", "foreach", "legacy-action", "stop", "call"].includes(statement.kind) ||
    (statement.kind === "object" && ["action", "ruleset"].includes(statement.name))
  );
}

/** Ends of comment lines that show how a listener is written, the last first. */
function listenerExamples(parsed: ParsedFile): number[] {
  return parsed.comments
    .filter(({ range, form }) => {
      const example = /^#\s*(input\s*\(\s*type="im(tcp|udp)"|\$(InputTCPServerRun|UDPServerRun)\b)/i;
      return form === "line" && example.test(parsed.text.slice(range.start, range.end));
    })
    .map(({ range }) => range.end)
    .reverse();
}

/** Ends of statements that load modules or open listeners, the last first. */
function moduleLines(parsed: ParsedFile): number[] {
  return parsed.statements
    .filter(
      (statement) =>
        (statement.kind === "object" && ["module", "input"].includes(statement.name)) ||
        (statement.kind === "directive" && /^(modload|inputtcpserverrun|udpserverrun)$/.test(statement.name)),
    )
    .map(({ range }) => range.end)
    .reverse();
}

/** A place inside the client's block is one in front of it: that block is taken away as a whole. */
function beforeClientBlock(text: ByteText, offset: number): number {
  const block = findBlock(text, "syslog_client")?.range;
  return block && block.start < offset && offset < block.end ? block.start : offset;
}

function lineStart(text: ByteText, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The first line's start behind `offset` that lies inside no statement and no comment. */
function nextLine(parsed: ParsedFile, offset: number): number {
  const newline = parsed.text.indexOf("\n", offset);
  if (newline === -1) return parsed.text.length;
  const inside = ({ range }: { range: SourceRange }) => range.start <= newline && newline < range.end;
  const around = parsed.statements.find(inside) ?? parsed.comments.find(inside);
  return around ? nextLine(parsed, around.range.end) : newline + 1;
}
