import { type JumpHost, parseJumpHosts } from "../jump-host.ts";
import { type ConfigLine, invalidLine } from "./lines.ts";

/** The value of every keyword that lfce obeys; a keyword that is not set is left out. */
export type ConfigValues = { -readonly [Keyword in keyof typeof READERS]?: Value<Keyword> };
export type ConfigKeyword = keyof typeof READERS;
export type Value<Keyword extends ConfigKeyword> = Exclude<ReturnType<(typeof READERS)[Keyword]>, undefined>;

/** Reads one line's value: undefined where it counts as not set. Throws `ssh-config-invalid` as ssh would. */
type Reader<T> = (line: ConfigLine) => T | undefined;

const flag: Reader<boolean> = choice({ yes: true, true: true, no: false, false: false });

/** Keyword → how its value is read. The first value of a keyword wins, except where ACCUMULATING says otherwise. */
export const READERS = {
  addressfamily: choice({ any: "any", inet: "inet", inet6: "inet6" }),
  batchmode: flag,
  bindaddress: oneWord,
  bindinterface: oneWord,
  canonicalizehostname: choice({ yes: "yes", true: "yes", always: "yes", no: "no", false: "no" }),
  certificatefile: oneWord,
  connecttimeout: seconds,
  globalknownhostsfile: files,
  hashknownhosts: flag,
  hostkeyalgorithms: oneWord,
  hostkeyalias: oneWord,
  hostname: oneWord,
  identitiesonly: flag,
  identityagent: agent,
  identityfile: oneWord,
  ignoreunknown: oneWord,
  kbdinteractiveauthentication: flag,
  knownhostscommand: command,
  passwordauthentication: flag,
  port,
  preferredauthentications: oneWord,
  proxycommand: command,
  proxyjump: jumps,
  proxyusefdpass: flag,
  pubkeyacceptedalgorithms: oneWord,
  pubkeyauthentication: choice({
    yes: true,
    true: true,
    unbound: true,
    "host-bound": true,
    no: false,
    false: false,
  }),
  refuseconnection: command,
  revokedhostkeys: files,
  serveralivecountmax: wholeNumber,
  serveraliveinterval: seconds,
  stricthostkeychecking: choice({
    yes: "yes",
    true: "yes",
    ask: "yes",
    "accept-new": "accept-new",
    no: "no",
    false: "no",
    off: "no",
  }),
  user: oneWord,
  userknownhostsfile: files,
} as const satisfies Record<string, Reader<unknown>>;

/** Keywords whose values are all kept, each once. */
export const ACCUMULATING: ReadonlySet<string> = new Set(["identityfile", "certificatefile"]);

export function isConfigKeyword(keyword: string): keyword is ConfigKeyword {
  return Object.hasOwn(READERS, keyword);
}

function oneWord(line: ConfigLine): string {
  const [word, more] = line.words;
  if (word === undefined || word === "") throw invalidLine(line, "has no value");
  if (more !== undefined) throw invalidLine(line, `has more than one value, "${more}" is too much`);
  return word;
}

function choice<const T>(values: Record<string, T>): Reader<T> {
  return (line) => {
    const word = oneWord(line).toLowerCase();
    if (Object.hasOwn(values, word)) return values[word];
    throw invalidLine(line, `must be one of ${Object.keys(values).join(", ")}, not "${word}"`);
  };
}

function wholeNumber(line: ConfigLine): number {
  const word = oneWord(line);
  const value = /^\d{1,10}$/.test(word) ? Number(word) : Number.NaN;
  if (value <= 2 ** 31 - 1) return value;
  throw invalidLine(line, `must be a whole number, not "${word}"`);
}

function port(line: ConfigLine): number {
  const value = wholeNumber(line);
  if (value >= 1 && value <= 65535) return value;
  throw invalidLine(line, `must be a port from 1 to 65535, not ${value}`);
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `1m30s`, `2h` in seconds (sshd_config(5), TIME FORMATS); `none` counts as not set. */
function seconds(line: ConfigLine): number | undefined {
  const word = oneWord(line);
  if (word === "none") return undefined;
  if (!/^(\d+[smhdw]?)+$/i.test(word))
    throw invalidLine(line, `must be a time such as 10 or 1m30s, not "${word}"`);
  let total = 0;
  for (const [, amount, unit] of word.matchAll(/(\d+)([smhdw]?)/gi)) {
    total += Number(amount) * (UNITS[unit?.toLowerCase() || "s"] ?? 1);
  }
  if (total > 2 ** 31 - 1) throw invalidLine(line, `is too long a time: "${word}"`);
  return total;
}

/** Files by their names; `none` stands alone and is no file. */
function files(line: ConfigLine): string[] {
  if (line.words.length === 0 || line.words.includes("")) throw invalidLine(line, "has an empty file name");
  if (!line.words.some((word) => word.toLowerCase() === "none")) return line.words;
  if (line.words.length > 1) throw invalidLine(line, "must say none alone");
  return [];
}

function agent(line: ConfigLine): string {
  const word = oneWord(line);
  if (word.startsWith("$") && !/^\$(?:\{|\w+$)/.test(word)) {
    throw invalidLine(line, `does not name an environment variable: "${word}"`);
  }
  return word;
}

/** The rest of the line as it stands, `#` and quotes and all; `none` is the empty text. */
function command(line: ConfigLine): string {
  const text = line.text.replace(/^[ \t\r=]+/, "");
  return text.toLowerCase() === "none" ? "" : text;
}

function jumps(line: ConfigLine): JumpHost[] {
  const hosts = parseJumpHosts(command(line).replace(/#.*$/s, "") || "none");
  if (hosts) return hosts;
  throw invalidLine(
    line,
    `names no jump host: "${line.text}"`,
    "write it as user@host:port; user and port may be left out",
  );
}
