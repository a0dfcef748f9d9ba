/**
 * The jump host of a ProxyCommand in the form that was usual before ProxyJump:
 * `ssh [-q] [-A] [-l USER] [-p PORT] -W %h:%p [USER@]HOST`. Undefined for any other command, and for one with
 * options that a jump host of ProxyJump would not have.
 */
export function jumpsOfProxyCommand(words: readonly string[]): string[] | undefined {
  if (!/^(?:\S*\/)?ssh$/.test(words[0] ?? "")) return undefined;
  let user: string | undefined;
  let port: string | undefined;
  let host: string | undefined;
  let forwards = false;
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? "";
    const [, letter = "", joined = ""] = /^-([lpW])(.*)$/s.exec(word) ?? [];
    const value = letter === "" ? undefined : joined || words[++index];
    if (letter === "l") user = value;
    else if (letter === "p") port = value;
    else if (letter === "W") forwards = value === "%h:%p" || value === "[%h]:%p";
    else if (/^-[qAaTxv]+$/.test(word)) continue;
    else if (word.startsWith("-") || host !== undefined) return undefined;
    else host = word;
  }
  if (!forwards || host === undefined || /[\s,%]/.test(host)) return undefined;
  const [, named, address = host] = /^(.+)@(.*)$/s.exec(host) ?? [];
  const login = named ?? user;
  return [`${login === undefined ? "" : `${login}@`}${address}${port === undefined ? "" : `:${port}`}`];
}
