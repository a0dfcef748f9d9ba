import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { ByteText } from "../../src/core/byte-text.ts";
import { debian } from "../../src/distros/debian.ts";
import type { DesiredChrony } from "../../src/services/chrony/desired.ts";
import { parse, print, SWITCHED_OFF_MARK } from "../../src/services/chrony/parse.ts";
import { planChrony } from "../../src/services/chrony/plan.ts";
import { absent } from "../unit/services/chrony/desired-of.ts";
import { roleSettings, withBothRoles } from "../unit/services/chrony/role-settings.ts";
import { observe } from "../unit/services/chrony/virtual-host.ts";

/** Real configuration files, not part of the project: LFCE_CORPUS, else a directory beside it. */
const CORPUS = process.env.LFCE_CORPUS ?? new URL("../../../shared/corpus", import.meta.url).pathname;
const MAIN = debian.services.chrony.mainFile;
const missing = existsSync(CORPUS) ? false : `no corpus at ${CORPUS}: no real chrony file was tried`;

const settings = [...roleSettings.values()];
/** All pairs of settings take a minute more than each setting with three others. */
const everyPair = process.env.LFCE_CORPUS_EVERY_PAIR === "1";

describe("chrony corpus", { skip: missing }, () => {
  const files = missing ? [] : corpusFiles();
  it("has files", () => assert.ok(files.length > 100, `${files.length} files`));

  for (const { name, content } of files) {
    it(`${name}: read without loss, edited once, undone`, () => {
      assert.equal(print(parse(content)), content);
      for (const [setting, desired] of roleSettings) {
        const { after, errors } = plan(desired, content);
        // The one reason why a file alone cannot be edited.
        if (errors.length > 0) {
          assert.deepEqual([...new Set(errors)], ["chrony-line-too-long"], setting);
          continue;
        }
        assert.equal(plan(desired, after).after, after, `${setting}: twice`);
        assert.equal(plan(absent(desired), after).after, content, `${setting}: undone`);
        assert.equal(withoutLfce(after), content.replace(/\r?\n$/, ""), `${setting}: other lines`);
      }
    });

    it(`${name}: any setting after any other ends the same`, () => {
      for (const [index, first] of settings.entries()) {
        const direct = plan(withBothRoles(first), content);
        for (const second of everyPair ? settings : [...settings, ...settings].slice(index + 1, index + 4)) {
          const there = plan(withBothRoles(second), direct.after);
          const back = plan(withBothRoles(first), there.after);
          assert.equal(back.after, direct.after);
        }
      }
    });
  }
});

const chronyd = spawnSync("chronyd", ["--version"], { encoding: "utf8" }).stdout?.trim();
const noJudge = missing || (chronyd ? false : "chronyd is not installed: no edited file was judged by it");

describe("chrony corpus, judged by chronyd", { skip: noJudge }, () => {
  const accepted = noJudge ? [] : corpusFiles().filter(({ name }) => acceptedBefore().has(name));
  const directory = mkdtempSync(join(tmpdir(), "lfce-corpus-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  it("has files that chronyd accepts", () => assert.ok(accepted.length > 50, `${accepted.length} files`));

  for (const { name, content } of accepted) {
    it(`${name}: still accepted, and says what is declared`, () => {
      const before = printed(directory, content);
      if (before === undefined) return; // accepted elsewhere, not by this version
      for (const [setting, desired] of roleSettings) {
        const result = plan(desired, content);
        if (result.errors.length > 0) continue;
        const after = printed(directory, result.after);
        assert.ok(after, `${setting}: chronyd refuses the edited file`);
        const names = ownedNames(desired);
        const others = (lines: string[]) => lines.filter((line) => !names.has(firstWord(line)));
        assert.deepEqual(others(after), others(before), `${setting}: what is not declared`);
        const sources = desired.client?.sources.length ? desired.client : desired.server;
        if (sources?.sources && sources.exclusive) {
          const addresses = after
            .filter((line) => /^(server|pool|peer) /i.test(line))
            .map((line) => line.split(" ")[1]);
          assert.deepEqual(new Set(addresses), new Set(sources.sources.map((one) => one.address)), setting);
        }
        if (desired.server) {
          const locals = after.filter((line) => firstWord(line) === "local");
          assert.equal(locals.length > 0, desired.server.localStratum !== undefined, setting);
        }
      }
    });
  }
});

function plan(desired: DesiredChrony, content: ByteText): { after: ByteText; errors: string[] } {
  const result = planChrony(desired, observe({ files: { [MAIN]: content }, distro: debian }), debian);
  return { after: result.files[0]?.after ?? content, errors: result.errors.map((error) => error.code) };
}

function corpusFiles(): { name: string; content: ByteText }[] {
  return ["chrony", "stock/chrony"].flatMap((directory) =>
    readdirSync(join(CORPUS, directory)).map((file) => ({
      name: `${directory}/${file}`,
      content: readFileSync(join(CORPUS, directory, file), "latin1"),
    })),
  );
}

/** Names of the files that Debian 12's chronyd accepts, by the corpus' own table. */
function acceptedBefore(): Set<string> {
  const rows = readFileSync(join(CORPUS, "VALID.tsv"), "utf8")
    .split("\n")
    .map((row) => row.split("\t"));
  return new Set(rows.filter((row) => row[1] === "chronyd" && row[2] === "0").map((row) => row[0] ?? ""));
}

/** What `chronyd -p` prints of a file; undefined when it refuses it. */
function printed(directory: string, content: ByteText): string[] | undefined {
  const file = join(directory, "chrony.conf");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, "latin1");
  try {
    const output = execFileSync("chronyd", ["-p", "-f", file], {
      encoding: "latin1",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return output.split("\n").filter(Boolean);
  } catch {
    return undefined;
  }
}

function ownedNames(desired: DesiredChrony): Set<string> {
  const names = new Set<string>();
  if (desired.client?.sources.length || desired.server?.sources) {
    for (const name of ["server", "pool", "peer", "sourcedir"]) names.add(name);
  }
  if (desired.server) for (const name of ["allow", "deny", "local"]) names.add(name);
  for (const role of [desired.server, desired.client]) {
    for (const directive of role?.directives ?? []) names.add(directive.name);
  }
  return names;
}

function firstWord(line: string): string {
  return (line.split(" ")[0] ?? "").toLowerCase();
}

/** The text without blocks and marks, and without a final newline. */
function withoutLfce(text: ByteText): ByteText {
  return text
    .replace(/^# lfce: begin [\s\S]*?^# lfce: end [a-z_]+(\r?\n|$)/gm, "")
    .replaceAll(SWITCHED_OFF_MARK, "")
    .replace(/\r?\n$/, "");
}
