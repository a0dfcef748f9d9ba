import { Graph, layout } from "@dagrejs/dagre";
import type { Topology } from "./topology.ts";

export interface Point {
  x: number;
  y: number;
}

/** Width and height in the picture's units, one of which is a pixel where nothing is scaled. */
export interface Size {
  width: number;
  height: number;
}

/** Where everything of the picture stands. */
export interface TopologyLayout extends Size {
  /** Middles of the boxes, in the order of the topology's nodes. */
  nodes: Point[];
  /** In the order of its edges: the way of the line, and the middle of its label where it has one. */
  edges: { points: Point[]; label: Point | undefined }[];
}

const MARGIN = 12;

/** Lays boxes and lines out in columns from left to right: time flows to the right, and so do messages. */
export function layOut(
  { nodes, edges }: Topology,
  boxes: readonly Size[],
  labels: readonly (Size | undefined)[],
): TopologyLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, edgesep: 8, ranksep: 84, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach((_, index) => {
    graph.setNode(String(index), { ...boxes[index] });
  });
  edges.forEach(({ from, to }, index) => {
    const label = labels[index] ?? { width: 0, height: 0 };
    graph.setEdge(String(from), String(to), { ...label, labelpos: "c" }, String(index));
  });
  layout(graph);
  const size = graph.graph() as Partial<Size>;
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    nodes: nodes.map((_, index) => point(graph.node(String(index)))),
    edges: edges.map(({ from, to }, index) => {
      const edge = graph.edge(String(from), String(to), String(index)) as Partial<Point> & {
        points?: Point[];
      };
      return { points: (edge.points ?? []).map(point), label: labels[index] && point(edge) };
    }),
  };
}

function point({ x, y }: Partial<Point>): Point {
  return { x: rounded(x ?? 0), y: rounded(y ?? 0) };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
