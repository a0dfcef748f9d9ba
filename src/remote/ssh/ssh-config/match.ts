import type { Warning } from "../../../core/errors.ts";
import { patternListMatches } from "../wildcard.ts";
import type { MatchCriterion } from "./document.ts";
import { type ConfigLine, invalidLine, positionOf } from "./lines.ts";

/** What Match criteria look at. */
export interface MatchSubject {
  /** The address as known so far: HostName, else the host as asked for. */
  host: string;
  originalHost: string;
  user: string;
  localUser: string;
  /** The second reading, which `Match final` and CanonicalizeHostname ask for. */
  finalPass: boolean;
}

const WITHOUT_VALUE = new Set(["all", "canonical", "final"]);
/** Criteria that ssh knows and that are not evaluated: they run commands, or ask what lfce has no answer to. */
const NOT_EVALUATED = new Set(["exec", "localnetwork", "version", "tagged", "command", "sessiontype"]);
const EVALUATED = new Set(["host", "originalhost", "user", "localuser"]);

/** Reads the words of a Match line. Throws `ssh-config-invalid` as ssh does. */
export function parseMatch(line: ConfigLine): MatchCriterion[] {
  const words = [...line.words];
  const criteria: MatchCriterion[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const negated = word.startsWith("!");
    const [, attribute = "", joined] = /^([^=]*)(?:=(.*))?$/s.exec(negated ? word.slice(1) : word) ?? [];
    const name = attribute.toLowerCase();
    if (WITHOUT_VALUE.has(name)) {
      criteria.push({ name, negated, patterns: "" });
      continue;
    }
    if (!EVALUATED.has(name) && !NOT_EVALUATED.has(name))
      throw invalidLine(line, `has no criterion "${word}"`);
    const patterns = joined ?? words.shift();
    if (patterns === undefined || patterns === "") throw invalidLine(line, `says nothing after ${name}`);
    criteria.push({ name, negated, patterns });
  }
  const all = criteria.findIndex(({ name }) => name === "all");
  // ssh allows one of canonical and final before it, and nothing after it.
  if (all !== -1 && (all !== criteria.length - 1 || all > 1)) {
    throw invalidLine(line, "combines all with other criteria");
  }
  if (criteria.length === 0) throw invalidLine(line, "has no criteria");
  return criteria;
}

/** Whether all criteria hold. One that is not evaluated does not, and is reported when the others do. */
export function criteriaHold(
  criteria: readonly MatchCriterion[],
  subject: MatchSubject,
  line: ConfigLine,
  warn: (warning: Warning) => void,
): boolean {
  const unknown = criteria.filter(({ name }) => NOT_EVALUATED.has(name));
  const others = criteria.filter((criterion) => !unknown.includes(criterion));
  if (!others.every((criterion) => holds(criterion, subject) !== criterion.negated)) return false;
  for (const { name } of unknown) {
    warn({
      code: "ssh-config-match",
      message: `Match ${name} is not evaluated: the block is passed over`,
      hint: "use Host or Match host, originalhost, user or localuser for what lfce is to obey",
      ...positionOf(line),
    });
  }
  return unknown.length === 0;
}

function holds({ name, patterns }: MatchCriterion, subject: MatchSubject): boolean {
  switch (name) {
    case "all":
      return true;
    case "host":
      return patternListMatches(patterns.toLowerCase(), subject.host.toLowerCase());
    case "originalhost":
      return patternListMatches(patterns.toLowerCase(), subject.originalHost.toLowerCase());
    case "user":
      return patternListMatches(patterns, subject.user);
    case "localuser":
      return patternListMatches(patterns, subject.localUser);
    default:
      return subject.finalPass;
  }
}
