/** Which segments of a pattern are plain text: `1` for those, `0` for those with a wildcard. */
interface Shape {
  segments: readonly string[];
  mask: string;
}

/** Patterns of one shape, looked up by the segments that they and a pattern of another shape both have as plain text. */
interface Group<Item> {
  items: Map<Item, Shape>;
  byCommon: Map<string, Map<string, Set<Item>>>;
}

/** Items by their path patterns (`*` and `[0-9]` within a segment), found without comparing each with each. */
export interface PatternIndex<Item> {
  /** All items whose pattern could match a path that `pattern` matches; some that cannot are among them. */
  candidates(pattern: string): Item[];
  add(item: Item, pattern: string): void;
  remove(item: Item, pattern: string): void;
}

/**
 * An index for a log server's files: one pattern a client, thousands of them, of two or three shapes. No wildcard
 * matches a slash, so that two patterns meet only where their plain segments agree.
 */
export function patternIndex<Item>(): PatternIndex<Item> {
  const groups = new Map<string, Group<Item>>();
  return {
    candidates(pattern) {
      const shape = shapeOf(pattern);
      return [...groups].flatMap(([mask, group]) => {
        if (mask.length !== shape.mask.length) return [];
        const common = [...mask]
          .map((one, at) => (one === "1" && shape.mask[at] === "1" ? "1" : "0"))
          .join("");
        return [...(indexBy(group, common).get(project(shape, common)) ?? [])];
      });
    },
    add(item, pattern) {
      const shape = shapeOf(pattern);
      const group: Group<Item> = groups.get(shape.mask) ?? { items: new Map(), byCommon: new Map() };
      groups.set(shape.mask, group);
      group.items.set(item, shape);
      for (const [common, index] of group.byCommon) put(index, project(shape, common), item);
    },
    remove(item, pattern) {
      const shape = shapeOf(pattern);
      const group = groups.get(shape.mask);
      group?.items.delete(item);
      for (const [common, index] of group?.byCommon ?? []) index.get(project(shape, common))?.delete(item);
    },
  };
}

function shapeOf(pattern: string): Shape {
  const segments = pattern.split("/");
  return { segments, mask: segments.map((segment) => (/\*|\[0-9\]/.test(segment) ? "0" : "1")).join("") };
}

function indexBy<Item>(group: Group<Item>, common: string): Map<string, Set<Item>> {
  const known = group.byCommon.get(common);
  if (known) return known;
  const index = new Map<string, Set<Item>>();
  for (const [item, shape] of group.items) put(index, project(shape, common), item);
  group.byCommon.set(common, index);
  return index;
}

function project({ segments }: Shape, common: string): string {
  return segments.filter((_segment, at) => common[at] === "1").join("/");
}

function put<Item>(index: Map<string, Set<Item>>, key: string, item: Item): void {
  const items = index.get(key);
  if (items) items.add(item);
  else index.set(key, new Set([item]));
}
