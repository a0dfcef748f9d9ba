import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyPlan, type FileChange, type ServicePlan } from "../../../src/core/host-plan.ts";
import type { ObservedFile, ObservedHost } from "../../../src/core/observed.ts";
import { debian } from "../../../src/distros/debian.ts";
import {
  errorFinding,
  isHostState,
  type LocatedFinding,
  settleFindings,
} from "../../../src/services/host-drift.ts";
import { fileFindings } from "../../../src/services/host-drift-files.ts";
import { observe } from "./chrony/virtual-host.ts";

const PATH = "/etc/example.conf";

function planOf(parts: Partial<ServicePlan>): ServicePlan {
  return { ...emptyPlan("chrony"), ...parts };
}

function change(before: string | null, after: string | null, path = PATH): FileChange {
  return { path, before: before === null ? null : { sha256: "", content: before }, after, reason: "" };
}

const finding = (parts: Partial<LocatedFinding>): LocatedFinding => ({
  code: "source-missing",
  item: "a",
  message: "a is missing",
  covers: [PATH],
  ...parts,
});

/** A file of 40 numbered lines, with other text in some of them. */
function numbered(other: Record<number, string> = {}): string {
  return Array.from({ length: 40 }, (_, index) => `${other[index + 1] ?? `line ${index + 1}`}\n`).join("");
}

describe("settleFindings", () => {
  it("adds what nothing precise tells of", () => {
    const plan = planOf({
      packages: ["example"],
      directories: [{ path: "/var/spool/x", mode: "0700", owner: "root", group: "root", reason: "" }],
      files: [change("a\n", "b\n"), change(null, "b\n", "/etc/new"), change("a\n", null, "/etc/old")],
      units: [{ unit: "chrony", action: "restart", reason: "for its files" }],
    });
    assert.deepEqual(
      settleFindings(plan, []).map(({ code, item }) => `${code} ${item}`),
      [
        "package-missing example",
        "directory-missing /var/spool/x",
        `file-differs ${PATH}`,
        "file-missing /etc/new",
        "file-differs /etc/old",
      ],
    );
  });

  it("adds nothing to what is told, but to a unit that nothing explains", () => {
    const files = [change("a\n", "b\n")];
    const units = [{ unit: "chrony", action: "restart" as const, reason: "is old" }];
    assert.equal(settleFindings(planOf({ files, units }), [finding({})]).length, 1);
    assert.deepEqual(settleFindings(planOf({ units }), []), [
      { code: "unit-stale", item: "chrony", message: "is old" },
    ]);
    assert.deepEqual(
      settleFindings(planOf({ units: [{ unit: "x", action: "start", reason: "off" }] }), []).map(
        ({ code }) => code,
      ),
      ["unit-inactive"],
    );
  });

  it("shows of a diff the part that a finding is about", () => {
    const files = [change(numbered(), numbered({ 3: "three", 30: "thirty" }))];
    const detail = (parts: Partial<LocatedFinding>) =>
      settleFindings(planOf({ files }), [finding(parts)])[0]?.detail;
    const near = detail({ at: { file: PATH, line: 30 } }) ?? "";
    assert.match(near, new RegExp(`^${PATH}:30\n--- ${PATH}\n`));
    assert.match(near, /^-line 30\n\+thirty$/m);
    assert.doesNotMatch(near, /three/);
    assert.doesNotMatch(detail({ adds: "three" }) ?? "", /thirty/);
    assert.match(detail({ adds: "nowhere" }) ?? "", /three(.|\n)*thirty/);
  });

  it("shows no more of a long diff than a person reads", () => {
    const files = [change("", Array.from({ length: 500 }, (_, index) => `${index}\n`).join(""))];
    const [told] = settleFindings(planOf({ files }), []);
    assert.ok((told?.detail ?? "").split("\n").length < 70);
    assert.match(told?.detail ?? "", /\(\d+ more lines\)$/);
  });

  it("tells twenty of a kind, and how many more there are", () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      finding({ item: `${index}`, adds: `line ${index}` }),
    );
    const files = [change("", numbered())];
    const told = settleFindings(planOf({ files }), [...many, finding({ code: "other-code" })]);
    assert.equal(told.length, 22);
    assert.deepEqual(told[21], { code: "source-missing", item: "more", message: "4980 more of this kind" });
    assert.equal(told[20]?.code, "other-code");
  });

  it("tells one thing once, with all that is known of it", () => {
    const twice = [finding({ detail: "first" }), finding({ detail: "second", message: "again" })];
    assert.deepEqual(settleFindings(planOf({}), twice), [
      { code: "source-missing", item: "a", message: "a is missing", detail: "first\nsecond" },
    ]);
  });
});

describe("errors of a plan", () => {
  it("are the host's state or the declaration's fault", () => {
    const error = (code: string) => ({
      code,
      message: "m",
      hint: "do that",
      at: { file: PATH, line: 3, column: 1 },
    });
    for (const code of ["unit-masked", "other-time-daemon", "target-refused", "chrony-no-main-file"]) {
      assert.ok(isHostState(error(code)), code);
    }
    for (const code of ["chrony-sources-contradict", "chrony-too-old", "name-unresolved", "new-code"]) {
      assert.ok(!isHostState(error(code)), code);
    }
    assert.equal(errorFinding(error("unit-masked"), "x").detail, `${PATH}:3\ndo that`);
  });
});

describe("fileFindings", () => {
  const told = (file: Partial<ObservedFile>, declared = {}, host: Partial<ObservedHost> = {}) => {
    const observed = { ...observe({ files: {}, distro: debian }), ...host };
    observed.files[PATH] = { path: PATH, kind: "file", mode: "0644", owner: "root", group: "root", ...file };
    return fileFindings([PATH], observed, () => declared).map(({ code, item }) => `${code} ${item}`);
  };

  it("goes by what others could write, where nothing is declared", () => {
    for (const mode of ["0644", "0600", "0664", "0755", "0000"]) assert.deepEqual(told({ mode }), [], mode);
    for (const mode of ["0666", "0646", "0777"])
      assert.deepEqual(told({ mode }), [`file-mode ${PATH}`], mode);
    assert.deepEqual(told({ mode: "0664", group: "staff" }), [`file-mode ${PATH}`]);
    assert.deepEqual(told({ owner: "nobody" }), [`file-owner ${PATH}`]);
    assert.deepEqual(told({ group: "chrony" }), []);
  });

  it("goes by what is declared, else", () => {
    const declared = { mode: "0640", owner: "syslog", group: "adm" };
    assert.deepEqual(told({ mode: "0640", owner: "syslog", group: "adm" }, declared), []);
    assert.deepEqual(told({ mode: "0644", owner: "root", group: "adm" }, declared), [
      `file-mode ${PATH}`,
      `file-owner ${PATH}`,
    ]);
    assert.deepEqual(told({ mode: "0640", owner: "syslog", group: "root" }, declared), [
      `file-owner ${PATH}`,
    ]);
  });

  it("finds a file that cannot be written, but not a file system that is meant to be so", () => {
    assert.deepEqual(told({ writable: false }), [`file-immutable ${PATH}`]);
    assert.deepEqual(told({ writable: false }, {}, { places: [{ path: "/etc", writable: false }] }), []);
  });

  it("looks at an administrator's files only", () => {
    const observed = observe({ files: {}, distro: debian });
    const path = "/usr/lib/x.conf";
    observed.files[path] = { path, kind: "file", mode: "0666", owner: "bin" };
    assert.deepEqual(fileFindings([path, "/etc/unseen"], observed), []);
  });
});
