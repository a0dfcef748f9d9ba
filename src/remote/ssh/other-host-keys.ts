import type { Client } from "ssh2";

type GlobalRequest = (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void;

/** After the login sshd names all its host keys, so that a client can replace them (OpenSSH's PROTOCOL, 2.5). */
const HOST_KEYS = "hostkeys-00@openssh.com";

/**
 * Leaves the other host keys that a server names alone; to be called once `connect()` was. ssh2 has the server prove
 * each of them, a signature a key and a round trip, though nobody listens: lfce learns keys by `lfce trust` only.
 * ssh2 has no setting for that, hence its inner part; where that is another, all that is lost is the time.
 */
export function ignoreOtherHostKeys(client: Client): void {
  const { _handlers: handlers } =
    (client as unknown as { _protocol?: { _handlers?: { GLOBAL_REQUEST?: GlobalRequest } } })._protocol ?? {};
  const answer = handlers?.GLOBAL_REQUEST;
  if (!handlers || !answer) return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (name !== HOST_KEYS || wantReply) answer(protocol, name, wantReply, data);
  };
}
