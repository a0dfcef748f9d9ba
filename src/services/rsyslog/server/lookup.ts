import { resolveFile } from "./file-tokens.ts";
import { compareAddresses } from "./server-address.ts";
import {
  filesOf,
  guarded,
  renderStep,
  type StoreStyle,
  serverFileHeader,
  type TemplateList,
} from "./store-render.ts";
import type { StoreRule } from "./store-rules.ts";
import type { StoreUnit } from "./store-units.ts";

/** More senders than this are found in a table instead of by one test each. */
export const largestSingly = 32;

/** Senders that go the same way; in the table each carries the number of its way. */
interface Way {
  number: number;
  units: StoreUnit[];
}

/** The file of rules and the table for many senders, and what to leave out later. */
export interface LookupFiles {
  rules: string;
  table: string;
  /** Holds for senders whose rules about any sender have been followed already. */
  excluded: string | undefined;
}

/**
 * Rules for many senders, so that a message costs one look-up: a table from address to WAY/NAME, where the
 * way says which rules are followed and the name is what `{host}` means. Each unit has one address.
 */
export function renderLookup(units: readonly StoreUnit[], tablePath: string, style: StoreStyle): LookupFiles {
  const ways = new Map<string, Way>();
  const known: StoreRule[] = [];
  for (const unit of units) {
    const key = wayKey(unit, known);
    const way = ways.get(key) ?? { number: ways.size + 1, units: [] };
    way.units.push(unit);
    ways.set(key, way);
  }
  const templates: TemplateList = { prefix: "lfce_clients", texts: new Map() };
  const all = [...ways.values()];
  const blocks = all.map((way) => guarded(`$.lfce_way == "${way.number}"`, wayLines(way, style, templates)));
  const inner = [
    `set $.lfce_way = field($.lfce_client, 47, 1);`,
    `set $.lfce_host = field($.lfce_client, 47, 2);`,
    ...blocks.flat(),
  ];
  const complete = all.filter((way) => way.units.some((unit) => unit.complete));
  return {
    rules: [
      serverFileHeader(style.playbook),
      `lookup_table(name="lfce_clients" file="${tablePath}")\n`,
      ...templates.texts.values(),
      `set $.lfce_client = lookup("lfce_clients", $fromhost-ip);\n`,
      ...guarded(`$.lfce_client != ""`, inner).map((line) => `${line}\n`),
    ].join(""),
    table: renderTable(all),
    excluded:
      complete.length === 0 ? undefined : complete.map((way) => `$.lfce_way == "${way.number}"`).join(" or "),
  };
}

/** Equal for senders whose messages are treated alike. `known` numbers the rules as they are met. */
function wayKey(unit: StoreUnit, known: StoreRule[]): string {
  const numbers = unit.steps.map(({ rule, condition }) => {
    if (!known.includes(rule)) known.push(rule);
    return `${known.indexOf(rule)} ${condition.kind}`;
  });
  return [`${unit.complete}`, ...numbers].join(",");
}

function wayLines(way: Way, style: StoreStyle, templates: TemplateList): string[] {
  const [unit] = way.units;
  return (unit?.steps ?? []).flatMap((step) => {
    const file = resolveFile(step.rule.pieces, {});
    const pieces = file.kind === "static" ? [{ literal: file.path }] : file.pieces;
    return renderStep(step, pieces, style, templates, filesOf(pieces, way.units.length));
  });
}

/** JSON as lookup_table() reads it: sorted by address, one line each, so that differences read well. */
function renderTable(ways: readonly Way[]): string {
  const entries = ways
    .flatMap((way) =>
      way.units.map((unit) => {
        const address = unit.addresses[0] ?? "";
        return { index: address, value: `${way.number}/${unit.host ?? address}` };
      }),
    )
    .sort((a, b) => compareAddresses(a.index, b.index));
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  return `{\n  "version": 1,\n  "nomatch": "",\n  "type": "string",\n  "table": [\n${lines}\n  ]\n}\n`;
}
