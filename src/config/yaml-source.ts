import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type ScalarTag,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { errorData, type LfceErrorData, LfceErrors, type Position } from "../core/errors.ts";
import { inOrder } from "./error-order.ts";
import type { SourceFile } from "./source-file.ts";
import { vaultValue } from "./vault.ts";
import { type Locate, locator, positionAt } from "./yaml-position.ts";

/** A YAML file as data, with the place of every value in it. */
export interface YamlSource {
  file: SourceFile;
  data: unknown;
  locate: Locate;
}

/** Aliases that one file may expand to; more is taken for an attempt to exhaust memory. */
const MAX_ALIASES = 100;

/** `yes`, `no`, `on` and `off` are truth values for Ansible (YAML 1.1), so they are for lfce. */
const ansibleBoolean: ScalarTag = {
  identify: (value) => typeof value === "boolean",
  default: true,
  tag: "tag:yaml.org,2002:bool",
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|true|on)$/i.test(text),
};

const vaultTag: ScalarTag = { tag: "!vault", resolve: () => vaultValue };
const vaultEncryptedTag: ScalarTag = { tag: "!vault-encrypted", resolve: () => vaultValue };
const unsafeTag: ScalarTag = { tag: "!unsafe", resolve: (text) => text };

/**
 * Parses one YAML file. Throws `LfceErrors` with every syntax error, duplicate key, second document and
 * unquoted template in it. Tags (`!vault`, `!unsafe`, …) are errors with `tags: "refuse"`; otherwise
 * `!vault` becomes a `VaultValue` and what is unknown the plain text.
 */
export function parseYaml(given: SourceFile, tags: "refuse" | "accept" = "accept"): YamlSource {
  const file = { ...given, text: given.text.replace(/^\ufeff/, "") };
  const lines = lineStarts(file.text);
  const document = parseDocument(file.text, {
    prettyErrors: false,
    logLevel: "error",
    merge: true,
    // Looked for below: the parser compares every key with every other, which takes seconds with 10,000 hosts.
    uniqueKeys: false,
    customTags: (tags) => [ansibleBoolean, ...tags, vaultTag, vaultEncryptedTag, unsafeTag],
  });
  const place = (start: number, end: number) => positionAt(file, lines, start, end);
  const errors = [
    ...withoutAftermath(document.errors).map((error) => syntaxError(error, place)),
    ...structureErrors(document, place),
    ...(tags === "refuse" ? tagErrors(document, place) : []),
  ];
  if (errors.length > 0) throw new LfceErrors(inOrder(errors));
  const locate = locator(file, document, lines);
  try {
    return { file, data: document.toJS({ maxAliasCount: MAX_ALIASES }), locate };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new LfceErrors([
      errorData(
        "yaml.aliases",
        `the aliases (*name) in this file expand to too much: ${error.message}`,
        "write the repeated values out, or put them into variables",
        locate([]),
      ),
    ]);
  }
}

/** Counted here and not by the parser, which loses lines inside of texts that it cannot make sense of. */
function lineStarts(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  return lines;
}

/** Once the parser has lost its way, every further token is unexpected; the first one tells it all. */
function withoutAftermath(errors: readonly YAMLError[]): YAMLError[] {
  const lost = errors.find((error) => error.code === "UNEXPECTED_TOKEN");
  return errors.filter((error) => error === lost || error.code !== "UNEXPECTED_TOKEN");
}

type Place = (start: number, end: number) => Position;

function syntaxError(error: YAMLError, place: Place): LfceErrorData {
  const [message, hint] = wording[error.code] ?? [`this is not valid YAML: ${error.message}`, undefined];
  return errorData("yaml.syntax", message, hint, place(error.pos[0], error.pos[1]));
}

const wording: Partial<Record<YAMLError["code"], [string, string | undefined]>> = {
  MULTIPLE_DOCS: ["a second YAML document begins here", "put everything into one document, without ---"],
  TAB_AS_INDENT: ["a tab is used as indentation", "indent with spaces"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a second `key: value` begins on the same line",
    'put it on a line of its own, or the whole value in quotes: "a: b"',
  ],
  MULTILINE_IMPLICIT_KEY: ["this line is not `key: value`", "add the colon, or indent the line as a value"],
  BAD_SCALAR_START: ["a plain value cannot begin with this character", 'put the value in quotes: "…"'],
};

/** What the parser accepts, but what nobody can have meant: `{{ x }}` and `*.*` without quotes. */
function structureErrors(document: Document, place: Place): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node: (_key, node) => {
      if ("anchor" in node && typeof node.anchor === "string") anchors.add(node.anchor);
      if (isMap(node)) errors.push(...duplicateKeys(node).map((key) => duplicateKey(nodePlace(key, place))));
    },
    Alias: (_key, node) => {
      if (anchors.has(node.source)) return;
      const hint = `to write the text *${node.source}, put it in quotes: "*${node.source}"`;
      const message = `*${node.source} refers to an anchor (&${node.source}) that is not there`;
      errors.push(errorData("yaml.alias", message, hint, nodePlace(node, place)));
    },
    Pair: (_key, pair) => {
      if (isScalar(pair.key)) {
        if (typeof pair.key.value !== "symbol" || isMergeable(document, pair.value)) return undefined;
        const message = "<< takes in mappings only, and this is none";
        errors.push(errorData("yaml.merge", message, "write <<: *name", nodePlace(pair.key, place)));
        return visit.SKIP;
      }
      const template = isMap(pair.key) && pair.key.flow === true;
      errors.push(
        errorData(
          "yaml.key",
          template ? "a value that begins with {{ must be in quotes" : "a key must be a plain text",
          template ? 'write "{{ name }}"' : undefined,
          nodePlace(pair.key as Node | null, place),
        ),
      );
      return visit.SKIP;
    },
  });
  return errors;
}

/** The keys of a mapping that stand in it before. */
function duplicateKeys(map: YAMLMap): Scalar[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const known = seen.has(key.value);
    seen.add(key.value);
    return known ? [key] : [];
  });
}

function duplicateKey(at: Position): LfceErrorData {
  return errorData("yaml.syntax", "this key is given twice in the same mapping", "keep one of the two", at);
}

/** Whether a merge key's value is a mapping, an alias of one, or a list of such. */
function isMergeable(document: Document, value: unknown): boolean {
  const node = isAlias(value) ? value.resolve(document) : value;
  return (
    isMap(node) ||
    (isSeq(node) && node.items.every((item) => isMap(isAlias(item) ? item.resolve(document) : item)))
  );
}

function tagErrors(document: Document, place: Place): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (!("tag" in node) || !node.tag?.startsWith("!")) return;
      const vault = node.tag.startsWith("!vault");
      const message = vault ? "lfce cannot read !vault values" : `the tag ${node.tag} means nothing here`;
      const hint = vault ? "give the value on the command line: -e name=value" : "put the value in quotes";
      errors.push(errorData("yaml.tag", message, hint, nodePlace(node, place)));
    },
  });
  return errors;
}

function nodePlace(node: Node | null, place: Place): Position {
  return place(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0);
}
