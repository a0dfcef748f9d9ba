import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { Position } from "../core/errors.ts";
import type { SourceFile } from "./source-file.ts";

export type Path = readonly (string | number)[];
export type Target = "key" | "value";
export type Locate = (path: Path, target?: Target) => Position;

/** Lines that name a password are not quoted in messages. */
const SECRET_LINE = /pass(word|phrase)?["']?\s*[:=]|secret|token/i;

/** The position of a range of characters, with the line it begins on. */
export function positionAt(file: SourceFile, lines: LineCounter, start: number, end: number): Position {
  const { line, col } = lines.linePos(Math.min(start, file.text.length));
  const lineStart = lines.lineStarts[Math.max(line, 1) - 1] ?? 0;
  const newline = file.text.indexOf("\n", lineStart);
  const lineEnd = newline < 0 ? file.text.length : newline;
  const source = file.text.slice(lineStart, lineEnd).replace(/\r$/, "");
  const length = Math.max(1, Math.min(end, lineStart + source.length) - start);
  const place = { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) };
  return SECRET_LINE.test(source) ? place : { ...place, source, length };
}

interface Step {
  key: Node | undefined;
  value: Node | undefined;
}

/**
 * Finds where a value (or its key) stands. A path that leads nowhere gives the nearest thing that exists;
 * a block collection is shown by its key, because its own first character is somebody else's.
 */
export function locator(file: SourceFile, document: Document, lines: LineCounter): Locate {
  const root = document.contents as Node | null;
  const pairOf = pairFinder();
  return (path, target = "value") => {
    let step: Step = { key: undefined, value: root ?? undefined };
    for (const segment of path) {
      const next = descend(document, pairOf, step.value, segment);
      if (next === undefined) return show(step, "key");
      step = next.key === undefined ? { key: undefined, value: next.value } : next;
    }
    return show(step, target);
  };

  function show(step: Step, target: Target): Position {
    const byKey = target === "key" || isBlockCollection(step.value) || isEmpty(step.value);
    const node = (byKey ? step.key : undefined) ?? step.value ?? step.key;
    const range = node?.range;
    if (!range) return positionAt(file, lines, 0, 0);
    const end = isBlockCollection(node) ? range[0] + 1 : range[1];
    return positionAt(file, lines, range[0], end);
  }
}

function isBlockCollection(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}

function isEmpty(node: Node | undefined): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "";
}

type NodePair = Pair<Node, Node | null>;
type PairOf = (map: YAMLMap, key: string) => NodePair | undefined;

/** Finds the last pair of a key; each mapping is indexed once, because inventories have thousands of hosts in one. */
function pairFinder(): PairOf {
  const indexes = new WeakMap<YAMLMap, Map<string, NodePair>>();
  return (map, key) => {
    let index = indexes.get(map);
    if (!index) {
      index = new Map((map.items as NodePair[]).map((pair) => [keyText(pair), pair]));
      indexes.set(map, index);
    }
    return index.get(key);
  };
}

function descend(
  document: Document,
  pairOf: PairOf,
  start: Node | undefined,
  segment: string | number,
): Step | undefined {
  const node = isAlias(start) ? start.resolve(document) : start;
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return item === undefined ? undefined : { key: undefined, value: item as Node };
  }
  if (!isMap(node)) return undefined;
  const own = pairOf(node, String(segment));
  if (own) return { key: own.key, value: own.value ?? undefined };
  const merge = pairOf(node, "<<");
  const merged = isSeq(merge?.value) ? (merge.value.items as Node[]) : [merge?.value ?? undefined];
  for (const source of merged) {
    const found = descend(document, pairOf, source, segment);
    if (found) return found;
  }
  return undefined;
}

function keyText(pair: NodePair): string {
  if (!isScalar(pair.key)) return "";
  // The parser reads a merge key as a symbol.
  return typeof pair.key.value === "symbol" ? "<<" : String(pair.key.value ?? "");
}
