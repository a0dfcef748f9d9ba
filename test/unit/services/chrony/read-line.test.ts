import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ConfigLine, parse, readLine } from "../../../../src/services/chrony/parse.ts";

type Read = Pick<ConfigLine, "kind" | "name" | "arguments" | "marker">;

/** What a line says, apart from its bytes. */
function read(text: string): Read {
  const { text: bytes, ending, ...said } = readLine(text, "\n");
  assert.deepEqual([bytes, ending], [text, "\n"]);
  return said;
}

const nothing = { name: "", arguments: [] };
const comment: Read = { kind: "comment", ...nothing };

describe("a line of chrony.conf", () => {
  const rows: [string, string, Read][] = [
    ["nothing but white space is blank", " \t\v\f\r", { kind: "blank", ...nothing }],
    ["a comment has neither name nor arguments", "\v\f\t ! allow all", comment],
    [
      "a directive without arguments has none",
      "rtcsync",
      { kind: "directive", name: "rtcsync", arguments: [] },
    ],
    [
      "a name is compared in lower case, arguments stay as written",
      "AlloW ALL\v::1",
      { kind: "directive", name: "allow", arguments: ["ALL", "::1"] },
    ],
    ["what chrony never had is unknown", "Frob A", { kind: "unknown", name: "frob", arguments: ["A"] }],
    ["a V is no white space", "Vallow", { kind: "unknown", name: "vallow", arguments: [] }],
    [
      "a V before a comment sign is no white space",
      "V# x",
      { kind: "unknown", name: "v#", arguments: ["x"] },
    ],
    ["the mark hides a comment, too", "#lfce# # note", { kind: "switched-off", ...nothing }],
    [
      "the first line of a block names role and playbook",
      "# lfce: begin ntp_server, playbook office  ",
      { kind: "block-marker", ...nothing, marker: { edge: "begin", role: "ntp_server", playbook: "office" } },
    ],
    [
      "a playbook's name may hold commas and blanks",
      "# lfce: begin ntp_server, playbook  a, b",
      { kind: "block-marker", ...nothing, marker: { edge: "begin", role: "ntp_server", playbook: " a, b" } },
    ],
    [
      "a first line without a playbook has none",
      "# lfce: begin ntp_server",
      { kind: "block-marker", ...nothing, marker: { edge: "begin", role: "ntp_server" } },
    ],
    [
      "the last line of a block may have blanks behind it",
      "# lfce: end ntp_server \t",
      { kind: "block-marker", ...nothing, marker: { edge: "end", role: "ntp_server" } },
    ],
    ["a first line with more behind the role is a comment", "# lfce: begin ntp_server what", comment],
    ["a last line with more behind the role is a comment", "# lfce: end ntp_server what", comment],
    ["a first line must stand at the start", " # lfce: begin ntp_server", comment],
    ["a last line must stand at the start", "# lfce: # lfce: end ntp_server", comment],
    ["a quoted first line is a comment", "# lfce: # lfce: begin ntp_server", comment],
  ];
  for (const [name, text, expected] of rows) {
    it(name, () => assert.deepEqual(read(text), expected));
  }

  it("is not there behind the last newline", () => {
    assert.deepEqual(parse("").lines, []);
    assert.equal(parse("a\n").lines.length, 1);
    assert.equal(parse("\n\n").lines.length, 2);
  });
});
