import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aptSettings, debianKeyring, sourcesFor } from "./apt.ts";
import { demoMachines, readArguments, readMachines } from "./arguments.ts";
import { addressOf, labPaths, machinePaths } from "./paths.ts";
import { imageName, layersOf } from "./recipes.ts";

describe("the lab's command line", () => {
  it("takes options before and after the words, and all that follows -- word for word", () => {
    const given = readArguments(["exec", "web1", "--name", "try", "--", "sh", "-c", "echo --name x"]);
    assert.equal(given.command, "exec");
    assert.equal(given.name, "try");
    assert.deepEqual(given.words, ["web1"]);
    assert.deepEqual(given.rest, ["sh", "-c", "echo --name x"]);
  });

  it("refuses an option that does not exist", () => {
    assert.throws(() => readArguments(["up", "--nmae", "x"]), /--nmae/);
  });

  it("reads machines, and takes those of the demo where none is named", () => {
    assert.deepEqual(readMachines(["a:el9"]), [{ name: "a", image: "el9" }]);
    assert.deepEqual(readMachines([]), demoMachines);
    for (const wrong of ["a", "a:", ":el9", "a:el9:b"])
      assert.throws(() => readMachines([wrong]), /is not a machine/);
  });

  it("names the images when one is misspelt", () => {
    assert.throws(() => imageName("debian10"), /there is no image "debian10"/);
  });
});

describe("names and addresses of a lab", () => {
  it("go on past 255", () => {
    assert.deepEqual([1, 3, 245, 246].map(addressOf), [
      "172.31.96.11",
      "172.31.96.13",
      "172.31.96.255",
      "172.31.97.0",
    ]);
  });

  it("cannot lead out of the lab's folders", () => {
    for (const wrong of ["", "..", "a/b", "A", "1a", "a.b", "a".repeat(21)])
      assert.throws(() => labPaths(wrong));
    assert.throws(() => machinePaths("lab", "../x"), /cannot be the name of a machine/);
  });

  it("differ for any two machines of any two labs", () => {
    assert.notEqual(machinePaths("a-b", "c").nspawnName, machinePaths("a", "b-c").nspawnName);
  });
});

describe("what images are made from", () => {
  it("is layered: the EL layout upon Debian with its daemons, the bare one without", () => {
    const names = (image: Parameters<typeof layersOf>[0]) => layersOf(image).map((layer) => layer.name);
    assert.deepEqual(names("el9"), ["bookworm-base", "bookworm", "el9"]);
    assert.deepEqual(names("el9-bare"), ["bookworm-base", "el9-bare"]);
    assert.deepEqual(names("debian12-bare"), ["bookworm-base"]);
  });

  it("comes from the mirrors that this machine's own apt uses", () => {
    const targets =
      "Debian|http://mirror.test/debian/\nDebian-Security|http://mirror.test/security/\nOther|http://other.test/\n";
    assert.deepEqual(sourcesFor("trixie", targets), [
      `deb [signed-by=${debianKeyring}] http://mirror.test/debian/ trixie main`,
      `deb [signed-by=${debianKeyring}] http://mirror.test/security/ trixie-security main`,
    ]);
    assert.deepEqual(sourcesFor("trixie", "Ubuntu|http://mirror.test/ubuntu/\n"), []);
  });

  it("is reached and checked as this machine's own apt does it", () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::http "";',
      'Acquire::http::Proxy "http://proxy.test:3128";',
      'Acquire::Languages "de";',
    ];
    assert.deepEqual(aptSettings(dump.join("\n")), [
      'Acquire::Check-Valid-Until "false"',
      'Acquire::http::Proxy "http://proxy.test:3128"',
    ]);
  });
});
