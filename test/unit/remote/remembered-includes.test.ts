import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { LfceError } from "../../../src/core/errors.ts";
import type { ObservedHost } from "../../../src/core/observed.ts";
import type { LookMemory } from "../../../src/remote/observe-memory.ts";
import type { RunningScript } from "../../../src/remote/run-script.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { memory } from "./look-memory.ts";
import { type StandInHost, standInHost } from "./observe-host.ts";

describe("includes that are as they were", () => {
  let host: StandInHost;
  beforeEach(() => {
    host = standInHost();
    host.write("main.conf", "include @ROOT@/a/*.conf\nkey 1 secret\n");
    host.write("a/1.conf", "include @ROOT@/b.conf\n");
    host.write("b.conf", "key 2 secret\n");
    host.write("c/3.conf", "");
  });
  afterEach(() => rmSync(host.root, { recursive: true }));
  const look = (looks?: LookMemory, usual: string[] = []) =>
    host.observe(
      { follow: [{ service: "chrony", path: join(host.root, "main.conf"), usual }] },
      looks ? { looks } : {},
    );
  const told = ({ files, globs }: ObservedHost) => ({ files, globs });

  for (const shell of scriptShells) {
    test(`are found in as many looks as they are deep, and then in one: ${shell.name}`, async (t) => {
      if (!usesShell(t, shell.program)) return;
      host.useShell(shell.program);
      const looks = memory();
      const first = await look(looks);
      assert.equal(host.looks, 3);
      const second = await look(looks);
      assert.equal(host.looks, 4);
      assert.deepEqual(told(second), told(first));
      assert.equal(second.files[join(host.root, "b.conf")]?.content, "key 2 secret\n");
      assert.doesNotMatch(JSON.stringify(looks.kept), /secret/);
    });
  }

  test("what is usual is not looked for, and not remembered", async () => {
    const looks = memory();
    await look(looks, [`${host.root}/a/*.conf`, `${host.root}/b.conf`, `${host.root}/c/*.conf`]);
    assert.equal(host.looks, 1);
    assert.deepEqual(looks.kept?.includes, []);
  });

  test("a file that is new, or that was changed, is read as it is now", async () => {
    const looks = memory();
    await look(looks);
    const added = host.write("a/2.conf", "include @ROOT@/c/*.conf\n");
    const changed = host.write("a/1.conf", "# nothing\n");
    const seen = await look(looks);
    assert.deepEqual(told(seen), told(await look()));
    assert.deepEqual(
      [added, changed, join(host.root, "c/3.conf")].map((path) => seen.files[path]?.content),
      [`include ${host.root}/c/*.conf\n`, "# nothing\n", ""],
    );
    assert.equal(seen.files[join(host.root, "b.conf")], undefined);
  });

  test("whatever is remembered, what is seen is the same", async () => {
    const plain = told(await look());
    const guesses = ["/c/*.conf", "/a/*", "/none/*", "/b.conf", "/", "/c", "/*", "/a/*.conf"];
    for (const guess of guesses.map((one) => [`${host.root}${one}`])) {
      const looks = memory({ question: "", includes: guess });
      assert.deepEqual(told(await look(looks)), plain, guess.join());
    }
    const all = guesses.map((one) => `${host.root}${one}`);
    assert.deepEqual(told(await look(memory({ question: "", includes: all }))), plain);
  });

  test("a file that nothing includes any more may be too large, and is forgotten", async () => {
    const looks = memory();
    await look(looks);
    host.write("main.conf", "key 1 secret\n");
    host.write("a/1.conf", Buffer.alloc(1_048_577, "#"));
    const seen = await look(looks, [`${host.root}/b.conf`]);
    assert.deepEqual(told(seen), told(await look()));
    assert.deepEqual(looks.kept?.includes, []);
  });

  test("a look that did not end is not repeated, but the next one does without what was remembered", async () => {
    const looks = memory();
    await look(looks);
    const before = host.looks;
    host.alter = () => {
      throw new LfceError({ code: "script-timeout", message: "it hangs on a file", hint: "look at it" });
    };
    await assert.rejects(look(looks), { code: "script-timeout" });
    assert.deepEqual([host.looks - before, looks.kept?.includes], [1, []]);
  });

  test("a file that is included and too large is an error, however it was found", async () => {
    const looks = memory();
    await look(looks);
    host.write("b.conf", Buffer.alloc(1_048_577, "#"));
    for (const known of [looks, memory()]) await assert.rejects(look(known), { code: "file-too-large" });
    await assert.rejects(look(memory(), [`${host.root}/b.conf`]), { code: "file-too-large" });
  });

  test("of several looks only the last one's shell is kept", { timeout: 20_000 }, async () => {
    const kept: RunningScript[] = [];
    const follow = [{ service: "chrony", path: join(host.root, "main.conf") } as const];
    await host.observe({ follow, keepForMessages: true }, { keep: (shell) => kept.push(shell) });
    kept[0]?.end();
    await Promise.all(host.shells.map(({ done }) => done));
    assert.deepEqual([host.shells.length, host.shellsAtOnce], [3, 1]);
    assert.deepEqual(kept, host.shells.slice(-1));
  });

  test("a shell whose look has to be done again ends before that", { timeout: 20_000 }, async () => {
    const file = host.write("d.conf", "1\n");
    const once = `[ -e '${host.root}/done' ] || { : >'${host.root}/done'; echo 2 >>'${file}'; }`;
    host.program("head", `${once}; PATH=/usr/bin:/bin exec head "$@"`);
    const kept: RunningScript[] = [];
    await host.observe({ files: [file], keepForMessages: true }, { keep: (shell) => kept.push(shell) });
    kept[0]?.end();
    await Promise.all(host.shells.map(({ done }) => done));
    assert.deepEqual([host.shells.length, host.shellsAtOnce], [2, 1]);
  });

  test("names that are no UTF-8 are found again", async () => {
    const name = Buffer.from([0xff, 0xe9]);
    writeFileSync(Buffer.concat([Buffer.from(`${host.root}/`), name]), "x");
    host.write("main.conf", Buffer.concat([Buffer.from(`include ${host.root}/`), name, Buffer.from("*\n")]));
    const looks = memory();
    const first = await look(looks);
    assert.deepEqual(Object.values(first.globs), [[`${host.root}/\ufffd\ufffd`]]);
    assert.deepEqual(told(await look(looks)), told(first));
  });
});
