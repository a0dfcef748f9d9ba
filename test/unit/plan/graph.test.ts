import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { components, findCycle } from "../../../src/plan/graph.ts";
import { wavesOf } from "../../../src/plan/waves.ts";

const FLEET = 10_000;
const chain = Array.from({ length: FLEET }, (_, index) => `host${index}`);
/** Every host takes its time from the one before it. */
const chained = chain.slice(1).map((client, index) => ({ client, server: chain[index] ?? "" }));
const names = ["a", "b", "c", "d", "e", "f"];

/** Any graph over six nodes. */
const graphs = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)))
  .map(
    (edges) =>
      new Map(names.map((name) => [name, edges.filter(([from]) => from === name).map(([, to]) => to)])),
  );

/** Node → all that can be reached from it in one step or more. */
function reachable(graph: ReadonlyMap<string, string[]>, from: string): Set<string> {
  const found = new Set<string>();
  const waiting = [...(graph.get(from) ?? [])];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    waiting.push(...(graph.get(node) ?? []));
  }
  return found;
}

describe("a chain as long as a fleet", () => {
  const toServer = new Map(chained.map(({ client, server }) => [client, [server]]));

  it("has no circle, and every host is alone", () => {
    const fromItsEnd = [...chain].reverse();
    assert.equal(findCycle(fromItsEnd, toServer), undefined);
    assert.equal(components(fromItsEnd, toServer).length, FLEET);
  });

  it("is a wave a host, from its source to its end", () => {
    const waves = wavesOf(
      [...chain].reverse(),
      chained.map((one) => ({ ...one, kind: "ntp" as const })),
    );
    assert.deepEqual(
      waves.flatMap(({ hosts }) => hosts),
      chain,
    );
  });

  it("is named as a whole where its end closes it", () => {
    const closed = new Map([...toServer, ["host0", [chain.at(-1) ?? ""]]]);
    assert.equal(findCycle(chain, closed)?.length, FLEET + 1);
    assert.equal(components(chain, closed).length, 1);
  });
});

describe("a graph", () => {
  it("has a circle exactly where a node reaches itself, and the path is one", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cycle = findCycle(names, graph);
        if (!cycle) {
          for (const name of names) assert.ok(!reachable(graph, name).has(name));
          return;
        }
        assert.equal(cycle[0], cycle.at(-1));
        for (const [index, node] of cycle.slice(0, -1).entries()) {
          assert.ok(graph.get(node)?.includes(cycle[index + 1] ?? ""));
        }
      }),
    );
  });

  it("falls into components of nodes that reach each other, each after what it points to", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const found = components(names, graph);
        assert.deepEqual(found.flat().sort(), names);
        const placeOf = new Map(found.flatMap((nodes, place) => nodes.map((node) => [node, place] as const)));
        for (const one of names) {
          for (const other of names) {
            if (one === other) continue;
            const together = reachable(graph, one).has(other) && reachable(graph, other).has(one);
            assert.equal(placeOf.get(one) === placeOf.get(other), together, `${one} ${other}`);
          }
          for (const to of graph.get(one) ?? []) assert.ok((placeOf.get(to) ?? 0) <= (placeOf.get(one) ?? 0));
        }
      }),
    );
  });
});
