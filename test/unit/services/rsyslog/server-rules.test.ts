import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { parseFilePattern } from "../../../../src/services/rsyslog/server/file-tokens.ts";
import { proofPath, proofPaths, storeRuleFor } from "../../../../src/services/rsyslog/server/store-proof.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { serverOf, storeRule } from "./server-host.ts";

const web = { host: "web", addresses: ["10.0.0.1"] };
const any = (file: string, more: Partial<DesiredStoreRule> = {}): DesiredStoreRule => ({
  from: [{ kind: "any" }],
  file,
  stop: true,
  ...more,
});
const own = (file: string, more: Partial<DesiredStoreRule> = {}) =>
  storeRule({ web: "10.0.0.1" }, file, more);

test("the proof's path has the sender's name and address and leaves the date to the server", () => {
  assert.equal(proofPath(own("/var/log/remote/{host}/{date}.log"), web), "/var/log/remote/web/%Y-%m-%d.log");
  assert.equal(proofPath(own("/l/{address}-{year}.{month}.{day}"), web), "/l/10.0.0.1-%Y.%m.%d");
});

test("a path that hangs on what the sender reports needs to be told it", () => {
  const rule = own("/l/{hostname}/{program}.log");
  assert.equal(proofPath(rule, web), undefined);
  assert.equal(proofPath(rule, web, { hostname: "web1", program: "lfce" }), "/l/web1/lfce.log");
});

test("a sender with two addresses has one proof path only where the address is not in it", () => {
  const dual = { host: "web", addresses: ["fd00::1", "10.0.0.1"] };
  assert.equal(proofPath(own("/l/{host}.log"), dual), "/l/web.log");
  assert.equal(proofPath(own("/l/{address}.log"), dual), undefined);
  assert.deepEqual(proofPaths(own("/l/{address}.log"), dual), ["/l/10.0.0.1.log", "/l/fd00::1.log"]);
});

test("{host} means the address in a rule for senders without an inventory name", () => {
  assert.equal(proofPath(any("/l/{host}.log"), web), "/l/10.0.0.1.log");
});

test("the first rule that applies proves arrival", () => {
  const rules = [storeRule({ db: "10.0.0.2" }, "/l/db.log"), own("/l/web.log"), any("/l/any.log")];
  assert.equal(storeRuleFor(serverOf(rules), web)?.file, "/l/web.log");
  assert.equal(storeRuleFor(serverOf(rules), { host: "x", addresses: ["10.9.9.9"] })?.file, "/l/any.log");
});

test("no rule after one with stop is asked", () => {
  const rules = [any("/l/{hostname}.log"), own("/l/web.log")];
  assert.equal(storeRuleFor(serverOf(rules), web)?.file, "/l/{hostname}.log");
});

test("of several rules that apply, one with a certain file proves arrival", () => {
  const rules = [any("/l/{hostname}.log", { stop: false }), own("/l/web.log")];
  assert.equal(storeRuleFor(serverOf(rules), web)?.file, "/l/web.log");
});

test("networks, addresses and reported names are rules for a sender as well", () => {
  const rule = (from: DesiredStoreRule["from"]) =>
    storeRuleFor(serverOf([{ from, file: "/l/x", stop: true }]), web);
  assert.ok(rule([{ kind: "network", network: "10.0.0.0/24" }]));
  assert.equal(rule([{ kind: "network", network: "10.0.1.0/24" }]), undefined);
  assert.ok(rule([{ kind: "address", address: "10.0.0.1" }]));
  assert.ok(rule([{ kind: "hostname", hostname: "WEB.example" }]));
  assert.equal(rule([{ kind: "hostname", hostname: "db" }]), undefined);
});

test("a file name holds nothing that rsyslog, logrotate or a shell could take for its own", () => {
  for (const file of ["/l/$(id)", "/l/a b", "/l/a;b", "/l/%HOSTNAME%", "/l/`x`", '/l/"', "/l/a\nb", "/l/*"]) {
    const parsed = parseFilePattern(file);
    assert.ok("error" in parsed && parsed.error.code === "store-file-invalid", file);
  }
});

test("a file name that is no plain absolute path is refused with what to write instead", () => {
  for (const file of ["relative.log", "/l/../etc/passwd", "/l/", "/l/./x", "/l/{host", "/l/{nobody}.log"]) {
    const parsed = parseFilePattern(file);
    assert.ok("error" in parsed && (parsed.error.hint ?? "") !== "", file);
  }
});

test("whatever the playbook names as file, it is refused or consists of safe characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const parsed = parseFilePattern(`/var/log/${text}`);
      if ("error" in parsed) return;
      for (const piece of parsed.pieces)
        if ("literal" in piece) assert.match(piece.literal, /^[A-Za-z0-9._/+@:-]*$/);
    }),
  );
});

test("rules that cannot be written are all reported at once", () => {
  const { errors } = readStoreRules(
    serverOf([
      own("relative"),
      own("/l/x", { mode: "9999" }),
      own("/l/x", { owner: "a b" }),
      storeRule({ web: "10.0.0.1", shop: "10.0.0.1" }, "/l/{host}.log"),
      storeRule({ ghost: [] }, "/l/{host}.log"),
      storeRule({ "a/b": "10.0.0.7" }, "/l/{host}.log"),
      storeRule({ name: "not-an-address" }, "/l/{host}.log"),
      any("/l/x", { from: [{ kind: "network", network: "10.0.0.0/99" }] }),
      any("/l/x", { from: [{ kind: "hostname", hostname: 'a"b' }] }),
    ]),
  );
  assert.deepEqual(
    errors.map(({ code }) => code),
    [
      "store-file-invalid",
      "mode-invalid",
      "owner-invalid",
      "address-shared",
      "sender-without-address",
      "host-name-unsafe",
      "address-invalid",
      "address-invalid",
      "hostname-invalid",
    ],
  );
});
