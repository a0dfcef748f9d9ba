import type { Ignorer } from "@stryker-mutator/api/ignore";

/** As much of Babel's NodePath as is looked at. */
interface Path {
  node: Node;
  parent?: Node;
  key?: string | number | null;
  listKey?: string | null;
}

interface Node {
  type: string;
  key?: { name?: string };
  id?: { name?: string } | null;
  callee?: { name?: string };
}

/** Properties and variables whose value only a person reads. */
const TEXTS = new Set(["message", "hint", "reason", "detail", "description", "obstacle", "guard"]);

/** Functions that build errors, and the places of arguments that only a person reads. */
const BUILDERS = new Map<string, readonly number[]>([
  ["errorData", [1, 2]],
  ["refuse", [1, 2]],
  ["refused", [1]],
  ["need", [0]],
  ["warning", [1, 2]],
  ["conditional", [0]],
]);

/** Leaves out what only words an error, a warning or a reason: a mutant there changes no decision. */
export const messageTexts: Ignorer = {
  shouldIgnore(given) {
    const { node, parent, key, listKey } = given as Path;
    const named = node.type === "ObjectProperty" ? node.key?.name : undefined;
    const declared = /^(VariableDeclarator|FunctionDeclaration)$/.test(node.type) ? node.id?.name : undefined;
    if (TEXTS.has(named ?? "")) return "message text";
    if (declared !== undefined && (TEXTS.has(declared) || /^(reason|message|hint)(For|Of)/.test(declared))) {
      return "message text";
    }
    if (parent?.type === "CallExpression" && listKey === "arguments") {
      const places = BUILDERS.get(parent.callee?.name ?? "");
      if (places?.includes(Number(key))) return "message text";
    }
    return undefined;
  },
};
