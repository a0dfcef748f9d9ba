import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay between lfce and a server, for what happens on networks. */
export interface Relay {
  port: number;
  /** From now on nothing passes in either direction, and nobody is told. */
  freeze(): void;
  /** Cuts what is open; new connections pass. */
  cut(): void;
  close(): Promise<void>;
}

/** Relays to a port of the loopback. `accept` says whether a connection is relayed; else it has dealt with it. */
export async function relayTo(
  port: number,
  accept: (socket: Socket) => boolean = () => true,
  ownPort = 0,
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (!accept(socket)) return void socket.resume();
    const onward = connect(port, "127.0.0.1");
    sockets.add(onward);
    onward.on("error", () => socket.destroy());
    onward.on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(ownPort, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    cut,
    close: async () => {
      cut();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
