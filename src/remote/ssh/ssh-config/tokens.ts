import { createHash } from "node:crypto";
import { LfceError } from "../../../core/errors.ts";

/** What the tokens of ssh_config(5), TOKENS, stand for. */
export interface TokenValues {
  /** `%h`: the address, after HostName. */
  address: string;
  /** `%n`: the host as it was asked for. */
  originalHost: string;
  port: number;
  user: string;
  localUser: string;
  /** `%l`: this machine's name. */
  localHost: string;
  home: string;
  userId: number;
  hostKeyAlias?: string;
  /** `%j`: the last jump host; empty without one. */
  jumpHost: string;
}

/** The letters of TOKENS with what they stand for; `%C` is the SHA-1 of `%l%h%p%r%j`. */
export function tokenTable(values: TokenValues): Record<string, string> {
  const { localHost, address, port, user, jumpHost, originalHost, home } = values;
  return {
    C: createHash("sha1").update(`${localHost}${address}${port}${user}${jumpHost}`).digest("hex"),
    L: localHost.replace(/\..*$/s, ""),
    d: home,
    h: address,
    i: String(values.userId),
    j: jumpHost,
    k: values.hostKeyAlias ?? originalHost,
    l: localHost,
    n: originalHost,
    p: String(port),
    r: user,
    u: values.localUser,
  };
}

/** The tokens that a ProxyCommand may have. */
export function proxyTokens(values: TokenValues): Record<string, string> {
  const { h = "", k = "", n = "", p = "", r = "" } = tokenTable(values);
  return { h, k, n, p, r };
}

/**
 * Replaces `%x` by its value, `%%` by `%`, and `${NAME}` by the environment variable where `variable` is given.
 * Throws `ssh-config-invalid` for a token or a variable that is not there, as ssh does; `where` says who asked.
 */
export function expandTokens(
  text: string,
  table: Record<string, string>,
  where: string,
  variable?: (name: string) => string | undefined,
): string {
  const pattern = variable ? /%(.?)|\$\{([^}]*)(\}?)/gsu : /%(.?)/gsu;
  return text.replace(pattern, (all, letter: string | undefined, name?: string, end?: string) => {
    if (letter === "%") return "%";
    if (letter !== undefined) {
      if (Object.hasOwn(table, letter)) return table[letter] ?? "";
      throw noToken(`${all} is no token that can stand here`, text, where);
    }
    const value = end === "}" ? variable?.(name ?? "") : undefined;
    if (value === undefined) throw noToken(`the environment variable in ${all} is not set`, text, where);
    return value;
  });
}

function noToken(problem: string, text: string, where: string): LfceError {
  return new LfceError({
    code: "ssh-config-invalid",
    message: `${problem}: "${text}" (${where})`,
    hint: "ssh_config(5) lists under TOKENS what can stand where; write %% for a percent sign",
  });
}
