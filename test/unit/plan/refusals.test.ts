import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyPlan } from "../../../src/core/host-plan.ts";
import type { ObservedFile, ObservedHost, ObservedPlace } from "../../../src/core/observed.ts";
import { refusals } from "../../../src/plan/refusals.ts";

const path = "/etc/chrony/chrony.conf";

function refused(file: Partial<ObservedFile>, parts: Partial<ObservedHost> = {}): string[] {
  const seen: ObservedFile = { path, kind: "file", mode: "0644", content: "a", links: 1, ...file };
  const observed = { files: { [path]: seen }, ...parts } as unknown as ObservedHost;
  const change = { path, before: { sha256: "", content: "a" }, after: "b".repeat(4096), reason: "" };
  return refusals([{ ...emptyPlan("chrony"), files: [change] }], observed).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

const places = (...all: ObservedPlace[]): Partial<ObservedHost> => ({ places: all });
const roomy = { writable: true, availableKiB: 100_000 };

describe("what apply would refuse", () => {
  it("is nothing for an ordinary file where there is room, or a link to one", () => {
    assert.deepEqual(
      refused({}, places({ path: "/etc/chrony", ...roomy }, { path: "/var/lib", ...roomy })),
      [],
    );
    assert.deepEqual(refused({ kind: "symlink", target: "/srv/chrony.conf" }), []);
  });

  for (const [what, file, words] of [
    ["a directory", { kind: "directory" }, /target-refused: .* is a directory/],
    ["a device", { kind: "other" }, /target-refused: .* is a device/],
    ["a link to nothing", { kind: "symlink", mode: undefined, content: undefined }, /does not exist/],
    [
      "a link to a directory",
      { kind: "symlink", content: undefined },
      /leads to something that is not a file/,
    ],
    ["a file with several names", { links: 2 }, /several hard links/],
  ] as [string, Partial<ObservedFile>, RegExp][]) {
    it(`is ${what}`, () => {
      const found = refused(file);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", words);
    });
  }

  it("is no second name while a change that was cut off keeps its backup by one", () => {
    assert.deepEqual(refused({ links: 2 }, { openTransaction: { id: "1", state: "open" } }), []);
  });

  it("is a place that is read-only or has no room, but not one in which nothing would be written", () => {
    assert.match(
      refused({}, places({ path: "/etc/chrony", writable: false }))[0] ?? "",
      /^read-only: \/etc\/chrony cannot be written to/,
    );
    assert.match(
      refused({}, places({ path: "/etc/chrony", writable: true, availableKiB: 3 }))[0] ?? "",
      /^disk-full: \/etc\/chrony has 3 KiB left; .* need 4 KiB/,
    );
    assert.match(
      refused({}, places({ path: "/var/lib", writable: true, availableKiB: 200 }))[0] ?? "",
      /disk-full/,
    );
    assert.deepEqual(refused({}, places({ path: "/etc/rsyslog.d", writable: false })), []);
  });
});
