import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LfceError } from "../../../src/core/errors.ts";
import { type Frame, parseFrames } from "../../../src/remote/frames.ts";
import { observe } from "../../../src/remote/observe.ts";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { loadScript } from "../../../src/remote/scripts.ts";
import { localChannel } from "../../ssh/local-transport.ts";
import { scriptShells, usesShell, which } from "../../ssh/shells.ts";
import { observedOf } from "./observed-of.ts";

test("lines and blocks come back as they were printed", () => {
  const output = "key a value\nempty\nbytes:6\na\nb\nc\n\nend of sentence\nend\n";
  assert.deepEqual(parseFrames(Buffer.from(output)), [
    { key: "key", value: "a value" },
    { key: "empty", value: "" },
    { key: "bytes", value: "a\nb\nc\n" },
    { key: "end", value: "of sentence" },
  ]);
});

const broken: [string, string][] = [
  ["nothing", ""],
  ["no end", "key value\n"],
  ["an incomplete last line", "key value\nend"],
  ["something after the end", "end\nkey value\n"],
  ["a key that is none", "Key value\nend\n"],
  ["a block longer than the output", "bytes:999999999\nabc\nend\n"],
  ["a block that is cut short", "bytes:3\nab\nend\n"],
  ["a block that is too long", "bytes:3\nabcd\nend\n"],
  ["a block without its newline", "bytes:3\nabcXend\n"],
  ["a negative length", "bytes:-1\nend\n"],
  ["a length beyond all numbers", `bytes:${"9".repeat(400)}\nend\n`],
  ["terminal escapes", "\x1b[2Jkey value\nend\n"],
];
for (const [title, output] of broken) {
  test(`output with ${title} is garbled-output`, () => {
    assert.throws(() => parseFrames(Buffer.from(output)), { code: "garbled-output" });
  });
}

test("any bytes are parsed or refused, and never anything else", () => {
  const words = fc.constantFrom(
    "end\n",
    "key value\n",
    "stat x\n",
    "bytes:3\n",
    "abc\n",
    "now 1\nuid 0\n",
    "content /x\n",
  );
  const outputs = fc.oneof(
    fc.uint8Array(),
    fc.array(words).map((parts) => Buffer.from(`${parts.join("")}end\n`)),
  );
  fc.assert(
    fc.property(outputs, (output) => {
      try {
        observedOf(output);
      } catch (error) {
        assert.ok(error instanceof LfceError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

for (const shell of scriptShells) {
  test(`what frames.sh prints under ${shell.name} is read back exactly`, async (t) => {
    if (!usesShell(t, shell.program)) return;
    const path = which(shell.program) as string;
    const value = "two\nlines \\n %s ü $x";
    const script = loadScript("frames");
    const channel = localChannel(shell.program === "busybox" ? [path, "sh"] : [path]);
    const source = `${script.source}field key "a  b \\\\n"\nblock text "$(cat)"\nblock none ""\nfinish\n`;
    const result = await channel.run(
      { name: "example", source },
      { stdin: Buffer.from(value), timeoutMs: 10_000, maxOutputBytes: 10_000 },
    );
    const expected: Frame[] = [
      { key: "key", value: "a  b \\n" },
      { key: "text", value: Buffer.from(value).toString("latin1") },
      { key: "none", value: "" },
    ];
    assert.deepEqual(parseFrames(result.stdout), expected);
  });
}

test("an answer that is garbled names the host and the phase", async () => {
  const channel: ScriptChannel = {
    ...localChannel(),
    host: "web1",
    run: async () => ({ code: 0, stderr: "", stdout: Buffer.from("now 1\nuid 0\ncontent /etc/x\nend\n") }),
  };
  const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
  await assert.rejects(observe(channel, nothing), {
    code: "garbled-output",
    at: { host: "web1", phase: "observe" },
  });
});
