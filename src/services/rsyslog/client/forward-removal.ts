import type { Forward } from "../in-force/in-force-model.ts";
import { sharesLines } from "../syntax/edit.ts";
import type { ParsedFile, SourceRange, Statement } from "../syntax/statements.ts";
import { isActionSetting } from "./forward.ts";

/** What has to be switched off so that one action is gone, or why that cannot be done by whole lines. */
export type Removal = { ranges: SourceRange[] } | { obstacle: string };

/**
 * Finds the lines to switch off for `forward`: its action, or the rule around it when nothing else would be
 * left in that, with the `$Action…` lines that configure it. `leaving` are all actions that are to go.
 */
export function removalOf(forward: Forward, parsed: ParsedFile, leaving: ReadonlySet<Statement>): Removal {
  let unit = forward.statement;
  const around = [...forward.ancestors];
  for (let parent = around.pop(); parent; parent = around.pop()) {
    const siblings = branchOf(parent, unit);
    if (!siblings || (parent.kind === "object" && parent.name === "ruleset")) break;
    const staying = siblings.filter((one) => one !== unit && !leaving.has(one) && !configures(one));
    if (staying.length > 0) {
      const next = siblings[siblings.indexOf(unit) + 1];
      if (!unit.chained && next?.chained && !leaving.has(next)) return { obstacle: chainObstacle };
      break;
    }
    if (parent.kind === "if" && parent.then.length > 0 && parent.else.length > 0) {
      return { obstacle: "the other branch of its if … else would be left without a condition" };
    }
    unit = parent;
  }
  if (forward.ancestors.length === 0 && !unit.chained) {
    const next = parsed.statements[parsed.statements.indexOf(unit) + 1];
    if (next?.chained && !leaving.has(next)) return { obstacle: chainObstacle };
  }
  if (sharesLines(parsed, unit.range)) return { obstacle: "another statement stands on one of its lines" };
  const ranges = forward.settings
    .filter(({ file }) => file === forward.file)
    .map(({ range }) => range)
    .filter((range) => !(range.start >= unit.range.start && range.end <= unit.range.end));
  return { ranges: [...ranges, unit.range] };
}

const chainObstacle = "other actions are joined to it by `&` and would be left without their filter";

function configures(statement: Statement): boolean {
  return statement.kind === "directive" && isActionSetting(statement);
}

/** The list of statements inside `parent` in which `child` stands. */
function branchOf(parent: Statement, child: Statement): Statement[] | undefined {
  if (parent.kind === "if") return parent.then.includes(child) ? parent.then : parent.else;
  if (parent.kind === "rule" || parent.kind === "foreach") return parent.body;
  return parent.kind === "object" ? parent.body : undefined;
}
