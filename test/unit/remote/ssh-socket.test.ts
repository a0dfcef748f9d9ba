import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { openSocket } from "../../../src/remote/ssh/socket.ts";

describe("the socket to a machine", () => {
  let server: Server;
  before(async () => {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());
  const target = () => ({
    host: "web1",
    address: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });

  it("comes from BindAddress", async () => {
    const accepted = once(server, "connection");
    const socket = await openSocket({ ...target(), bindAddress: "127.0.0.2" });
    const [connection] = await accepted;
    const { remoteAddress } = connection;
    connection.destroy();
    socket.destroy();
    assert.equal(remoteAddress, "127.0.0.2");
  });

  it("is of the AddressFamily that is asked for", async () => {
    const accepted = once(server, "connection");
    const socket = await openSocket({ ...target(), addressFamily: "inet" });
    const [connection] = await accepted;
    connection.destroy();
    socket.destroy();
    await assert.rejects(openSocket({ ...target(), address: "localhost", addressFamily: "inet6" }), {
      code: /^(connection-refused|host-unreachable)$/,
    });
  });
});
