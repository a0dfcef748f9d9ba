/**
 * Facilities by their numbers, under the names that rsyslog takes in a selector (runtime/srutils.c; RFC 5424,
 * table 1). 13 and 15 have none.
 */
export const facilities: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ntp: 12,
  console: 14,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

/** Other names that rsyslog takes for a facility. */
export const facilityAliases: Readonly<Record<string, string>> = { security: "auth" };

/** What `$syslogfacility-text` holds for each facility, by its number. */
export const facilityTexts: readonly string[] =
  `kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock
   local0 local1 local2 local3 local4 local5 local6 local7`.split(/\s+/);

/** Severities by their numbers: the smaller, the graver (RFC 5424, table 2). */
export const severities: Readonly<Record<string, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** Other names that rsyslog takes for a severity. */
export const severityAliases: Readonly<Record<string, string>> = {
  panic: "emerg",
  error: "err",
  warn: "warning",
};

/** One `facility.severity` of a selector. */
export interface SelectorPart {
  /** Names, aliases resolved; `*` is every facility. */
  facilities: string[];
  /** `*`, `none`, or a severity name, aliases resolved. */
  severity: string;
  /** `=`: this severity alone, instead of this and graver ones. */
  exact: boolean;
  /** `!`: leave these messages out. */
  negated: boolean;
}

export interface SelectorProblem {
  message: string;
  hint: string;
}

/**
 * Reads a selector of rsyslog.conf(5): parts joined by `;`, facilities by `,`, then `.` and a severity with
 * `=`, `!` or both before it. Returns what is wrong instead, in words, for anything else.
 */
export function parseSelector(text: string): SelectorPart[] | SelectorProblem {
  const parts: SelectorPart[] = [];
  // A comma behind a severity separates parts as a semicolon does.
  for (const piece of text.replace(/(\.[^.,;]*),/g, "$1;").split(";")) {
    const match = /^([^.\s]+)\.(!?)(=?)([^.\s]+)$/.exec(piece.trim());
    if (!match) {
      return {
        message: `${piece.trim() || "an empty text"} is not facility.severity`,
        hint: "for example mail.info or *.*",
      };
    }
    const [, names = "", not = "", exact = "", severityText = ""] = match;
    const resolved: string[] = [];
    for (const name of names.split(",")) {
      const known = name === "*" ? name : facilityName(name);
      if (known === undefined) {
        const list = Object.keys(facilities).join(", ");
        return { message: `${name} is not a syslog facility`, hint: `the facilities are: ${list}` };
      }
      resolved.push(known);
    }
    const severity = ["*", "none"].includes(severityText) ? severityText : severityName(severityText);
    if (severity === undefined) {
      const list = Object.keys(severities).join(", ");
      return {
        message: `${severityText} is not a syslog severity`,
        hint: `the severities are: ${list}, none and *`,
      };
    }
    parts.push({ facilities: resolved, severity, exact: exact !== "", negated: not !== "" });
  }
  return parts;
}

function facilityName(text: string): string | undefined {
  const name = text.toLowerCase();
  return Object.hasOwn(facilities, name) ? name : aliasOf(facilityAliases, name);
}

function severityName(text: string): string | undefined {
  if (/^[0-7]$/.test(text)) return Object.keys(severities)[Number(text)];
  const name = text.toLowerCase();
  return Object.hasOwn(severities, name) ? name : aliasOf(severityAliases, name);
}

function aliasOf(aliases: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
