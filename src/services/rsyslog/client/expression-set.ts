import { facilities, facilityTexts, severities } from "../facilities.ts";
import { type MessageSet, selectorSet } from "./selector-set.ts";

/** What an expression yields for a message; RainerScript's truth is a number other than 0. */
type Value = string | number;

/** An expression that looks at nothing but the facility and the severity of a message. */
type Reader = (facility: number, severity: number) => Value;

/** Thrown inside this file for what depends on more than facility and severity, or differs between versions. */
const notAboutPriority = new Error("depends on more than facility and severity");

const severityTexts = Object.keys(severities);

const properties: Record<string, Reader> = {
  syslogfacility: (facility) => `${facility}`,
  "syslogfacility-text": (facility) => facilityTexts[facility] ?? "",
  syslogseverity: (_, severity) => `${severity}`,
  "syslogseverity-text": (_, severity) => severityTexts[severity] ?? "",
  pri: (facility, severity) => `${facility * 8 + severity}`,
  "pri-text": (facility, severity) => `${facilityTexts[facility]}.${severityTexts[severity]}`,
};
properties.syslogpriority = properties.syslogseverity as Reader;
properties["syslogpriority-text"] = properties["syslogseverity-text"] as Reader;

/** Facilities whose texts no selector knows: rsyslogd takes a comparison with one for always false. */
const unnamed = facilityTexts.filter((text) => !Object.hasOwn(facilities, text));

const token =
  /\s+|#[^\n]*|\/\*[\s\S]*?\*\/|\$[a-z-]+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+|[a-z][a-z_]*|==|!=|<>|<=|>=|[<>(),[\]]/iy;

/**
 * The messages for which a RainerScript expression holds, by facility and severity; undefined when it looks at
 * anything else, or is none.
 */
export function expressionSet(text: string): MessageSet | undefined {
  const tokens = tokensOf(text);
  if (!tokens) return undefined;
  const rest = { tokens, at: 0 };
  try {
    const holds = condition(rest);
    if (rest.at < tokens.length) return undefined;
    return facilityTexts.map((_, facility) =>
      severityTexts.reduce((mask, __, severity) => mask | (truth(holds(facility, severity)) << severity), 0),
    );
  } catch (error) {
    if (error === notAboutPriority) return undefined;
    throw error;
  }
}

/** The messages that a property filter on facility or severity passes; undefined for one on anything else. */
export function propertySet(property: string, operation: string, value: string): MessageSet | undefined {
  const read = properties[property.replace(/^\$/, "")];
  const holds = { isequal: "==", startswith: "startswith", contains: "contains" }[operation];
  if (!read || holds === undefined) return undefined;
  return facilityTexts.map((_, facility) =>
    severityTexts.reduce(
      (mask, __, severity) => mask | (Number(compare(holds, read(facility, severity), value)) << severity),
      0,
    ),
  );
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  for (token.lastIndex = 0; token.lastIndex < text.length; ) {
    const word = token.exec(text)?.[0];
    if (word === undefined) return undefined;
    if (!/^(\s|#|\/\*)/.test(word)) tokens.push(word);
  }
  return tokens;
}

interface Rest {
  tokens: readonly string[];
  at: number;
}

const words = (rest: Rest) => rest.tokens[rest.at]?.toLowerCase();

function accept(rest: Rest, ...wanted: string[]): string | undefined {
  const next = words(rest);
  if (next === undefined || !wanted.includes(next)) return undefined;
  rest.at++;
  return next;
}

const truth = (value: Value) => Number(typeof value === "number" ? value !== 0 : /^\d*[1-9]/.test(value));

/** `and` and `or` bind alike, from left to right (grammar.y). */
function condition(rest: Rest): Reader {
  let left = comparison(rest);
  for (;;) {
    const operator = accept(rest, "and", "or");
    if (operator === undefined) return left;
    const [one, other] = [left, comparison(rest)];
    left = (facility, severity) => {
      const [first, second] = [truth(one(facility, severity)), truth(other(facility, severity))];
      return operator === "and" ? first & second : first | second;
    };
  }
}

function comparison(rest: Rest): Reader {
  const left = operand(rest);
  const operator = accept(rest, "==", "!=", "<>", "<", "<=", ">", ">=", "contains", "startswith");
  if (operator === undefined) return left;
  const choices = accept(rest, "[") ? listOf(rest) : [operand(rest)];
  const every = operator === "!=" || operator === "<>";
  return (facility, severity) => {
    const value = left(facility, severity);
    const holds = (choice: Reader) => compare(operator, value, choice(facility, severity));
    return Number(every ? choices.every(holds) : choices.some(holds));
  };
}

function listOf(rest: Rest): Reader[] {
  const elements = [operand(rest)];
  while (accept(rest, ",")) elements.push(operand(rest));
  if (!accept(rest, "]")) throw notAboutPriority;
  return elements;
}

/** `not` binds tighter than a comparison: `not $x == 4` compares what `not $x` yields. */
function operand(rest: Rest): Reader {
  if (accept(rest, "not")) {
    const inner = operand(rest);
    return (facility, severity) => 1 - truth(inner(facility, severity));
  }
  if (accept(rest, "(")) {
    const inner = condition(rest);
    if (!accept(rest, ")")) throw notAboutPriority;
    return inner;
  }
  const text = rest.tokens[rest.at++] ?? "";
  if (/^\d/.test(text)) return () => Number(text);
  if (/^["']/.test(text)) {
    const literal = text.slice(1, -1);
    if (unnamed.includes(literal)) throw notAboutPriority;
    return () => literal;
  }
  if (text.toLowerCase() === "prifilt") return prifilt(rest);
  const read = text.startsWith("$") ? properties[text.slice(1).toLowerCase()] : undefined;
  if (!read) throw notAboutPriority;
  return read;
}

function prifilt(rest: Rest): Reader {
  const [open, text = "", close] = rest.tokens.slice(rest.at, rest.at + 3);
  const set =
    open === "(" && close === ")" && /^["']/.test(text) ? selectorSet(text.slice(1, -1)) : undefined;
  if (!set) throw notAboutPriority;
  rest.at += 3;
  return (facility, severity) => ((set[facility] as number) >> severity) & 1;
}

/**
 * As rsyslogd compares: two strings as such, a string with a number as numbers where it is one. Which of two
 * strings is the smaller is said only for single digits.
 */
function compare(operator: string, left: Value, right: Value): boolean {
  const strings = typeof left === "string" && typeof right === "string";
  if (operator === "contains") return `${left}`.includes(`${right}`);
  if (operator === "startswith") return `${left}`.startsWith(`${right}`);
  if (operator === "==" && strings) return left === right;
  if (operator === "!=" || operator === "<>") return !compare("==", left, right);
  if (strings ? !/^\d \d$/.test(`${left} ${right}`) : !/^\d+ \d+$/.test(`${left} ${right}`)) {
    throw notAboutPriority;
  }
  const difference = Number(left) - Number(right);
  if (operator === "==") return difference === 0;
  if (difference === 0) return operator.endsWith("=");
  return operator.startsWith(difference < 0 ? "<" : ">");
}
