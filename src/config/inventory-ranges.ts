/** What a host name in an inventory stands for, or what is wrong with it. */
export type HostNames = { names: string[]; port?: number } | { problem: string; hint: string };

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** More hosts than this in one line are taken for a slip. */
const MOST_HOSTS = 100_000;

/**
 * Expands a host name of Ansible's inventory: ranges (`web[01:50]`, `db[a:f]`, `n[1:10:2]`, several in one
 * name; both ends count) and a port (`web1:2222`). Numbers keep the width in which the first is written.
 */
export function expandHostName(text: string): HostNames {
  const { name, port } = splitPort(text);
  const withPort = port === undefined ? {} : { port };
  if (!name.includes("[") || isBracketedAddress(name)) {
    const plain = isBracketedAddress(name) ? name.slice(1, -1) : name;
    return unsafeName(plain) ?? { names: [plain], ...withPort };
  }
  const names = expand(name);
  if (!Array.isArray(names)) return names;
  if (names.length > MOST_HOSTS) {
    return { problem: `${text} stands for more than ${MOST_HOSTS} hosts`, hint: "check the range" };
  }
  return unsafeName(names[0] ?? "") ?? { names, ...withPort };
}

function splitPort(text: string): { name: string; port?: number } {
  const match = /^(.*[^:]):([0-9]{1,5})$/.exec(text);
  const [name = "", port = ""] = match?.slice(1) ?? [];
  const whole = name.split("[").length === name.split("]").length;
  // An IPv6 address has further colons outside brackets; its last part is no port.
  if (!match || !whole || name.replace(/\[[^\]]*\]/g, "").includes(":")) return { name: text };
  return { name, port: Number(port) };
}

function isBracketedAddress(name: string): boolean {
  return /^\[[0-9A-Fa-f:.]*::?[0-9A-Fa-f:.]*\]$/.test(name) && name.split(":").length > 3;
}

/** Names become parts of file names and configuration lines, so a few characters are refused. */
function unsafeName(name: string): { problem: string; hint: string } | undefined {
  const unsafe = /[\s\u0000-\u001f\u007f/\\"'`$;,!&{}<>|#*?()[\]%]/u.exec(name);
  if (name !== "" && !/^\.+$/.test(name) && !unsafe) return undefined;
  const problem = unsafe
    ? `${JSON.stringify(unsafe[0])} cannot stand in a host's name`
    : "this cannot be a host's name";
  return { problem, hint: "use a simple name, and ansible_host for the address" };
}

function expand(name: string): string[] | { problem: string; hint: string } {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(name);
  if (!match) return name.includes("[") ? malformed(name) : [name];
  const [, head = "", range = "", tail = ""] = match;
  const values = rangeValues(range);
  if (!Array.isArray(values)) return values;
  const rest = expand(tail);
  if (!Array.isArray(rest)) return rest;
  if (values.length * rest.length > MOST_HOSTS) {
    return { problem: `${name} stands for more than ${MOST_HOSTS} hosts`, hint: "check the range" };
  }
  return values.flatMap((value) => rest.map((end) => `${head}${value}${end}`));
}

function malformed(text: string): { problem: string; hint: string } {
  return {
    problem: `[${text.replace(/^.*\[/, "")} is not a range`,
    hint: "write [1:10], [01:50:2] or [a:f]",
  };
}

function rangeValues(range: string): string[] | { problem: string; hint: string } {
  const match = /^([A-Za-z]|[0-9]*):([A-Za-z]|[0-9]+)(?::([0-9]+))?$/.exec(range);
  const [, first = "", last = "", stepText = "1"] = match ?? [];
  const letters = /^[A-Za-z]$/.test(first);
  const step = Number(stepText);
  if (!match || letters !== /^[A-Za-z]$/.test(last) || step === 0) return malformed(`${range}]`);
  const begin = letters ? LETTERS.indexOf(first) : Number(first);
  const end = letters ? LETTERS.indexOf(last) : Number(last);
  if (begin > end)
    return { problem: `the range [${range}] runs backwards`, hint: `write [${last}:${first}]` };
  if ((end - begin) / step > MOST_HOSTS) {
    return { problem: `the range [${range}] is too long`, hint: `at most ${MOST_HOSTS} hosts` };
  }
  const width = !letters && first.length > 1 && first.startsWith("0") ? first.length : 0;
  if (width > 0 && width !== last.length) {
    return {
      problem: `both ends of the range [${range}] must have the same width`,
      hint: `write [${first.padStart(last.length, "0")}:${last.padStart(width, "0")}]`,
    };
  }
  const values: string[] = [];
  for (let value = begin; value <= end; value += step) {
    values.push(letters ? (LETTERS[value] ?? "") : String(value).padStart(width, "0"));
  }
  return values;
}
