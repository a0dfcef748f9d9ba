import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type BlockPlace,
  type BlockRole,
  findBlock,
  removeBlock,
  setBlock,
} from "../../../../src/services/rsyslog/syntax/block.ts";
import {
  linesOf,
  sharesLines,
  switchedOffStatements,
  switchOff,
  switchOn,
} from "../../../../src/services/rsyslog/syntax/edit.ts";
import { parseRsyslog } from "../../../../src/services/rsyslog/syntax/parse.ts";

const role: BlockRole = "syslog_client";
const atEnd: BlockPlace = { kind: "end" };
const at = (offset: number): BlockPlace => ({ kind: "offset", offset });

function set(text: string, lines: string[], place: BlockPlace = atEnd): string {
  const result = setBlock(text, role, "site", lines, place);
  return "error" in result ? result.error.code : result.text;
}

const begin = "# lfce: begin syslog_client, playbook site";
const end = "# lfce: end syslog_client";

describe("a block that is not there", () => {
  const rows: [string, string, BlockPlace, string][] = [
    ["goes to the end", "a\n", atEnd, `a\n${begin}\nx\ny\n${end}\n`],
    ["goes before a line", "a\nb\n", at(2), `a\n${begin}\nx\ny\n${end}\nb\n`],
    ["goes before the first line", "a\n", at(0), `${begin}\nx\ny\n${end}\na\n`],
    ["is all of an empty file", "", atEnd, `${begin}\nx\ny\n${end}\n`],
    ["brings no final newline where there was none", "a", atEnd, `a\n${begin}\nx\ny\n${end}`],
    ["takes the line ends before it", "a\r\n", atEnd, `a\r\n${begin}\r\nx\r\ny\r\n${end}\r\n`],
    [
      "takes the line ends of the line before its place",
      "a\r\nb\n",
      at(3),
      `a\r\n${begin}\r\nx\r\ny\r\n${end}\r\nb\n`,
    ],
    [
      "takes those of the line before, not of the file",
      "a\r\nb\nc\r\n",
      at(5),
      `a\r\nb\n${begin}\nx\ny\n${end}\nc\r\n`,
    ],
    [
      "takes those of the first line where it stands first",
      "a\r\nb\n",
      at(0),
      `${begin}\r\nx\r\ny\r\n${end}\r\na\r\nb\n`,
    ],
    [
      "takes a newline for one in a text that begins with it",
      "\na\r\n",
      at(0),
      `${begin}\nx\ny\n${end}\n\na\r\n`,
    ],
    [
      "brings the line ends of the file where there was no last one",
      "a\r\nb",
      atEnd,
      `a\r\nb\r\n${begin}\r\nx\r\ny\r\n${end}`,
    ],
    [
      "goes in front of another role's block, not into it",
      "a\n# lfce: begin syslog_server, playbook site\nb\n# lfce: end syslog_server\n",
      at(46),
      `a\n${begin}\nx\ny\n${end}\n# lfce: begin syslog_server, playbook site\nb\n# lfce: end syslog_server\n`,
    ],
    [
      "goes behind another role's block where it was wanted there",
      "# lfce: begin syslog_server, playbook site\n# lfce: end syslog_server\nb\n",
      at(69),
      `# lfce: begin syslog_server, playbook site\n# lfce: end syslog_server\n${begin}\nx\ny\n${end}\nb\n`,
    ],
  ];
  for (const [name, text, place, expected] of rows) {
    it(name, () => {
      const written = set(text, ["x", "y"], place);
      assert.equal(written, expected);
      const removed = removeBlock(written, role, "site");
      assert.equal("text" in removed && removed.text, text, "and goes again");
    });
  }

  it("of a log server keeps out of the client's block, and stays before it where it was wanted there", () => {
    const text = `a\nb\n${begin}\nx\n${end}\n`;
    const server = (offset: number) => {
      const result = setBlock(text, "syslog_server", "site", ["y"], at(offset));
      return "text" in result ? result.text.indexOf("# lfce: begin syslog_server") : -1;
    };
    assert.deepEqual([0, 2, 4, 4 + begin.length + 1].map(server), [0, 2, 4, 4]);
  });

  it("is not written without lines", () => assert.equal(set("a", []), "a"));
});

