import { parseRsyslog } from "../../../../src/services/rsyslog/syntax/parse.ts";
import { childrenOf, type Statement } from "../../../../src/services/rsyslog/syntax/statements.ts";

/**
 * Everything that the parser makes of a text, to be read by people: a line a statement with what it says, what
 * stands at its range below it where that is more than one line, what is inside it indented; then comments.
 */
export function outlineOf(text: string): string {
  const { statements, comments, unfinished } = parseRsyslog(text);
  const at = ({ start, end }: { start: number; end: number }) => JSON.stringify(text.slice(start, end));
  const lines: string[] = [];
  const add = (statement: Statement, indent: string) => {
    const said = saidBy(statement).map((one) => (typeof one === "string" ? one : at(one)));
    const joined = statement.chained ? "& " : "";
    lines.push(`${indent}${joined}${statement.kind} ${said.join(" ")}`.trimEnd());
    lines.push(`${indent}  @ ${at(statement.range)}`);
    for (const child of childrenOf(statement)) {
      if (statement.kind === "if" && child === statement.else[0]) lines.push(`${indent}  else`);
      add(child, `${indent}    `);
    }
  };
  for (const statement of statements) add(statement, "");
  for (const { form, range } of comments) lines.push(`${form} comment ${at(range)}`);
  if (unfinished !== undefined) lines.push(`unfinished from ${JSON.stringify(text.slice(unfinished))}`);
  return `${lines.join("\n")}\n`;
}

function saidBy(statement: Statement): (string | { start: number; end: number })[] {
  const quote = JSON.stringify;
  switch (statement.kind) {
    case "directive":
      return [statement.name, "=", quote(statement.value)];
    case "object": {
      const parameters = statement.parameters.flatMap(({ name, value, range }) => [
        `${name}=${quote(value)} @`,
        range,
        ",",
      ]);
      return [statement.name, "(", ...parameters, ")", statement.body ? "{}" : ""];
    }
    case "rule": {
      const { filter } = statement;
      const braces = statement.braces ? "{}" : "";
      if (filter.kind === "selector") return ["selector", quote(filter.text), "@", filter.range, braces];
      const { property, negated, operation, value } = filter;
      return [
        property,
        negated ? "not" : "",
        operation,
        quote(value),
        quote(filter.text),
        "@",
        filter.range,
        braces,
      ];
    }
    case "if":
      return [quote(statement.condition)];
    case "foreach":
      return [quote(statement.iterator)];
    case "call":
      return [quote(statement.ruleset ?? null)];
    case "stop":
      return [];
    default:
      return [quote(statement.text)];
  }
}
