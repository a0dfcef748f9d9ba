/** Node → the nodes it points to. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * One step of a walk into the depth. The steps stand in a list of their own and not on the call stack: a chain
 * may be as long as the fleet.
 */
interface Step {
  node: string;
  next: Iterator<string>;
}

function step(node: string, graph: Graph): Step {
  return { node, next: (graph.get(node) ?? [])[Symbol.iterator]() };
}

/** The first circle of a graph, as the path that closes it (`a, b, a`); undefined when there is none. */
export function findCycle(nodes: readonly string[], graph: Graph): string[] | undefined {
  const finished = new Set<string>();
  const onPath = new Set<string>();
  for (const start of nodes) {
    if (finished.has(start)) continue;
    const path = [step(start, graph)];
    onPath.add(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const { value: target, done } = last.next.next();
      if (done) {
        path.pop();
        onPath.delete(last.node);
        finished.add(last.node);
      } else if (onPath.has(target)) {
        const names = path.map(({ node }) => node);
        return [...names.slice(names.indexOf(target)), target];
      } else if (!finished.has(target)) {
        path.push(step(target, graph));
        onPath.add(target);
      }
    }
  }
  return undefined;
}

/**
 * Nodes that lie on circles with each other, together (strongly connected components, Tarjan's algorithm); a
 * node on no circle is alone. Every component stands after all those that its nodes point to.
 */
export function components(nodes: readonly string[], graph: Graph): string[][] {
  const found: string[][] = [];
  /** Node → the earliest node of its component that was seen; none once the component is complete. */
  const earliest = new Map<string, number>();
  const placed = new Set<string>();
  const waiting: string[] = [];
  let seen = 0;
  const path: (Step & { number: number })[] = [];
  const enter = (node: string): void => {
    earliest.set(node, seen);
    path.push({ ...step(node, graph), number: seen });
    waiting.push(node);
    seen += 1;
  };
  const reach = (node: string, target: string): void => {
    if (placed.has(target)) return;
    earliest.set(node, Math.min(earliest.get(node) ?? 0, earliest.get(target) ?? 0));
  };
  for (const start of nodes) {
    if (!earliest.has(start)) enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const { value: target, done } = last.next.next();
      if (!done) {
        if (earliest.has(target)) reach(last.node, target);
        else enter(target);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above) reach(above.node, last.node);
      if (earliest.get(last.node) !== last.number) continue;
      const component = waiting.splice(waiting.lastIndexOf(last.node));
      for (const node of component) placed.add(node);
      found.push(component);
    }
  }
  return found;
}
