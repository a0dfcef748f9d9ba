import { connect } from "node:net";
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
import ssh2 from "ssh2";
import { sshString, stringAt } from "./openssh-key.ts";

/** A key that an agent holds. */
export interface AgentKey {
  /** `ssh-ed25519`, also types that ssh2 does not know. */
  type: string;
  /** As it goes over the wire. */
  publicKey: Buffer;
  comment: string;
}

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const MAX_ANSWER = 1 << 20;
/** An agent answers at once, unless it hangs. */
const TIMEOUT_MS = 5_000;

/**
 * Lists the keys of an agent in its own order (draft-ietf-sshm-ssh-agent, section 3.5). Rejects with an Error
 * that says why when it does not answer.
 */
export function listAgentKeys(socketPath: string, timeoutMs = TIMEOUT_MS): Promise<AgentKey[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = Buffer.alloc(0);
    const settle = (end: () => void): void => {
      clearTimeout(deadline);
      socket.destroy();
      end();
    };
    const fail = (why: string): void => settle(() => reject(new Error(why)));
    const deadline = setTimeout(() => fail("it does not answer"), timeoutMs);
    socket.once("connect", () => socket.write(sshString(Buffer.from([REQUEST_IDENTITIES]))));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once("close", () => fail("it closed the connection"));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > MAX_ANSWER) return fail("its answer is too long");
      const message = stringAt(answer, 0)?.value;
      if (!message) return;
      const keys = message[0] === IDENTITIES_ANSWER ? readIdentities(message.subarray(1)) : undefined;
      if (keys) settle(() => resolve(keys));
      else fail("it refuses to list its keys");
    });
  });
}

function readIdentities(body: Buffer): AgentKey[] | undefined {
  if (body.length < 4) return undefined;
  const keys: AgentKey[] = [];
  let offset = 4;
  for (let left = body.readUInt32BE(0); left > 0; left -= 1) {
    const publicKey = stringAt(body, offset);
    const comment = publicKey && stringAt(body, publicKey.end);
    const type = publicKey && stringAt(publicKey.value, 0);
    if (!comment || !type) return undefined;
    keys.push({
      type: type.value.toString("latin1"),
      publicKey: Buffer.from(publicKey.value),
      comment: comment.value.toString("utf8"),
    });
    offset = comment.end;
  }
  return keys;
}

/** One key of an agent, alone: what ssh2 is given to offer exactly this key and no other. */
export class SingleKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #agent: InstanceType<typeof ssh2.OpenSSHAgent>;
  readonly #signing: () => void;

  /** `signing` is called when the server has taken the key and wants a signature. */
  constructor(socketPath: string, key: ParsedKey, signing: () => void) {
    super();
    this.#key = key;
    this.#agent = new ssh2.OpenSSHAgent(socketPath);
    this.#signing = signing;
  }

  getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.#key]);
  }

  sign(key: ParsedKey, data: Buffer, ...more: [SignCallback] | [SigningRequestOptions, SignCallback?]): void {
    this.#signing();
    this.#agent.sign(key, data, ...(more as [SigningRequestOptions, SignCallback]));
  }
}
