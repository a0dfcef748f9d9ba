import assert from "node:assert/strict";
import { test } from "node:test";
import { accessChecksFor } from "../../../src/run/prove-time.ts";
import { declare, inventoryText } from "../../scale/fake-fleet.ts";

test("a time server is asked about addresses of its clients that it can know: no names, no zones", () => {
  const fleet = declare(inventoryText(6));
  const clients = fleet.references.filter(({ kind, server }) => kind === "ntp" && server === "time1");
  const [first, second] = clients.map(({ client }) => fleet.hosts.get(client));
  assert.ok(first && second);
  first.serviceAddress = "fe80::1%eth0";
  second.serviceAddress = "web.example.org";
  const asked = accessChecksFor("time1", fleet);
  assert.equal(asked.length, clients.length - 2);
  assert.ok(
    asked.every((address) => /^[\d.]+$/.test(address)),
    asked.join(),
  );
});
