import { posix } from "node:path";

/** What lfce understands of `ansible_ssh_common_args`. */
export interface SshArguments {
  proxyJump?: string[];
  knownHostsFiles?: string[];
  /** Arguments that have no effect, each with the reason. */
  ignored: { argument: string; reason: string }[];
}

/** Options whose value is the next word, from ssh(1); -J and -o are read apart. */
const WITH_VALUE = "BbcDEeFIiLlmOPpQRSWw";

/**
 * Reads ssh options: `-J`, `-o ProxyJump=`, `-o UserKnownHostsFile=`. Everything else is listed as ignored,
 * `StrictHostKeyChecking` among it: lfce always checks host keys.
 */
export function parseSshArguments(text: string): SshArguments {
  const result: SshArguments = { ignored: [] };
  const words = splitWords(text);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const letter = /^-([A-Za-z])/.exec(word)?.[1] ?? "";
    const takesValue = letter !== "" && `Jo${WITH_VALUE}`.includes(letter);
    const value = !takesValue ? undefined : word.length > 2 ? word.slice(2) : words[++index];
    if (letter === "J" && value !== undefined) result.proxyJump = jumps(value);
    else if (letter === "o" && value !== undefined) readOption(value, result);
    else {
      const argument = value === undefined || word.length > 2 ? word : `${word} ${value}`;
      result.ignored.push({ argument, reason: "lfce does not know it" });
    }
  }
  return result;
}

function readOption(option: string, result: SshArguments): void {
  const [, name = "", value = ""] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*(.*)$/s.exec(option) ?? [];
  switch (name.toLowerCase()) {
    case "proxyjump":
      result.proxyJump = jumps(value);
      return;
    case "userknownhostsfile":
      // /dev/null is the usual way to switch host key checking off.
      if (value !== "/dev/null") result.knownHostsFiles = splitWords(value);
      else result.ignored.push({ argument: `-o ${option}`, reason: "lfce always checks host keys" });
      return;
    case "stricthostkeychecking":
      if (/^(yes|true)$/i.test(value)) return;
      result.ignored.push({ argument: `-o ${option}`, reason: "lfce always checks host keys" });
      return;
    default:
      result.ignored.push({ argument: `-o ${option}`, reason: "lfce does not know it" });
  }
}

function jumps(value: string): string[] {
  return value.toLowerCase() === "none" ? [] : value.split(",").filter((jump) => jump !== "");
}

/** Splits like a shell does at blanks, with quotes. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** A path as the inventory means it: `~` is the home directory, a relative one starts at `base`. */
export function resolvePath(path: string, home: string, base: string): string {
  if (path === "~") return home;
  if (path.startsWith("~/")) return posix.join(home, path.slice(2));
  return posix.isAbsolute(path) ? path : posix.join(base, path);
}
