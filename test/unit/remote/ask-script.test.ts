import assert from "node:assert/strict";
import { test } from "node:test";
import { askScript } from "../../../src/remote/ask-script.ts";
import { localChannel } from "../../ssh/local-transport.ts";

const question = {
  stdin: Buffer.from("question\n"),
  lastLine: "waiting here",
  timeoutMs: 20_000,
  maxOutputBytes: 100_000,
};
const ask = (source: string, changed: Partial<typeof question> = {}) =>
  askScript(localChannel(), { name: "example", source }, { ...question, ...changed });

test("an answer ends with its last line, and the script goes on", async () => {
  const source =
    'read -r line; echo "$line"; printf "end\\nwaiting"; printf " here\\n"; read -r line; echo "$line"; exit 3';
  const { stdout, waiting } = await ask(source);
  assert.equal(stdout.toString(), "question\nend\n");
  await waiting?.write("more\n");
  const lines: string[] = [];
  for await (const line of waiting?.lines ?? []) lines.push(line);
  assert.deepEqual(lines, ["more"]);
  assert.equal((await waiting?.done)?.code, 3);
});

test("a script that ends by itself says how, and is not kept", async () => {
  const { stdout, code, stderr, waiting } = await ask("cat >/dev/null & echo half; echo why >&2; exit 9");
  assert.deepEqual([stdout.toString(), code, stderr, waiting], ["half\n", 9, "why\n", undefined]);
});

test("an answer that does not come meets its limit", async () => {
  await assert.rejects(ask("exec sleep 60", { timeoutMs: 200 }), { code: "script-timeout" });
});

test("an answer that does not end is cut off", async () => {
  await assert.rejects(ask("while :; do echo endless; done"), { code: "output-too-large" });
});
