import { type FilePiece, resolveFile } from "./file-tokens.ts";
import { networkCondition } from "./server-network.ts";
import type { StoreRule } from "./store-rules.ts";
import type { StepCondition, StoreStep, StoreUnit } from "./store-units.ts";
import { mayBeLocal } from "./store-units.ts";
import { renderTemplate } from "./template.ts";

/** What the files of one server have in common. */
export interface StoreStyle {
  playbook: string;
  /** Values of `$inputname` of the network inputs: what came from outside. */
  inputNames: readonly string[];
  /** Group of files and directories that are created; undefined: the daemon's own. */
  group: string | undefined;
}

/** First line of every file that lfce has for itself. */
export function serverFileHeader(playbook: string): string {
  return `# lfce: file of syslog_server, playbook ${playbook}\n`;
}

/** The playbook that a file of lfce's own names in its first line; undefined: not lfce's. */
export function serverFilePlaybook(text: string): string | undefined {
  return /^# lfce: file of syslog_server, playbook ([^\r\n]+)\r?\n/.exec(text)?.[1];
}

/** True for messages that came in over the network. `fromhost-ip` does not tell: local messages have one too. */
export function receivedCondition(style: StoreStyle): string {
  return anyOf("$inputname", style.inputNames);
}

/** `$property == "value"`, or `== [ … ]` for several. */
export function anyOf(property: string, values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`).join(", ");
  return `${property} == ${values.length === 1 ? quoted : `[${quoted}]`}`;
}

/** Collects the templates that actions need, and names them uniquely within one file. */
export interface TemplateList {
  prefix: string;
  texts: Map<string, string>;
}

/** The template for these pieces, made when it is not there yet. */
function templateFor(list: TemplateList, pieces: readonly FilePiece[]): string {
  const key = JSON.stringify(pieces);
  const found = [...list.texts.keys()].indexOf(key);
  const name = `${list.prefix}_${(found === -1 ? list.texts.size : found) + 1}`;
  if (found === -1) list.texts.set(key, renderTemplate(name, pieces));
  return name;
}

/** `action(type="omfile" …)` for a rule; `files` is how many files at once its name may mean. */
export function renderAction(
  rule: StoreRule,
  pieces: readonly FilePiece[],
  style: StoreStyle,
  templates: TemplateList,
  files: number,
): string {
  const file = resolveFile(pieces, {});
  const { mode, owner, group = style.group } = rule.declared;
  const parameters =
    file.kind === "static"
      ? [["file", file.path]]
      : [
          ["dynaFile", templateFor(templates, file.pieces)],
          ["dynaFileCacheSize", `${Math.min(Math.max(files, 10), 1000)}`],
        ];
  parameters.push(["fileCreateMode", (mode ?? "0640").padStart(4, "0")]);
  if (owner !== undefined) parameters.push(["fileOwner", owner]);
  if (group !== undefined) parameters.push(["fileGroup", group]);
  parameters.push(["dirCreateMode", "0750"]);
  if (owner !== undefined) parameters.push(["dirOwner", owner]);
  if (group !== undefined) parameters.push(["dirGroup", group]);
  return `action(type="omfile" ${parameters.map(([name, value]) => `${name}="${value}"`).join(" ")})`;
}

/** Indents every line by two blanks. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** `if CONDITION then { … }`, or the lines themselves when there is no condition. */
export function guarded(condition: string | undefined, lines: readonly string[]): string[] {
  return condition === undefined ? [...lines] : [`if ${condition} then {`, ...indent(lines), "}"];
}

function stepExpression(condition: StepCondition): string | undefined {
  if (condition.kind === "always") return undefined;
  const { addresses, hostnames } = condition;
  const parts = [
    ...(addresses.length > 0 ? [anyOf("$fromhost-ip", addresses)] : []),
    ...(hostnames.length > 0 ? [anyOf("tolower($hostname)", hostnames)] : []),
  ];
  return parts.join(" or ");
}

/** The statements of one step: its action and, where declared, `stop`. */
export function renderStep(
  step: StoreStep,
  pieces: readonly FilePiece[],
  style: StoreStyle,
  templates: TemplateList,
  files: number,
): string[] {
  const action = renderAction(step.rule, pieces, style, templates, files);
  return guarded(stepExpression(step.condition), step.rule.declared.stop ? [action, "stop"] : [action]);
}

/** The pieces of a rule with what is known of this sender put in. */
export function knownPieces(rule: StoreRule, unit: StoreUnit): FilePiece[] {
  const [address] = unit.addresses;
  const known = {
    ...(unit.host === undefined ? {} : { host: unit.host }),
    ...(unit.addresses.length === 1 && address !== undefined ? { address } : {}),
  };
  const file = resolveFile(rule.pieces, known);
  return file.kind === "static" ? [{ literal: file.path }] : file.pieces;
}

/** How many files at once a pattern may mean for one sender, so that none is closed and opened again and again. */
export function filesOf(pieces: readonly FilePiece[], senders: number): number {
  const open = (token: string) => pieces.some((piece) => "token" in piece && piece.token === token);
  return senders * (open("program") || open("hostname") ? 50 : 1);
}

/** The file for one sender: what happens to its messages, in the declared order. */
export function renderUnitFile(unit: StoreUnit, style: StoreStyle): string {
  const templates: TemplateList = { prefix: `lfce_${unit.addresses[0]}`, texts: new Map() };
  const lines = unit.steps.flatMap((step) => {
    const pieces = knownPieces(step.rule, unit);
    return renderStep(step, pieces, style, templates, filesOf(pieces, unit.addresses.length));
  });
  const sender = anyOf("$fromhost-ip", unit.addresses);
  const condition = mayBeLocal(unit) ? `${sender} and ${receivedCondition(style)}` : sender;
  return [
    serverFileHeader(style.playbook),
    ...templates.texts.values(),
    ...guarded(condition, lines).map((line) => `${line}\n`),
  ].join("");
}

/** Files that a rule for any sender keeps open at once; more are closed and opened again. */
const filesForAny = 200;

/** The condition under which a rule about no single sender is followed; undefined: always. */
function generalCondition(rule: StoreRule): string | undefined {
  if (rule.any) return undefined;
  const parts = rule.networks.flatMap((network) => networkCondition(network) ?? []);
  if (rule.hostnames.length > 0) parts.push(anyOf("tolower($hostname)", rule.hostnames));
  return parts.join(" or ");
}

/**
 * The file for networks, reported names and any sender. Senders whose own rules have followed these rules
 * already are left out by `excluded`, an expression that holds for them.
 */
export function renderAnyFile(
  rules: readonly StoreRule[],
  excluded: string | undefined,
  style: StoreStyle,
): string {
  const templates: TemplateList = { prefix: "lfce_any", texts: new Map() };
  const lines = rules.flatMap((rule) => {
    const action = renderAction(rule, rule.pieces, style, templates, filesForAny);
    return guarded(generalCondition(rule), rule.declared.stop ? [action, "stop"] : [action]);
  });
  const received = receivedCondition(style);
  const condition = excluded === undefined ? received : `${received} and not (${excluded})`;
  return [
    serverFileHeader(style.playbook),
    ...templates.texts.values(),
    ...guarded(condition, lines).map((line) => `${line}\n`),
  ].join("");
}
