import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HostLink } from "../../../../src/core/drift.ts";
import { type TopologyHost, topologyOf } from "../../../../src/report/html/topology.ts";
import { layOut } from "../../../../src/report/html/topology-layout.ts";
import { edgeLabel } from "../../../../src/report/html/topology-words.ts";

const ntp = (to: string, state: HostLink["state"] = "in-use", detail?: string): HostLink => ({
  kind: "ntp",
  to,
  state,
  ...(detail === undefined ? {} : { detail }),
});
const syslog = (to: string, state: HostLink["state"] = "in-use"): HostLink => ({ kind: "syslog", to, state });

function host(name: string, ...links: HostLink[]): TopologyHost {
  return { name, state: "fine", links, clock: undefined };
}

function fleet(
  count: number,
  change: (index: number, links: HostLink[]) => HostLink[] = (_, links) => links,
) {
  const clients = Array.from({ length: count }, (_, index) =>
    host(`web${index}`, ...change(index, [ntp("time"), syslog("log")])),
  );
  return [host("time", ntp("pool.ntp.org")), host("log", ntp("time")), ...clients];
}

test("a small fleet shows each host; time and messages flow the same way", () => {
  const { nodes, edges } = topologyOf(fleet(3));
  assert.equal(nodes.length, 6);
  assert.deepEqual(
    nodes.filter(({ kind }) => kind === "outside").map(({ addresses }) => addresses),
    [["pool.ntp.org"]],
  );
  const names = nodes.map(({ hosts, addresses }) => addresses[0] ?? fleet(3)[hosts[0] ?? 0]?.name);
  assert.ok(
    edges.some(({ from, to, kind }) => kind === "ntp" && names[from] === "time" && names[to] === "web1"),
  );
  assert.ok(
    edges.some(({ from, to, kind }) => kind === "syslog" && names[from] === "web1" && names[to] === "log"),
  );
});

test("clients with the same servers share a box; those with a broken link stand apart", () => {
  const { nodes, edges } = topologyOf(
    fleet(400, (index, links) => (index < 3 ? [ntp("time", "broken", "no answer"), syslog("log")] : links)),
  );
  assert.deepEqual(
    nodes.map(({ hosts }) => hosts.length).sort((a, b) => b - a),
    [397, 3, 1, 1, 0],
  );
  const broken = edges.filter(({ state }) => state === "broken");
  assert.deepEqual(
    broken.map(({ links, broken: count, details }) => [links, count, details]),
    [[3, 3, ["no answer"]]],
  );
  assert.deepEqual(broken.map(edgeLabel), ["✕ time: no answer"]);
});

test("which of several servers a client has chosen makes no box of its own", () => {
  const { nodes } = topologyOf(
    fleet(40, (index) => [
      ntp("time", index % 2 ? "standby" : "in-use"),
      ntp("log", index % 2 ? "in-use" : "standby"),
    ]),
  );
  assert.equal(nodes.filter(({ kind }) => kind === "group").length, 1);
});

test("the links of a host that could not be looked at are unknown", () => {
  const unknown: TopologyHost = { ...host("web9", ntp("time")), state: "unknown" };
  const { edges } = topologyOf([host("time"), unknown]);
  assert.deepEqual(
    edges.map(({ state }) => state),
    ["unknown"],
  );
});

test("hosts without links are not drawn, and told", () => {
  assert.deepEqual(topologyOf([host("a"), host("b", ntp("c")), host("c")]).alone, [0]);
});

test("addresses outside with the same clients share a box in a large fleet", () => {
  const pool = [0, 1, 2, 3].map((number) =>
    ntp(`${number}.pool.ntp.org`, number === 0 ? "in-use" : "standby"),
  );
  const { nodes } = topologyOf(fleet(30, (_, links) => [...pool, ...links]));
  assert.deepEqual(
    nodes
      .filter(({ kind }) => kind === "outside")
      .map(({ addresses }) => addresses.length)
      .sort(),
    [1, 4],
  );
});

test("any fleet is drawn in boxes that somebody can read, and loses neither host nor broken link", () => {
  const state = fc.constantFrom("in-use", "standby", "broken", "unknown") as fc.Arbitrary<HostLink["state"]>;
  const link = fc.record({
    kind: fc.constantFrom("ntp", "syslog") as fc.Arbitrary<HostLink["kind"]>,
    to: fc.integer({ min: 0, max: 60 }).map((number) => `host${number}`),
    state,
  });
  const hosts = fc
    .array(fc.array(link, { maxLength: 4 }), { maxLength: 150, size: "max" })
    .map((all) => all.map((links, index) => host(`host${index}`, ...links)));
  fc.assert(
    fc.property(hosts, (all) => {
      const { nodes, edges, alone } = topologyOf(all);
      assert.deepEqual(
        [...nodes.flatMap((node) => node.hosts), ...alone].sort((a, b) => a - b),
        all.map((_, index) => index),
      );
      assert.ok(nodes.filter(({ kind }) => kind !== "outside").length <= 44);
      const broken = all.flatMap(({ links }) => links.filter((one) => one.state === "broken")).length;
      assert.ok(edges.reduce((sum, edge) => sum + edge.broken, 0) <= broken);
      for (const edge of edges)
        assert.ok(edge.broken <= edge.links && edge.broken > 0 === (edge.state === "broken"));
    }),
    { numRuns: 60 },
  );
});

test("the layout gives every box its room and every line its way", () => {
  const topology = topologyOf(fleet(3));
  const box = { width: 120, height: 60 };
  const { nodes, edges, width, height } = layOut(
    topology,
    topology.nodes.map(() => box),
    topology.edges.map(() => undefined),
  );
  for (const [index, one] of nodes.entries()) {
    assert.ok(one.x >= 60 && one.x <= width - 60 && one.y >= 30 && one.y <= height - 30);
    for (const other of nodes.slice(index + 1)) {
      assert.ok(Math.abs(one.x - other.x) >= 120 || Math.abs(one.y - other.y) >= 60, "two boxes overlap");
    }
  }
  for (const { points } of edges) assert.ok(points.length >= 2);
});

test("any graph can be laid out: cycles, peers, hosts that depend on each other", () => {
  const link = fc.tuple(
    fc.constantFrom("ntp", "syslog") as fc.Arbitrary<HostLink["kind"]>,
    fc.integer({ min: 0, max: 9 }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(link, { maxLength: 3 }), { minLength: 1, maxLength: 10 }), (all) => {
      const topology = topologyOf(
        all.map((links, index) =>
          host(
            `h${index}`,
            ...links.map(([kind, to]): HostLink => ({ kind, to: `h${to}`, state: "broken" })),
          ),
        ),
      );
      const size = { width: 100, height: 40 };
      const { nodes, edges } = layOut(
        topology,
        topology.nodes.map(() => size),
        topology.edges.map(() => size),
      );
      for (const { x, y } of [
        ...nodes,
        ...edges.flatMap(({ points, label }) => [...points, label ?? { x: 0, y: 0 }]),
      ]) {
        assert.ok(Number.isFinite(x) && Number.isFinite(y));
      }
    }),
    { numRuns: 60 },
  );
});

test("peers that share a box have no line to themselves", () => {
  const crowd = Array.from({ length: 60 }, (_, index) =>
    host(`peer${index}`, ntp(`peer${(index + 1) % 60}`), ntp("x")),
  );
  const { nodes, edges } = topologyOf(crowd);
  assert.ok(nodes.length <= 45);
  assert.deepEqual(
    edges.filter(({ from, to }) => from === to),
    [],
  );
});
