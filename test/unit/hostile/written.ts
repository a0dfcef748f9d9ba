import { byteText } from "../../../src/core/byte-text.ts";
import { debian } from "../../../src/distros/debian.ts";
import { parse } from "../../../src/services/chrony/parse.ts";
import { parseRsyslog } from "../../../src/services/rsyslog/syntax/parse.ts";
import { childrenOf, type Statement } from "../../../src/services/rsyslog/syntax/statements.ts";
import type { PlannedHost } from "./passage.ts";

/** The kinds of statements that a plan adds, in order, without their values: what an injection would change. */
export function shapeOf({ observed, after }: PlannedHost): string {
  return Object.keys(after)
    .sort()
    .map((path) => {
      const before = headsOf(path, observed.files[path]?.content ?? "");
      const now = headsOf(path, after[path] ?? "");
      for (const head of before) {
        const at = now.indexOf(head);
        if (at !== -1) now.splice(at, 1);
      }
      return now.join(" ");
    })
    .filter((heads) => heads !== "")
    .join(" | ");
}

function headsOf(path: string, content: string): string[] {
  if (path === debian.services.chrony.mainFile) {
    return parse(content).lines.flatMap(({ kind, name }) => {
      if (kind === "directive") return [name];
      return kind === "unknown" ? [`unknown:${name}`] : [];
    });
  }
  const heads = (statement: Statement): string[] => [
    headOf(statement),
    ...childrenOf(statement).flatMap(heads),
  ];
  return path.startsWith("/etc/rsyslog") ? parseRsyslog(content).statements.flatMap(heads) : [];
}

function headOf(statement: Statement): string {
  if (statement.kind !== "object") return statement.kind;
  const type = statement.parameters.find(({ name }) => name.toLowerCase() === "type")?.value;
  return `${statement.name}${type === undefined ? "" : `:${type}`}`;
}

/**
 * Whether a text stands in what a plan adds, byte for byte; white space as chronyd's words have it, and names in
 * whatever case, as DNS has it.
 */
export function standsLiterally(text: string, { observed, after, transaction }: PlannedHost): boolean {
  const wanted = words(byteText(text)).toLowerCase();
  const paths = transaction.files.map(({ path }) => path);
  const added = Object.entries(after).flatMap(([path, content]) => {
    const old = new Set((observed.files[path]?.content ?? "").split("\n"));
    return content.split("\n").filter((line) => !old.has(line));
  });
  const modes = transaction.directories.flatMap(({ path, owner, group, mode }) => [path, owner, group, mode]);
  return [...added, ...paths, ...modes].some((line) => words(line).toLowerCase().includes(wanted));
}

function words(text: string): string {
  return text
    .split(/[ \t\v\f\r\n]+/)
    .filter((word) => word !== "")
    .join(" ");
}
