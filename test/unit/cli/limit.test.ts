import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { failedHostsOf, readFailedHosts } from "../../../src/cli/failed-hosts.ts";
import { leftOutServers, limitedHosts } from "../../../src/cli/limit.ts";
import type { HostStatus } from "../../../src/core/events.ts";
import type { FleetDeclaration } from "../../../src/plan/declaration.ts";
import { inventoryOf } from "../config/sources.ts";

const now = new Date("2026-01-01T00:00:00Z");
const playbookFile = "site.yml";
const inventory = inventoryOf(
  "all:\n  hosts: { time1: , 'web[1:4]': }\n  children: { db: { hosts: { db1: } } }\n",
);

let place: string;
const file = (name: string, text: string): string => {
  const path = join(place, name);
  writeFileSync(path, text);
  return path;
};
const limited = (limit: string): string[] =>
  limitedHosts(inventory, limit, { playbookFile, stateDirectory: join(place, "state") });
/** One run after which hosts stand so. */
function run(hosts: Record<string, HostStatus>, code = "any"): void {
  const record = failedHostsOf(join(place, "state"), playbookFile);
  for (const [host, status] of Object.entries(hosts)) {
    const error = status === "skipped" ? { error: { code, message: "why" } } : {};
    record.see({ host, status, ...error });
  }
  assert.equal(record.write("apply", now), undefined);
}

before(() => {
  place = mkdtempSync(join(tmpdir(), "lfce-limit-"));
});
beforeEach(() => rmSync(join(place, "state"), { recursive: true, force: true }));
after(() => rmSync(place, { recursive: true, force: true }));

describe("--limit @failed", () => {
  it("is the hosts that failed, and those that were skipped for it, in inventory order", () => {
    run({ web3: "unreachable", web1: "rolled-back", web2: "changed", time1: "failed" });
    assert.deepEqual(limited("@failed"), ["time1", "web1", "web3"]);
    run({ web4: "skipped" }, "too-many-failures");
    assert.deepEqual(limited("@failed"), ["time1", "web1", "web3", "web4"]);
  });

  it("forgets a host when a run finds it, or makes it, as declared, and none that no run looked at", () => {
    run({ web1: "failed", web2: "failed", web3: "failed", web4: "failed" });
    run({ web1: "changed", web2: "unchanged", web3: "drifted" });
    assert.deepEqual(limited("@failed"), ["web3", "web4"]);
  });

  it("takes no host that somebody else did not want to be touched", () => {
    run({ web1: "failed", web2: "skipped" }, "declined");
    run({ web1: "skipped", web3: "skipped" }, "interrupted");
    assert.deepEqual(limited("@failed"), ["web1"]);
  });

  it("can be part of a pattern", () => {
    run({ web1: "failed", web2: "failed" });
    assert.deepEqual(limited("@failed:!web2"), ["web1"]);
    assert.deepEqual(limited("db, @failed, !web1"), ["web2", "db1"]);
    assert.throws(() => limited("!@failed"), { code: "limit.sign" });
  });

  it("leaves out what is gone from the inventory", () => {
    run({ web1: "failed", old7: "failed" });
    assert.deepEqual(limited("@failed"), ["web1"]);
    rmSync(join(place, "state"), { recursive: true });
    run({ old7: "failed" });
    assert.throws(() => limited("@failed"), { code: "no-failed-hosts", message: /none of old7 any more/ });
  });

  it("is an error where nothing failed, or nothing ever ran", () => {
    assert.throws(() => limited("@failed"), { code: "no-failed-hosts", message: /no run of site.yml/ });
    run({ web1: "changed" });
    assert.throws(() => limited("@failed"), {
      code: "no-failed-hosts",
      message: /none failed in the last run/,
    });
  });

  it("takes a record that cannot be read for none", () => {
    run({ web1: "failed" });
    const [record = ""] = readdirSync(join(place, "state"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".json"),
    );
    for (const text of ["{", "[]", '{"version":2,"hosts":["web1"]}', '{"version":1,"hosts":[1]}']) {
      writeFileSync(join(place, "state", record), text);
      assert.throws(() => limited("@failed"), { code: "no-failed-hosts" }, text);
    }
  });

  it("warns where it cannot be kept, and leaves nothing behind", () => {
    const record = failedHostsOf(join(file("in-the-way", ""), "state"), playbookFile);
    record.see({ host: "web1", status: "failed" });
    assert.equal(record.write("apply", now)?.code, "state-not-written");
  });

  it("is kept for each playbook by itself, from whatever directory it is named", () => {
    run({ web1: "failed" });
    const directory = join(place, "state");
    mkdirSync(directory, { recursive: true });
    assert.deepEqual(readFailedHosts(directory, join(process.cwd(), "site.yml")).hosts, ["web1"]);
    assert.throws(() => readFailedHosts(directory, join(dirname(process.cwd()), "site.yml")));
  });
});

describe("--limit @FILE", () => {
  it("is the hosts and patterns of its lines", () => {
    assert.deepEqual(
      limited(`@${file("hosts.txt", "# of yesterday\nweb2\r\n\n  db  # all\nweb*:!web3\n")}`),
      ["web1", "web2", "web4", "db1"],
    );
  });

  it("names the line that is wrong", () => {
    const path = file("wrong.txt", "web1\n  webb2\n");
    assert.throws(
      () => limited(`@${path}`),
      (error: { at?: object }) => {
        assert.deepEqual(error.at, { file: path, line: 2, column: 3, source: "  webb2", length: 5 });
        return true;
      },
    );
  });

  it("is an error when it is empty or not there", () => {
    assert.throws(() => limited(`@${file("empty.txt", "# none\n")}`), { code: "limit.empty-file" });
    assert.throws(() => limited(`@${join(place, "nowhere")}`), { code: "file-not-readable" });
  });
});

describe("servers that --limit leaves out", () => {
  const fleet = (names: string[]) =>
    ({
      hosts: new Map(names.map((name) => [name, {}])),
      references: [
        { client: "web1", server: "log1", kind: "syslog" },
        { client: "web1", server: "time1", kind: "ntp" },
        { client: "web1", server: "elsewhere", kind: "ntp" },
      ],
    }) as unknown as FleetDeclaration;

  it("are named in inventory order, and only those that a run would change", () => {
    assert.match(leftOutServers(fleet(["time1", "log1", "web1"]), ["web1"])?.message ?? "", /: time1, log1$/);
  });

  it("are none where they are chosen, or nobody chosen needs them", () => {
    assert.equal(leftOutServers(fleet(["time1", "log1", "web1"]), ["time1", "log1", "web1"]), undefined);
    assert.equal(leftOutServers(fleet(["time1", "log1", "web1"]), ["time1"]), undefined);
  });
});
