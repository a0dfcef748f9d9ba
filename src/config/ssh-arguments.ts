import { posix } from "node:path";
import { OBEYED_SSH_KEYWORDS, sshKeyword, UNUSED_SSH_KEYWORDS } from "../core/ssh-keywords.ts";
import { jumpsOfProxyCommand } from "./ssh-proxy-command.ts";

/** What lfce understands of `ansible_ssh_common_args` and its like. */
export interface SshArguments {
  /** In the order of the way; empty for `none`. */
  proxyJump?: string[];
  /** As written. */
  knownHostsFiles?: string[];
  /** The file of `-F`, as written. */
  configFile?: string;
  /** What else ssh would be told, as keywords with their values, in order. */
  options: { keyword: string; value: string }[];
  /** Arguments that have no effect, each with the reason; those that ssh and lfce alike have no use for are left out. */
  ignored: { argument: string; reason: string }[];
  /** Arguments that would lead elsewhere if they were ignored. */
  refused: { argument: string; reason: string }[];
}

/** Options of ssh(1) whose value is the rest of the word or the next one. */
const WITH_VALUE = "BbcDEeFIiJLlmOoPpQRSWw";
/** Those that are ssh_config's keywords by another name. */
const KEYWORD_OF: Record<string, string> = { b: "BindAddress", i: "IdentityFile", l: "User", p: "Port" };
const FLAG_OF: Record<string, string> = { "4": "inet", "6": "inet6" };
/** Those that change nothing for lfce, which opens one channel for its own scripts. */
const WITHOUT_EFFECT = "AaCcDEeGgKkLMmNnOqRSsTtVvwXxYy";

const ALWAYS_CHECKED = "lfce always checks host keys";
/** The values of StrictHostKeyChecking with which a changed key is refused. */
const CHECKING = /^(yes|true|ask|accept-new)$/i;

/**
 * Reads ssh's options. Of one that is given several times the first counts, as for ssh. A way round host key
 * checking is ignored, a ProxyCommand is refused: nothing of an inventory runs as a command.
 */
export function parseSshArguments(text: string): SshArguments {
  const result: SshArguments = { options: [], ignored: [], refused: [] };
  const words = splitWords(text);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const letters = /^-([^-\s].*)$/s.exec(word)?.[1];
    if (letters === undefined) {
      result.ignored.push({ argument: word, reason: "it is no option of ssh" });
      continue;
    }
    // Several letters may share a word; one that takes a value takes the rest of it.
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] ?? "";
      if (!WITH_VALUE.includes(letter)) readFlag(letter, result);
      else {
        const value = at + 1 < letters.length ? letters.slice(at + 1) : words[++index];
        readValue(letter, value, result);
        break;
      }
    }
  }
  return result;
}

function readFlag(letter: string, result: SshArguments): void {
  const family = FLAG_OF[letter];
  if (family !== undefined) result.options.push({ keyword: "AddressFamily", value: family });
  else if (!WITHOUT_EFFECT.includes(letter)) {
    result.ignored.push({ argument: `-${letter}`, reason: "lfce does not know it" });
  }
}

function readValue(letter: string, value: string | undefined, result: SshArguments): void {
  if (value === undefined) result.ignored.push({ argument: `-${letter}`, reason: "its value is missing" });
  else if (letter === "J") result.proxyJump ??= jumps(value);
  else if (letter === "F") result.configFile ??= value;
  else if (letter === "o") readOption(value, result);
  else if (KEYWORD_OF[letter] !== undefined) result.options.push({ keyword: KEYWORD_OF[letter], value });
  else if (!WITHOUT_EFFECT.includes(letter)) {
    result.ignored.push({ argument: `-${letter} ${value}`, reason: "lfce does not know it" });
  }
}

function readOption(option: string, result: SshArguments): void {
  const [, keyword = "", value = ""] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*(.*)$/s.exec(option) ?? [];
  const argument = `-o ${option}`;
  switch (sshKeyword(keyword)) {
    case "proxyjump":
      result.proxyJump ??= jumps(value);
      return;
    case "proxycommand":
      readProxyCommand(argument, value, result);
      return;
    case "userknownhostsfile": {
      const files = splitWords(value).filter((file) => !isNoFile(file));
      if (files.length === 0) result.ignored.push({ argument, reason: ALWAYS_CHECKED });
      else result.knownHostsFiles ??= files;
      return;
    }
    case "stricthostkeychecking": {
      const checking = splitWords(value).join(" ");
      // Only what keeps the check: a quote, a blank or a comment could hide a no.
      if (CHECKING.test(checking)) result.options.push({ keyword, value: checking });
      else result.ignored.push({ argument, reason: ALWAYS_CHECKED });
      return;
    }
    case "knownhostscommand":
      result.ignored.push({ argument, reason: "nothing of an inventory runs as a command" });
      return;
    default:
      if (OBEYED_SSH_KEYWORDS.has(sshKeyword(keyword))) result.options.push({ keyword, value });
      else if (!UNUSED_SSH_KEYWORDS.has(sshKeyword(keyword))) {
        result.ignored.push({ argument, reason: "lfce does not know it" });
      }
  }
}

/** What remembers no key: the usual way to switch host key checking off, together with accept-new. */
function isNoFile(file: string): boolean {
  return file.toLowerCase() === "none" || posix.normalize(file) === "/dev/null";
}

/** `ssh -W %h:%p JUMP` says the same as ProxyJump; anything else would have to run. */
function readProxyCommand(argument: string, value: string, result: SshArguments): void {
  if (result.proxyJump !== undefined) return;
  const hosts = value.toLowerCase() === "none" ? [] : jumpsOfProxyCommand(splitWords(value));
  if (hosts) result.proxyJump = hosts;
  else result.refused.push({ argument, reason: "nothing of an inventory runs as a command" });
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
