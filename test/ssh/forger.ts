import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";

/**
 * Someone between the user and a server with an ed25519 key, who shows that key without having it: passes everything
 * on and breaks the signature of the key exchange.
 */
export async function startForger(serverPort: number): Promise<{ port: number; close(): Promise<void> }> {
  // A signature on the wire: its type ssh-ed25519, then 64 bytes.
  const mark = Buffer.concat([Buffer.from("ssh-ed25519"), Buffer.from([0, 0, 0, 64])]);
  const server = createServer((socket) => {
    const upstream = connect(serverPort, "127.0.0.1");
    upstream.on("data", (chunk) => {
      const at = chunk.indexOf(mark);
      if (at !== -1) chunk.writeUInt8(chunk.readUInt8(at + mark.length) ^ 1, at + mark.length);
      socket.write(chunk);
    });
    upstream.on("error", () => {}).on("close", () => socket.destroy());
    socket.on("error", () => {}).on("close", () => upstream.destroy());
    socket.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
