import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  canonicalAddress,
  compareAddresses,
  isLocalAddress,
  networkContains,
  parseNetwork,
} from "../../../../src/services/rsyslog/server/server-address.ts";
import { networkCondition } from "../../../../src/services/rsyslog/server/server-network.ts";

describe("a sender's address", () => {
  const rows: [string, string | undefined][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::1", "::1"],
    ["10.1", undefined],
    ["0x0a000001", undefined],
    ["167772161", undefined],
    ["host.example", undefined],
    ["", undefined],
    ["10.0.0.256", undefined],
    ["2001:db8::1::1", undefined],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ];
  for (const [text, expected] of rows) {
    it(`${JSON.stringify(text)} is spelled ${expected ?? "in no way"}`, () =>
      assert.equal(canonicalAddress(text), expected));
  }

  it("marks local messages where it is a loopback one", () => {
    assert.deepEqual(["127.0.0.1", "::1", "127.0.0.2", "10.0.0.1"].map(isLocalAddress), [
      true,
      true,
      false,
      false,
    ]);
  });

  it("is sorted by number, IPv4 first", () => {
    const sorted = ["9.0.0.1", "10.0.0.2", "10.0.0.10", "10.0.1.1", "::1", "2001:db8::1", "2001:db8::1:0"];
    assert.deepEqual([...sorted].reverse().sort(compareAddresses), sorted);
    assert.equal(compareAddresses("10.0.0.1", "10.0.0.1"), 0);
  });
});

describe("a network of senders", () => {
  const rows: [string, string | undefined][] = [
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["10.1.2.3/12", "10.0.0.0/12"],
    ["10.255.2.3/12", "10.240.0.0/12"],
    ["10.1.2.3/32", "10.1.2.3/32"],
    ["10.1.2.255/25", "10.1.2.128/25"],
    ["10.1.2.3/0", "0.0.0.0/0"],
    ["10.1.2.3/33", undefined],
    ["10.1.2.3/", undefined],
    ["10.1.2.3", undefined],
    ["10.1.2.3/1000", undefined],
    ["x10.1.2.3/8", undefined],
    ["10.1.2.3/8x", undefined],
    ["10.1/8", undefined],
    ["a/8", undefined],
  ];
  for (const [text, expected] of rows) {
    it(`${text} is ${expected ?? "none"}`, () => {
      const parsed = parseNetwork(text);
      assert.equal(parsed && `${parsed.bytes.join(".")}/${parsed.prefix}`, expected);
    });
  }

  it("may be of IPv6, in either case", () => {
    const bytes = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert.deepEqual(parseNetwork("2001:DB8::f/32"), { bytes, prefix: 32 });
    assert.equal(parseNetwork("2001:db8::/128")?.prefix, 128);
    assert.equal(parseNetwork("2001:db8::/129"), undefined);
  });

  const held: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.1.2.128/25", "10.1.2.128", true],
    ["10.1.2.128/25", "10.1.2.127", false],
    ["0.0.0.0/0", "10.0.0.1", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "::1", true],
    ["::/0", "10.0.0.1", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["10.0.0.0/8", "host.example", false],
    ["nonsense", "10.0.0.1", false],
  ];
  for (const [network, address, expected] of held) {
    it(`${network} ${expected ? "holds" : "does not hold"} ${address}`, () =>
      assert.equal(networkContains(network, address), expected));
  }

  const conditions: [string, string | undefined][] = [
    ["10.0.0.0/8", '$fromhost-ip startswith "10."'],
    ["10.1.0.0/16", '$fromhost-ip startswith "10.1."'],
    ["10.1.2.0/24", '$fromhost-ip startswith "10.1.2."'],
    ["10.1.2.3/32", '$fromhost-ip == "10.1.2.3"'],
    ["10.1.2.4/31", '$fromhost-ip == ["10.1.2.4", "10.1.2.5"]'],
    ["10.1.2.4/30", '$fromhost-ip == ["10.1.2.4", "10.1.2.5", "10.1.2.6", "10.1.2.7"]'],
    ["10.1.2.0/23", '$fromhost-ip startswith ["10.1.2.", "10.1.3."]'],
    ["10.2.0.0/15", '$fromhost-ip startswith ["10.2.", "10.3."]'],
    ["0.0.0.0/0", '$fromhost-ip contains "."'],
    ["254.0.0.0/7", '$fromhost-ip startswith ["254.", "255."]'],
    ["nonsense", undefined],
  ];
  for (const [network, expected] of conditions) {
    it(`${network} is recognised by ${expected ?? "nothing"}`, () =>
      assert.equal(networkCondition(network), expected));
  }
});
