import { LfceError } from "../../core/errors.ts";
import type { Evaluation } from "./ssh-config/evaluate.ts";
import { expandTokens, proxyTokens, type TokenValues } from "./ssh-config/tokens.ts";

/**
 * The ProxyCommand of a machine with its tokens replaced; undefined for none. It becomes shell text, and what the
 * tokens stand for may come from an inventory: throws `proxy-command-unsafe` unless it is plain.
 */
export function proxyCommandOf(
  host: string,
  { values, origins }: Evaluation,
  tokens: TokenValues,
): string | undefined {
  const { proxycommand: command } = values;
  if (command === undefined || command === "") return undefined;
  const table = proxyTokens(tokens);
  const where = origins.proxycommand ?? "ProxyCommand";
  for (const [token] of command.matchAll(/%./gsu)) {
    const value = table[token.slice(1)];
    if (value === undefined || /^[A-Za-z0-9_%][A-Za-z0-9_.:@%+-]*$/.test(value)) continue;
    throw new LfceError({
      code: "proxy-command-unsafe",
      message: `${token} of the ProxyCommand for ${host} would put ${JSON.stringify(value)} into a shell's command line (${where})`,
      hint: "use letters, digits and .:_@%+- only in the host's address, HostKeyAlias and user",
      at: { host, phase: "connect" },
    });
  }
  return expandTokens(command, table, where);
}
