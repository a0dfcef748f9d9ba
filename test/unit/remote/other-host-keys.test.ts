import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import ssh2 from "ssh2";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { connectSsh } from "../../ssh/connect-once.ts";
import { closeServers, environment, filesFor, hostKey, serve, settings } from "./ssh-fixture.ts";

/** The inner part of ssh2 that sends and hears global requests: its server knows nothing of these. */
interface Protocol {
  _handlers: { GLOBAL_REQUEST: (protocol: unknown, name: string) => void };
  _packetRW: { write: { alloc(size: number): Buffer; allocStart: number; finalize(packet: Buffer): Buffer } };
}
const { sendPacket } = createRequire(import.meta.url)("ssh2/lib/protocol/utils.js") as {
  sendPacket(protocol: Protocol, packet: Buffer): void;
};

const GLOBAL_REQUEST = 80;
after(closeServers);

test("a host that names all its keys, as sshd does after each login, is not asked to prove them", async () => {
  const asked: string[] = [];
  const server = await serve({
    onAuthentication: (context, connection) => {
      if (context.method !== "publickey" || !context.signature) return false;
      const protocol = (connection as unknown as { _protocol: Protocol })._protocol;
      protocol._handlers.GLOBAL_REQUEST = (_protocol, name) => asked.push(name);
      connection.once("ready", () => nameHostKeys(protocol));
      return false;
    },
  });
  const never = new AbortController().signal;
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1");
  // Whatever the client asks about the keys it has asked before this ends.
  await channel.run({ name: "example", source: "true" }, { timeoutMs: 20_000, maxOutputBytes: 1000 });
  assert.deepEqual(asked, []);
  await transport.close();
});

function nameHostKeys(protocol: Protocol): void {
  const key = ssh2.utils.parseKey(hostKey.public);
  if (key instanceof Error) throw key;
  const name = Buffer.from("hostkeys-00@openssh.com");
  const request = Buffer.concat([
    Buffer.of(GLOBAL_REQUEST),
    sized(name),
    Buffer.of(0),
    sized((Array.isArray(key) ? key[0] : key).getPublicSSH()),
  ]);
  const { write } = protocol._packetRW;
  const start = write.allocStart;
  const packet = write.alloc(request.length);
  request.copy(packet, start);
  sendPacket(protocol, write.finalize(packet));
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
