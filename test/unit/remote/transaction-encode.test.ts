import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Transaction } from "../../../src/core/transaction.ts";
import { encodeTransaction, rollbackLine } from "../../../src/remote/transaction-encode.ts";
import { shells } from "./apply-host.ts";

const EMPTY: Transaction = {
  id: "20261123T120000-ab12",
  playbook: "site.yml",
  expect: [],
  directories: [],
  files: [],
  staged: [],
  units: [],
  health: [],
  loadedFiles: {},
  leaseSeconds: 60,
  keepFailed: false,
};

const OPTIONS = {
  stateDirectory: "/var/lib/lfce",
  who: "anna@desk",
  bootUnits: "/etc/systemd/system",
  recovery: ":\n",
};

function encode(parts: Partial<Transaction>): string {
  return encodeTransaction({ ...EMPTY, ...parts }, OPTIONS).toString("utf8");
}

/** The lines with which a new file's content travels. */
function linesOf(bytes: Uint8Array): string[] {
  const content = Buffer.from(bytes).toString("latin1");
  const lines = encode({ files: [{ path: "/etc/x", before: null, after: content, reason: "" }] }).split("\n");
  const start = lines.findIndex((line) => line.startsWith("write "));
  return lines.slice(start + 1, lines.indexOf(".", start));
}

describe("a transaction as the script reads it", () => {
  test("is lines from the preamble to `go`", () => {
    const text = encode({
      expect: [
        { path: "/etc/a b", sha256: "f".repeat(64) },
        { path: "/etc/c", sha256: null },
      ],
      expectMatches: [{ pattern: "/etc/c.d/*.conf", paths: ["/etc/c.d/b.conf", "/etc/c.d/a.conf"] }],
      madeBy: { command: "apply" } as Transaction["madeBy"] & object,
      undoes: ["older"],
      directories: [{ path: "/var/log/remote/", mode: "0750", owner: "syslog", group: "adm", reason: "" }],
      units: [{ unit: "chrony", action: "restart", reason: "" }],
      health: [
        { kind: "active", unit: "chrony" },
        { kind: "listening", protocol: "udp", port: 123 },
      ],
      loadedFiles: { chrony: ["/etc/chrony/chrony.conf"] },
      keepFailed: true,
      leaseSeconds: 90.2,
    });
    assert.equal(
      text,
      [
        "lfce-transaction 1",
        "state /var/lib/lfce",
        "id 20261123T120000-ab12",
        "who anna@desk",
        "playbook site.yml",
        "boot-units /etc/systemd/system",
        "made-by command apply",
        "made-by undoes older",
        "lease 91",
        "keep-failed",
        "lock",
        `expect ${"f".repeat(64)} /etc/a b`,
        "expect absent /etc/c",
        // printf '/etc/c.d/a.conf\n/etc/c.d/b.conf\n' | sha256sum
        "matches 726b76b5acb761963a7678a058a8e22618e32288320432d3be6c52c6f587780c /etc/c.d/*.conf",
        "directory 0750 syslog adm /var/log/remote",
        "unit restart chrony",
        "health active chrony",
        "health listening udp 123",
        "loaded chrony /etc/chrony/chrony.conf",
        "recovery",
        "=:\\n",
        ".",
        "go",
        "",
      ].join("\n"),
    );
  });

  test("carries any content as lines of ASCII that every shell's printf undoes", () => {
    const undo = `while IFS= read -r line; do printf %b "\${line#=}"; done`;
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const hostile = new TextEncoder().encode("a\\nb\\\\c\\0101 %s %b \\c`id`$(id)'\"=\n.\n=.\n \t");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9000 }), fc.constantFrom(...shells), (bytes, { command }) => {
        const lines = linesOf(bytes);
        assert.ok(lines.every((line) => /^=[\x01-\x09\x0b-\x7f]*$/.test(line)));
        const [shell = "", ...words] = command;
        const input = lines.map((line) => `${line}\n`).join("");
        const { stdout } = spawnSync(shell, [...words, "-c", undo], {
          input,
          env: { LC_ALL: "C", ...process.env },
        });
        assert.deepEqual(stdout, Buffer.from(bytes));
      }),
      {
        numRuns: 30,
        examples: shells.flatMap((shell) =>
          [all, hostile].map((one) => [one, shell] as [Uint8Array<ArrayBuffer>, typeof shell]),
        ),
      },
    );
  });

  test("a new file without rights given is root's, 0644; a removal carries no content", () => {
    const before = { sha256: "a".repeat(64), content: "" };
    const text = encode({
      files: [
        { path: "/etc/new", before: null, after: "", reason: "" },
        { path: "/etc/old", before, after: null, reason: "" },
      ],
    });
    assert.match(
      text,
      /^write absent [0-9a-f]{64} 0644 root root \/etc\/new\n\.\nremove a{64} absent - - - \/etc\/old\n/m,
    );
  });

  const tree = {
    service: "chrony" as const,
    main: "/etc/c",
    directory: "/etc/.lfce",
    stagedMain: "c",
    files: {},
  };
  for (const [what, parts] of [
    ["a path with a line break", { expect: [{ path: "/etc/a\ngo", sha256: null }] }],
    ["a relative path", { expect: [{ path: "etc/a", sha256: null }] }],
    ["a unit that looks like an option", { units: [{ unit: "--force", action: "start", reason: "" }] }],
    ["a unit with a blank", { units: [{ unit: "a b", action: "start", reason: "" }] }],
    [
      "an owner that is shell text",
      { directories: [{ path: "/a", mode: "0755", owner: "$(id)", group: "g", reason: "" }] },
    ],
    [
      "a mode that is none",
      { directories: [{ path: "/a", mode: "u+s", owner: "o", group: "g", reason: "" }] },
    ],
    ["an identifier that climbs", { id: "../x" }],
    ["a staged file that climbs", { staged: [{ ...tree, files: { "../../etc/shadow": "" } }] }],
    ["a staged file with a line break", { staged: [{ ...tree, files: { "a\nb": "" } }] }],
  ] as const) {
    test(`${what} is refused before anything is sent`, () => {
      assert.throws(() => encode(parts as unknown as Partial<Transaction>), { code: "bad-transaction" });
    });
  }

  test("what people typed stays one line", () => {
    assert.match(encode({ playbook: "my\nplay\u001bbook" }), /^playbook my play book$/m);
    assert.equal(rollbackLine("first\r\nsecond\n"), "rollback first second\n");
    assert.equal(rollbackLine("\n"), "rollback no reason was given\n");
  });
});
