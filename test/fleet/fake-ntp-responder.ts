import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** Seconds between the NTP epoch (1900) and the Unix epoch (1970), RFC 5905. */
const NTP_EPOCH = 2_208_988_800;

/** Seconds: what a busy process may be late by is no lie. */
const ROOT_DISPERSION = 0.02;

export interface FakeNtpResponder {
  port: number;
  /** From now on it is off by so many seconds. */
  lie(offset: number): void;
  close(): void;
}

/**
 * An NTP server that lies by `offset` seconds about the time: the machines of a lab share one clock, so none
 * of them can be wrong. It answers every client request as a synchronised stratum 5 server.
 */
export async function startFakeNtpResponder(address: string, offset: number): Promise<FakeNtpResponder> {
  const socket: Socket = createSocket("udp4");
  let now = offset;
  socket.on("message", (request, from) => {
    if (request.length < 48) return;
    socket.send(answer(request, now), from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, "listening");
  const lie = (other: number) => {
    now = other;
  };
  return { port: socket.address().port, lie, close: () => socket.close() };
}

function answer(request: Buffer, offset: number): Buffer {
  const reply = Buffer.alloc(48);
  reply[0] = (4 << 3) | 4; // no leap second to come, version 4, mode 4 (server)
  reply[1] = 5; // stratum
  reply[2] = request[2] as number; // poll
  reply[3] = 0xec; // precision: 2^-20 s
  reply.writeUInt32BE(ROOT_DISPERSION * 2 ** 16, 8);
  reply.write("FAKE", 12, "latin1");
  const now = (performance.timeOrigin + performance.now()) / 1000 + offset;
  writeTimestamp(reply, 16, now - 1); // when its clock was last set
  request.copy(reply, 24, 40, 48); // originate: what the client sent as its transmit time
  writeTimestamp(reply, 32, now); // receive
  writeTimestamp(reply, 40, now); // transmit
  return reply;
}

function writeTimestamp(packet: Buffer, position: number, unixSeconds: number): void {
  const whole = Math.floor(unixSeconds);
  packet.writeUInt32BE((whole + NTP_EPOCH) % 2 ** 32, position);
  packet.writeUInt32BE(Math.floor((unixSeconds - whole) * 2 ** 32), position + 4);
}
