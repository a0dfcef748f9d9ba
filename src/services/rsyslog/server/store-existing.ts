import type { MessageFilter, RsyslogModel } from "../in-force/in-force-model.ts";
import { defaultRuleset } from "../in-force/in-force-model.ts";
import { type FilePiece, resolveFile } from "./file-tokens.ts";
import { knownPieces, serverFilePlaybook } from "./store-render.ts";
import type { StoreUnit } from "./store-units.ts";

/**
 * Does a file of any name, not lfce's own, already do for this sender what is declared: the same file, and
 * `stop` or none? Only a sender with one address and one rule is looked for; what is more is written anew.
 */
export function satisfiedElsewhere(unit: StoreUnit, model: RsyslogModel): string | undefined {
  const [address, ...more] = unit.addresses;
  const [step, ...others] = unit.steps;
  if (!address || more.length > 0 || !step || others.length > 0 || step.condition.kind !== "always")
    return undefined;
  const { mode, owner, group, stop } = step.rule.declared;
  if (mode !== undefined || owner !== undefined || group !== undefined) return undefined;
  const wanted = knownPieces(step.rule, unit);
  const found = model.fileActions.find((action) => {
    if (action.ruleset !== defaultRuleset || !isSender(action.filters, address)) return false;
    if (serverFilePlaybook(model.parsed.get(action.file)?.text ?? "") !== undefined) return false;
    const stops = model.discards.some(
      (discard) =>
        discard.file === action.file && discard.order > action.order && isSender(discard.filters, address),
    );
    return stops === stop && sameFile(action, wanted, model);
  });
  return found?.file;
}

/** A single filter that holds exactly for messages from this address, in any of its usual spellings. */
function isSender(filters: readonly MessageFilter[], address: string): boolean {
  const [filter, ...more] = filters;
  if (!filter || more.length > 0) return false;
  if (filter.kind === "property")
    return (
      /^\$?fromhost-ip$/i.test(filter.property) &&
      !filter.negated &&
      filter.operation.toLowerCase() === "isequal" &&
      filter.value === address
    );
  if (filter.kind !== "expression") return false;
  const match = /^[\s(]*\$fromhost-ip\s*==\s*(["'])([^"']*)\1[\s)]*$/i.exec(filter.text);
  return match?.[2] === address;
}

function sameFile(
  action: { path: string | undefined; dynamic: string | undefined },
  wanted: readonly FilePiece[],
  model: RsyslogModel,
): boolean {
  const file = resolveFile(wanted, {});
  if (file.kind === "static") return action.path === file.path;
  if (action.dynamic === undefined) return false;
  const text = model.templates.find((template) => template.name === action.dynamic)?.text;
  return text !== undefined && templateText(text) === piecesText(file.pieces);
}

/** Properties that a sender chooses. */
const fromSender = new Set(["hostname", "programname"]);

/** A string template with its properties written as file tokens. */
function templateText(text: string): string {
  const names: Record<string, string> = {
    "fromhost-ip": "{address}",
    hostname: "{hostname}",
    programname: "{program}",
    $year: "{year}",
    $month: "{month}",
    $day: "{day}",
    $now: "{date}",
  };
  return text
    .replace(/%([^%:]+)(:::secpath-(?:replace|drop))?%/g, (whole, written: string, secpath?: string) => {
      const name = written.toLowerCase();
      // Without secpath a sender could name any path, which a declared file does not let it.
      return fromSender.has(name) && secpath === undefined ? whole : (names[name] ?? whole);
    })
    .replaceAll("{year}-{month}-{day}", "{date}");
}

function piecesText(pieces: readonly FilePiece[]): string {
  return pieces
    .map((piece) => ("literal" in piece ? piece.literal : `{${piece.token}}`))
    .join("")
    .replaceAll("{year}-{month}-{day}", "{date}");
}