describe("a block that is there", () => {
  const rows: [string, string, string[], string][] = [
    ["is rewritten in its place", `a\n${begin}\nold\n${end}\nb\n`, ["x"], `a\n${begin}\nx\n${end}\nb\n`],
    ["goes when nothing is left of it", `a\n${begin}\nold\n${end}\nb\n`, [], "a\nb\n"],
    ["goes with the newline that came with it", `a\n${begin}\nold\n${end}`, [], "a"],
    ["goes with the CRLF that came with it", `a\r\n${begin}\r\nold\r\n${end}`, [], "a"],
    ["leaves a newline of another kind", `ab\n${begin}\r\nold\r\n${end}`, [], "ab\n"],
    ["leaves a lone carriage return", `a\r\n${begin}\nold\n${end}`, [], "a\r"],
    ["leaves the newline of a file that has one", `a\n${begin}\nold\n${end}\n`, [], "a\n"],
    [
      "is rewritten at the end without a newline",
      `a\n${begin}\nold\n${end}`,
      ["x"],
      `a\n${begin}\nx\n${end}`,
    ],
    ["may name no playbook", `# lfce: begin syslog_client\nold\n${end}\n`, ["x"], `${begin}\nx\n${end}\n`],
    ["may have blanks at its ends", `${begin} \t\r\nold\n${end} \t\r\n`, [], ""],
    [
      "of another playbook is an error",
      `# lfce: begin syslog_client, playbook other\n${end}\n`,
      ["x"],
      "other-playbook",
    ],
    ["without its end is an error", `${begin}\nold\n`, ["x"], "block-broken"],
    ["without its end stays an error without lines", `${begin}\nold\n`, [], "block-broken"],
    [
      "with the end of another role is an error",
      `${begin}\n# lfce: end syslog_server\n`,
      ["x"],
      "block-broken",
    ],
    ["with its end before it is an error", `${end}\n${begin}\n`, ["x"], "block-broken"],
    ["with an end that does not start its line is an error", `${begin}\n ${end}\n`, ["x"], "block-broken"],
    ["with an end that goes on is an error", `${begin}\n${end} x\n`, ["x"], "block-broken"],
    ["must start its line", `a ${begin}\n${end}\n`, [], `a ${begin}\n${end}\n`],
    [
      "is not one whose first line goes on",
      `# lfce: begin syslog_clients\n${end}\n`,
      [],
      `# lfce: begin syslog_clients\n${end}\n`,
    ],
    ["does not begin behind a lone carriage return", `a\r${begin}\n${end}\n`, [], `a\r${begin}\n${end}\n`],
  ];
  for (const [name, text, lines, expected] of rows) {
    it(name, () => assert.equal(set(text, lines), expected));
  }

  it("is found with its playbook, its bytes and whether it ends", () => {
    const text = `a\n${begin}\nold\n${end}\nb\n`;
    assert.deepEqual(findBlock(text, role), {
      range: { start: 2, end: text.indexOf("b\n") },
      playbook: "site",
      complete: true,
    });
    assert.equal(findBlock(text, "syslog_server"), undefined);
    assert.deepEqual(findBlock(`${begin}\nx`, role), {
      range: { start: 0, end: begin.length },
      playbook: "site",
      complete: false,
    });
  });

  it("says where it stood", () => {
    const place = (text: string) => {
      const removed = removeBlock(text, role, "site");
      return "text" in removed ? removed.place : undefined;
    };
    assert.deepEqual(place(`a\n${begin}\n${end}\nb\n`), at(2));
    assert.deepEqual(place(`a\n${begin}\n${end}\n`), atEnd);
    assert.equal(place("a\n"), undefined);
  });

  it("is an error to take away for another playbook", () => {
    const removed = removeBlock(`${begin}\n${end}\n`, role, "other");
    assert.equal("error" in removed && removed.error.code, "other-playbook");
  });
});

describe("lines", () => {
  const text = "ab\ncd\nef";
  const rows: [number, number, string][] = [
    [0, 1, "ab"],
    [1, 2, "ab"],
    [3, 5, "cd"],
    [4, 4, "cd"],
    [1, 4, "ab\ncd"],
    [6, 8, "ef"],
    [0, 8, text],
  ];
  for (const [start, stop, expected] of rows) {
    it(`touched by ${start} to ${stop} are ${JSON.stringify(expected)}`, () => {
      const range = linesOf(text, { start, end: stop });
      assert.equal(text.slice(range.start, range.end), expected);
    });
  }

  it("are switched off and on as a whole, and no others", () => {
    const off = switchOff(text, { start: 1, end: 4 });
    assert.equal(off, "#lfce# ab\n#lfce# cd\nef");
    assert.equal(switchOn(off, { start: 3, end: 4 }), "ab\n#lfce# cd\nef");
    assert.equal(switchOn(off, { start: 0, end: off.length }), text);
    assert.equal(switchOn("x #lfce# a\n", { start: 0, end: 3 }), "x #lfce# a\n", "a mark starts its line");
  });
});

describe("a statement that shares its lines", () => {
  const rows: [string, number, boolean][] = [
    ["*.* /a\n*.* /b\n", 0, false],
    ["*.* /a\n*.* /b\n", 1, false],
    ['stop action(type="omfile")', 0, true],
    ['stop action(type="omfile")', 1, true],
    ["stop # note\n", 0, false],
    ["/* note */ stop\n", 0, false],
    ["/* begins\nends */ stop\n", 0, true],
    ["stop /* begins\nends */\n", 0, true],
    ["stop /* one */ stop\n", 0, true],
    ["/* a */ stop /* b */ # c\n", 0, false],
    ["\t stop\t \r\n", 0, false],
    ["stop\n/* next\nline */\n", 0, false],
    ["/* line\nbefore */\nstop\n", 0, false],
    ["if $a then {\nstop\n} stop\n", 0, true],
  ];
  for (const [text, index, expected] of rows) {
    it(`${JSON.stringify(text)}, number ${index + 1}: ${expected}`, () => {
      const parsed = parseRsyslog(text);
      const range = parsed.statements[index]?.range;
      assert.ok(range);
      assert.equal(sharesLines(parsed, range), expected);
    });
  }
});

describe("a megabyte on a host", () => {
  const blanks = " ".repeat(1_000_000);

  it("is read in the time of a megabyte, where a begin line ends in blanks and something else", () => {
    const head = "# lfce: begin syslog_client, playbook ";
    assert.equal(findBlock(`${head}${blanks}x\n`, "syslog_client")?.playbook, `${blanks}x`);
    assert.equal(findBlock(`${head}site${blanks}\r\n`, "syslog_client")?.playbook, "site");
    assert.equal(findBlock(`# lfce: begin syslog_client${blanks}x\n`, "syslog_client"), undefined);
  });

  it("may be marked line by line", () => {
    assert.equal(switchedOffStatements("#lfce# *.* /x\n".repeat(70_000)).length, 70_000);
    assert.ok(switchedOffStatements("#lfce# & /x\n".repeat(80_000)).length > 0);
  });
});
