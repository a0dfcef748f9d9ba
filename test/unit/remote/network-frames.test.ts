import assert from "node:assert/strict";
import { it } from "node:test";
import { listenersOf, namesOf, splitEndpoint } from "../../../src/remote/network-frames.ts";

it("reads listening sockets from the kernel's own tables where ss is missing", () => {
  const header = "  sl  local_address rem_address   st\n";
  const frames = [
    {
      key: "proc-tcp",
      value: `${header}   0: 0100007F:0202 00000000:0000 0A 00000000:00000000\n   1: 0B601FAC:0016 0C601FAC:C350 01 0:0\n`,
    },
    { key: "proc-tcp6", value: `${header}   0: 00000000000000000000000000000000:0202 0:0 0A 0:0\n` },
    { key: "proc-udp6", value: `${header}   0: 000000FD000000000000000001000000:007B 0:0 07 0:0\n` },
  ];
  assert.deepEqual(listenersOf(frames), [
    { protocol: "tcp", address: "127.0.0.1", port: 514 },
    { protocol: "tcp", address: "::", port: 514 },
    { protocol: "udp", address: "fd00:0:0:0:0:0:0:1", port: 123 },
  ]);
});

it("splits what ss prints as an endpoint", () => {
  assert.deepEqual(splitEndpoint("[::1]:323"), { address: "::1", port: 323 });
  assert.deepEqual(splitEndpoint("*:514"), { address: "*", port: 514 });
  assert.deepEqual(splitEndpoint("[fe80::1]%eth0:546"), { address: "fe80::1", port: 546 });
  assert.deepEqual(splitEndpoint("10.0.0.1%lo:53"), { address: "10.0.0.1", port: 53 });
  assert.equal(splitEndpoint("Address:Port"), undefined);
});

it("keeps a name without addresses: it did not resolve", () => {
  const frames = [
    { key: "name", value: "a.example 10.0.0.1 10.0.0.1 ::1 " },
    { key: "name", value: "b.example " },
  ];
  assert.deepEqual(namesOf(frames), { "a.example": ["10.0.0.1", "::1"], "b.example": [] });
});
