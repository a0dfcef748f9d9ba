import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { which } from "../../ssh/shells.ts";

const module = fileURLToPath(new URL("../../../src/cli/hidden-prompt.ts", import.meta.url));
const program = `import { askHidden } from ${JSON.stringify(module)};
  try {
    const answer = (await askHidden("sudo password", "use a file")).reveal();
    console.log("got " + answer.length + " " + Buffer.from(answer).toString("base64"));
  } catch (error) {
    console.log(error.code + ": " + error.message + " (" + error.hint + ")");
  }`;
const node = [process.execPath, "--import", import.meta.resolve("tsx"), "--input-type=module", "-e", program];

/** What the terminal shows while somebody types `keys` when the prompt has come. */
async function typing(t: TestContext, keys: string): Promise<string | undefined> {
  if (which("script") === undefined) {
    t.skip("script (bsdutils) is not installed: prompts on a terminal were not tried");
    return undefined;
  }
  const command = node.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  let typed = false;
  terminal.stdout.on("data", (chunk) => {
    shown += chunk;
    if (typed || !shown.includes("sudo password:")) return;
    typed = true;
    terminal.stdin.write(keys);
  });
  await once(terminal, "close");
  return shown;
}

test("what is typed is taken and not shown", async (t) => {
  const shown = await typing(t, "hünter2 $x\r");
  if (shown === undefined) return;
  assert.match(shown, new RegExp(`got 10 ${Buffer.from("hünter2 $x").toString("base64")}`));
  assert.doesNotMatch(shown, /nter2/);
});

test("a backspace takes back", async (t) => {
  const shown = await typing(t, "ab\u007fc\r");
  if (shown === undefined) return;
  assert.match(shown, new RegExp(`got 2 ${Buffer.from("ac").toString("base64")}`));
});

for (const [name, key] of [
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
] as const) {
  test(`${name} ends the question`, async (t) => {
    const shown = await typing(t, key);
    if (shown === undefined) return;
    assert.match(shown, /interrupted: nothing was entered/);
  });
}

test("without a terminal nobody is asked, and the hint says what to do instead", async () => {
  // setsid leaves the terminal that the tests may run on.
  const [first = "", ...rest] = which("setsid") === undefined ? node : ["setsid", "-w", ...node];
  const run = spawn(first, rest, { stdio: ["ignore", "pipe", "inherit"] });
  let shown = "";
  run.stdout.on("data", (chunk) => {
    shown += chunk;
  });
  await once(run, "close");
  assert.match(shown, /not-a-terminal: .* \(use a file\)/);
});
