import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse, print } from "../../../../src/services/chrony/parse.ts";

const RUNS = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000);

/** Bytes as a file may hold them, with those that matter to the parser more often than by chance. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\n",
        "\r\n",
        "\r",
        "\0",
        " ",
        "\t",
        "\f",
        "#",
        "!",
        "#lfce# ",
        "server ",
        "allow",
        "all",
      ),
      fc.constantFrom(
        "# lfce: begin ntp_client, playbook lab",
        "# lfce: end ntp_client",
        "include /a/*.conf",
      ),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text, "utf8").toString("latin1")),
    ),
  )
  .map((pieces) => pieces.join(""));

describe("chrony parse", () => {
  it("loses no byte of any input", () => {
    fc.assert(
      fc.property(anyText, (text) => print(parse(text)) === text),
      { numRuns: RUNS },
    );
  });

  it("keeps line ends apart from lines", () => {
    const { lines } = parse("a\r\nb\nc\r");
    assert.deepEqual(
      lines.map(({ text, ending }) => [text, ending]),
      [
        ["a", "\r\n"],
        ["b", "\n"],
        ["c\r", ""],
      ],
    );
  });

  const kindOf = (text: string) => parse(text).lines[0]?.kind;

  it("takes the four comment characters for comments only at the start", () => {
    for (const sign of ["#", "!", ";", "%"]) {
      assert.equal(kindOf(` ${sign} server a`), "comment");
      assert.equal(kindOf(`server a ${sign} b`), "directive");
    }
  });

  it("reads names in any case and arguments apart from white space, as C's isspace has it", () => {
    const line = parse("\v SerVer\ta.example \f IBurst\r").lines[0];
    assert.equal(line?.name, "server");
    assert.deepEqual(line?.arguments, ["a.example", "IBurst"]);
    assert.equal(kindOf("\u00a0server a"), "unknown", "a no-break space is no white space");
  });

  it("sees nothing after a NUL byte, like chronyd", () => {
    assert.deepEqual(parse("server a\0 key 3").lines[0]?.arguments, ["a"]);
    assert.equal(kindOf("\0server a"), "blank");
  });

  it("knows its own marks", () => {
    const [off, begin, end] = parse(
      "#lfce#  pool a iburst\n# lfce: begin ntp_client, playbook my lab\n# lfce: end ntp_client",
    ).lines;
    assert.deepEqual([off?.kind, off?.name, off?.arguments], ["switched-off", "pool", ["a", "iburst"]]);
    assert.deepEqual(begin?.marker, { edge: "begin", role: "ntp_client", playbook: "my lab" });
    assert.deepEqual(end?.marker, { edge: "end", role: "ntp_client" });
    assert.equal(kindOf("#lfce#pool a"), "comment", "without the blank it is not the mark");
    assert.equal(kindOf(" #lfce# pool a"), "comment", "the mark stands before the first byte");
    assert.equal(kindOf("# lfce: began"), "comment");
  });

  it("tells directives that chrony never had", () => {
    assert.equal(kindOf("frobnicate 1"), "unknown");
    assert.equal(kindOf("commandkey 1"), "directive");
    assert.equal(kindOf("constructor"), "unknown");
  });
});
