import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as stand from "../../mutation/collected-tests.ts";
import { messageTexts } from "../../mutation/message-texts.ts";
import { scoreTable } from "../../mutation/score.ts";

describe("the collector of tests", () => {
  it("gives every test of a file, by its suites, and none that is skipped", async () => {
    const tests = await stand.collect("a.test.ts", async () => {
      stand.describe("outer", () => {
        stand.it("one", () => {});
        stand.describe("inner", () => stand.test("two", () => {}));
        stand.describe("skipped", { skip: "no" }, () => stand.it("three", () => {}));
        stand.it("four", { skip: true }, () => {});
      });
      stand.it("one", () => {});
      stand.it("one", () => {});
    });
    assert.deepEqual(
      tests.map(({ id }) => id),
      [
        "a.test.ts > outer > one",
        "a.test.ts > outer > inner > two",
        "a.test.ts > one",
        "a.test.ts > one (2)",
      ],
    );
  });

  it("runs hooks around each test as often as it runs, and what opens a suite once", async () => {
    const log: string[] = [];
    const [test] = await stand.collect("a.test.ts", async () => {
      stand.describe("outer", () => {
        stand.before(() => log.push("before"));
        stand.beforeEach(() => log.push("each"));
        stand.afterEach(() => log.push("after each"));
        stand.it("one", async (context) => {
          context.after(() => log.push("after"));
          await context.test("inside", () => log.push("inside"));
        });
      });
    });
    await test?.run();
    await test?.run();
    const run = ["each", "inside", "after", "after each"];
    assert.deepEqual(log, ["before", ...run, ...run]);
  });

  it("hands on that a test fails, after its hooks", async () => {
    const log: string[] = [];
    const [test] = await stand.collect("a.test.ts", async () => {
      stand.afterEach(() => log.push("after each"));
      stand.it("fails", () => assert.fail("so"));
    });
    await assert.rejects(async () => test?.run(), /so/);
    assert.deepEqual(log, ["after each"]);
  });

  it("refuses what it would not run: tests outside a file, suites that go on later", async () => {
    assert.throws(() => stand.it("nowhere", () => {}), /outside/);
    const late = stand.collect("a.test.ts", async () =>
      stand.describe("late", (async () => {}) as () => void),
    );
    await assert.rejects(late, /asynchronous/);
  });
});

describe("what is not mutated", () => {
  const ignored = (path: object) => messageTexts.shouldIgnore(path) !== undefined;
  const argument = (name: string, key: number) => ({
    node: { type: "StringLiteral" },
    parent: { type: "CallExpression", callee: { name } },
    listKey: "arguments",
    key,
  });

  it("are message and hint of an error, not its code nor its place", () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((key) => ignored(argument("errorData", key))),
      [false, true, true, false],
    );
    assert.ok(!ignored(argument("includes", 1)));
  });

  it("are properties, variables and functions that hold words for people", () => {
    const property = (name: string) => ({ node: { type: "ObjectProperty", key: { name } } });
    const declared = (type: string, name: string) => ({ node: { type, id: { name } } });
    assert.ok(ignored(property("message")) && ignored(property("hint")) && !ignored(property("code")));
    assert.ok(ignored(declared("VariableDeclarator", "reason")));
    assert.ok(ignored(declared("FunctionDeclaration", "reasonFor")));
    assert.ok(!ignored(declared("FunctionDeclaration", "reasonable")));
    assert.ok(!ignored(declared("VariableDeclarator", "text")));
  });
});

describe("the score", () => {
  it("counts what timed out as killed, what no test reaches as not, and what was left out not at all", () => {
    const statuses = ["Killed", "Killed", "Timeout", "Survived", "NoCoverage", "Ignored", "RuntimeError"];
    const mutants = statuses.map((status) => ({ fileName: "/p/src/a.ts", status }));
    const rows = scoreTable(mutants as unknown as Parameters<typeof scoreTable>[0], "/p").split("\n");
    assert.deepEqual(rows.slice(2), [
      "| src/a.ts | 2 | 1 | 1 | 1 | 60.0 | 75.0 |",
      "| **all** | 2 | 1 | 1 | 1 | 60.0 | 75.0 |",
    ]);
  });
});
