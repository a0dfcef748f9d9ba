import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { fileOutput } from "../../../src/cli/file-output.ts";

const directory = mkdtempSync(join(tmpdir(), "lfce-output-"));
after(() => rmSync(directory, { recursive: true, force: true }));

describe("a report that is written to a file", () => {
  it("appears whole: until it is complete the old one stays, and no collector sees another", () => {
    const path = join(directory, "lfce.prom");
    writeFileSync(path, "old\n");
    const file = fileOutput(path, "--prometheus");
    file.write("new 1\n");
    file.write("new 2\n");
    assert.equal(readFileSync(path, "utf8"), "old\n");
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith(".prom")),
      ["lfce.prom"],
    );
    assert.equal(file.commit(), undefined);
    assert.equal(readFileSync(path, "utf8"), "new 1\nnew 2\n");
    assert.deepEqual(readdirSync(directory), ["lfce.prom"]);
  });

  it("is left as it was where nothing was written", () => {
    const path = join(directory, "kept");
    writeFileSync(path, "old\n");
    assert.equal(fileOutput(path, "--prometheus").commit(), undefined);
    assert.equal(readFileSync(path, "utf8"), "old\n");
    assert.equal(fileOutput(join(directory, "none"), "--prometheus").commit(), undefined);
    assert.ok(!existsSync(join(directory, "none")));
  });

  it("can be read by a collector whatever the umask is, where that is asked for", () => {
    const before = process.umask(0o077);
    try {
      for (const [name, forAll, mode] of [
        ["for-all", true, 0o644],
        ["own", false, 0o600],
      ] as const) {
        const file = fileOutput(join(directory, name), "--prometheus", forAll);
        file.write("x");
        file.commit();
        assert.equal(statSync(join(directory, name)).mode & 0o777, mode);
      }
    } finally {
      process.umask(before);
    }
  });

  it("has the mode of the one whose place it takes: people gave it that", () => {
    const before = process.umask(0o027);
    try {
      for (const mode of [0o600, 0o644, 0o664]) {
        const path = join(directory, `mode-${mode}`);
        writeFileSync(path, "old");
        chmodSync(path, mode);
        const file = fileOutput(path, "--markdown");
        file.write("new");
        assert.equal(file.commit(), undefined);
        assert.equal(statSync(path).mode & 0o7777, mode);
      }
    } finally {
      process.umask(before);
    }
  });

  it("goes where a link leads, and into what is no file, and neither is replaced", () => {
    mkdirSync(join(directory, "elsewhere"));
    const target = join(directory, "elsewhere/report");
    writeFileSync(target, "old");
    const link = join(directory, "link");
    symlinkSync(target, link);
    const file = fileOutput(link, "--markdown");
    file.write("new");
    assert.equal(file.commit(), undefined);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(target, "utf8"), "new");
    const device = join(directory, "device");
    symlinkSync("/dev/null", device);
    const nowhere = fileOutput(device, "--markdown");
    nowhere.write("new");
    assert.equal(nowhere.commit(), undefined);
    assert.ok(statSync("/dev/null").isCharacterDevice());
    assert.ok(lstatSync(device).isSymbolicLink());
  });

  it("says in a warning that it could not be written, and throws nothing", () => {
    const path = join(directory, "not-there/report");
    const file = fileOutput(path, "--junit");
    file.write("x");
    file.write("y");
    const warning = file.commit();
    assert.equal(warning?.code, "report-not-written");
    assert.match(warning?.message ?? "", /not-there\/report \(ENOENT\)/);
    assert.match(warning?.hint ?? "", /--junit/);
  });
});

describe("a report that cannot be trusted to be whole", () => {
  const module = fileURLToPath(new URL("../../../src/cli/file-output.ts", import.meta.url));

  /** Runs a script that has `fileOutput`, in a directory of its own, below a shell's limit on the size of files. */
  function inPlace(name: string, script: string, limit = "unlimited") {
    const place = join(directory, name);
    mkdirSync(place);
    writeFileSync(join(place, "report"), "old");
    const all = `const { fileOutput } = await import(${JSON.stringify(module)});${script}`;
    const words = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", all];
    const shell = ["-c", 'ulimit -f "$0" && exec "$@"', limit, process.execPath, ...words];
    const { stdout } = spawnSync("sh", shell, { cwd: place, encoding: "utf8" });
    return { place, stdout };
  }

  it("does not take the place of the old one, also where the disk took only a part of a piece", () => {
    const { place, stdout } = inPlace(
      "full",
      `const file = fileOutput("report", "--junit");
      file.write("x".repeat(100_000));
      process.stdout.write(file.commit()?.message ?? "no warning");`,
      "8",
    );
    assert.match(stdout, /could not write report \(EFBIG\)/);
    assert.equal(readFileSync(join(place, "report"), "utf8"), "old");
    assert.deepEqual(readdirSync(place), ["report"]);
  });

  it("follows no link that somebody laid where it is written, and gives nobody else's file another mode", () => {
    const victim = join(directory, "victim");
    writeFileSync(victim, "mine", { mode: 0o600 });
    const { place } = inPlace(
      "trap",
      `const { symlinkSync } = await import("node:fs");
      symlinkSync(${JSON.stringify(victim)}, ".report." + process.pid + ".new");
      const file = fileOutput("report", "--prometheus", true);
      file.write("new");
      file.commit();`,
    );
    assert.equal(readFileSync(victim, "utf8"), "mine");
    assert.equal(statSync(victim).mode & 0o777, 0o600);
    assert.ok(lstatSync(join(place, "report")).isFile());
    assert.equal(readFileSync(join(place, "report"), "utf8"), "new");
  });
});

describe("a run that leaves at once", () => {
  it("leaves no half file", () => {
    const module = fileURLToPath(new URL("../../../src/cli/file-output.ts", import.meta.url));
    const script = `
      const { fileOutput } = await import(${JSON.stringify(module)});
      fileOutput("half.xml", "--junit").write("<testsuites>");
      process.exit(130);`;
    const place = join(directory, "left");
    mkdirSync(place);
    const words = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", script];
    assert.equal(spawnSync(process.execPath, words, { cwd: place }).status, 130);
    assert.deepEqual(readdirSync(place), []);
  });
});
