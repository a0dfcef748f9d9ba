import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readExpectedFingerprints } from "../../../src/cli/expected-fingerprints.ts";
import { decideByFingerprints } from "../../../src/cli/trust-decisions.ts";
import type { KeyedMachine, SeenHostKey } from "../../../src/core/host-keys.ts";

const print = (letter: string): string => `SHA256:${letter.repeat(43)}`;

describe("a file of expected fingerprints", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "lfce-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(join(directory, "f"), text);
    return readExpectedFingerprints(join(directory, "f"));
  };

  it("has a host and a fingerprint a line; comments and blank lines are passed over", () => {
    const expected = read(`# from the consoles\n\nWeb1 ${print("a")} root@web1\nweb1 ${print("b")}\r\n`);
    assert.deepEqual([...expected], [["web1", new Set([print("a"), print("b")])]]);
  });

  it("may be what ssh-keygen -l prints of a known_hosts file", () => {
    const expected = read(
      `256 ${print("a")} web1,10.0.0.1 (ED25519)\n3072 ${print("b")} [web2]:2222 (RSA)\n`,
    );
    assert.deepEqual([...expected.keys()], ["web1", "10.0.0.1", "[web2]:2222"]);
  });

  for (const line of [
    "web1",
    `${print("a")}`,
    "web1 SHA256:short",
    "web1 MD5:aa:bb",
    `web1 x ${print("a")}`,
  ]) {
    it(`refuses "${line.slice(0, 30)}" with its line`, () => {
      assert.throws(() => read(`\n${line}\n`), {
        code: "bad-fingerprints",
        at: { file: join(directory, "f"), line: 2, column: 1, source: line },
      });
    });
  }
});

describe("keys decided by expected fingerprints", () => {
  const machine: KeyedMachine = { id: "1", name: "web1", knownAs: "10.0.0.1", behind: [] };
  const key = (letter: string): SeenHostKey => ({
    type: "ssh-ed25519",
    fingerprint: print(letter),
    encoded: "",
    state: "new",
  });
  const decisions = (lines: [string, string][], ...shown: string[]) => {
    const expected = new Map(lines.map(([name, letter]) => [name, new Set([print(letter)])]));
    const keys = shown.map(key);
    const decide = decideByFingerprints(expected, [{ machine, keys, sameAs: new Map(), warnings: [] }]);
    return keys.map((one) => decide(machine, one));
  };

  it("takes exactly those that are expected", () => {
    assert.deepEqual(decisions([["web1", "a"]], "a", "b"), ["accept", "leave out"]);
  });
  it("knows a host by its name in known_hosts, too", () => {
    assert.deepEqual(decisions([["10.0.0.1", "a"]], "a"), ["accept"]);
  });
  it("takes no key that is another host's", () => {
    assert.deepEqual(decisions([["web2", "a"]], "a"), ["unexpected"]);
  });
  it("takes nothing from a host that shows none of its keys", () => {
    assert.deepEqual(decisions([["web1", "c"]], "a", "b"), ["unexpected", "unexpected"]);
  });
});
