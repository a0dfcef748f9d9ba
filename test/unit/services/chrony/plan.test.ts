import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { absent, desiredOf } from "./desired-of.ts";
import { observe } from "./virtual-host.ts";

const MAIN = "/etc/chrony/chrony.conf";
const client = desiredOf({ client: { servers: ["10.0.0.1"] } });

describe("chrony plan", () => {
  it("keeps the checksum that the plan was made from, and says why a file changes", () => {
    const observed = observe({ files: { [MAIN]: "pool a.example\npool b.example\n" }, distro: debian });
    const [change] = planChrony(client, observed, debian).files;
    assert.equal(change?.before?.sha256, observed.files[MAIN]?.sha256);
    assert.equal(change?.before?.content, "pool a.example\npool b.example\n");
    assert.match(change?.reason ?? "", /switches off 2 lines .*adds what is missing/);
  });

  it("points at the line of the host's file in its errors", () => {
    const long = `pool a.example${" ".repeat(2030)}`;
    const observed = observe({ files: { [MAIN]: `rtcsync\n${long}\n` }, distro: debian });
    const { errors, files } = planChrony(client, observed, debian);
    assert.deepEqual(errors[0]?.at, { file: MAIN, line: 2, column: 1, source: long });
    assert.deepEqual(files, [], "nothing is planned beside an error");
  });

  it("keeps an include switched off whose files nobody looked at, while a role is there", () => {
    const files = { [MAIN]: "#lfce# include /run/site.conf\nserver 10.0.0.1\n" };
    const observed = { ...observe({ files, distro: debian }), globs: {} };
    assert.deepEqual(planChrony(client, observed, debian).files, []);
    const undone = planChrony(absent(client), observed, debian);
    assert.equal(undone.files[0]?.after, "include /run/site.conf\nserver 10.0.0.1\n");
  });

  it("does not edit a file that is a link to a package's own", () => {
    const files = {
      [MAIN]: "include /etc/chrony/vendor.conf\n",
      "/etc/chrony/vendor.conf": "pool a.example\n",
    };
    const observed = observe({ files, distro: debian });
    const link = observed.files["/etc/chrony/vendor.conf"];
    assert.ok(link);
    link.kind = "symlink";
    link.target = "/usr/share/chrony/vendor.conf";
    const plan = planChrony(client, observed, debian);
    assert.deepEqual(plan.errors, []);
    assert.deepEqual(
      plan.files.map((file) => file.path),
      [MAIN],
    );
    assert.match(plan.files[0]?.after ?? "", /^#lfce# include \/etc\/chrony\/vendor\.conf\n/);
  });

  it("plans a file of 60 KB in well under a second", () => {
    const text = Array.from(
      { length: 1500 },
      (_, index) => `# comment ${index}\nserver s${index}.example`,
    ).join("\n");
    const observed = observe({ files: { [MAIN]: text }, distro: debian });
    // The best of a few: the machine that runs the tests may be busy with others.
    const durations = Array.from({ length: 5 }, () => {
      const started = performance.now();
      planChrony(client, observed, debian);
      return performance.now() - started;
    });
    assert.ok(Math.min(...durations) < 200, `${durations} ms`);
  });
});
