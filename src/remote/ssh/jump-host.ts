/** A jump host as `-J` and ProxyJump write it. */
export interface JumpHost {
  user?: string;
  host: string;
  port?: number;
}

/**
 * Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`, an IPv6 address in brackets; undefined when it is
 * neither. What would be an option of ssh, or has blanks or control characters in it, is none.
 */
export function parseJumpHost(text: string): JumpHost | undefined {
  const address = text.trim().replace(/^ssh:\/\/([^/]*)\/?$/i, "$1");
  const match = /^(?:(.+)@)?(?:\[([^[\]]+)\]|([^@:/[\]]+))(?:[:/](\d{1,5}))?$/s.exec(address);
  const host = match?.[2] ?? match?.[3];
  const [user, port] = [match?.[1], match?.[4] === undefined ? undefined : Number(match[4])];
  if (host === undefined || !isPlain(host) || (user !== undefined && !isPlain(user))) return undefined;
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}

/** Reads a comma-separated list in the order of the way; undefined when one of them is none; [] for `none`. */
export function parseJumpHosts(text: string): JumpHost[] | undefined {
  if (text.trim().toLowerCase() === "none") return [];
  const hosts = text.split(",").map(parseJumpHost);
  return hosts.every((host) => host !== undefined) ? hosts : undefined;
}

function isPlain(word: string): boolean {
  return !word.startsWith("-") && !/[\s\u0000-\u001f\u007f'"`\\$;&<>|(){}]/.test(word);
}

/** The jump host as it would be written. */
export function jumpHostText({ user, host, port }: JumpHost): string {
  const address = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${address}${port === undefined ? "" : `:${port}`}`;
}
