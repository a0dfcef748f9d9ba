import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { endError, rollbackOutcome } from "../../../src/remote/transaction-errors.ts";
import {
  addFrame,
  emptyReport,
  parseTransactionFrame,
  type TransactionReport,
} from "../../../src/remote/transaction-frames.ts";

function reportOf(...lines: string[]): TransactionReport {
  return lines.reduce((report, line) => {
    const frame = parseTransactionFrame(line);
    return frame ? addFrame(report, frame) : report;
  }, emptyReport());
}

describe("what the script says about a transaction", () => {
  test("a run that went well", () => {
    const report = reportOf(
      "lfce phase lock",
      "Welcome!",
      "lfce phase health",
      "lfce notice slow",
      "lfce healthy",
    );
    assert.deepEqual(report, { ...emptyReport(), phase: "health", notices: ["slow"], healthy: true });
    assert.deepEqual(addFrame(report, { kind: "end", end: { kind: "committed" } }).end, {
      kind: "committed",
    });
  });

  test("the first error is the cause, details are its words", () => {
    const report = reportOf(
      "lfce phase units",
      "lfce error unhealthy cannot restart chrony",
      "lfce detail Job failed.",
      "lfce phase put-back",
      "lfce restored /etc/chrony conf",
      "lfce restarted chrony",
      "lfce error lease-over later",
      "lfce rolled-back yes cannot restart chrony",
    );
    assert.deepEqual(report.error, {
      kind: "error",
      code: "unhealthy",
      message: "cannot restart chrony",
      details: ["Job failed."],
    });
    assert.deepEqual(rollbackOutcome("web01", report, ""), {
      reason: "cannot restart chrony",
      restoredFiles: ["/etc/chrony conf"],
      restartedUnits: ["chrony"],
      healthy: true,
    });
  });

  test("what was put back of an interrupted change is kept apart from this one", () => {
    const report = reportOf(
      "lfce recovering old-1",
      "lfce restored /etc/a",
      "lfce recovered no old-1",
      "lfce untouched",
    );
    assert.deepEqual(report.restoredFiles, []);
    assert.deepEqual(report.recovered, {
      id: "old-1",
      healthy: false,
      restoredFiles: ["/etc/a"],
      broken: [],
    });
  });

  test("an error says what, where, and what became of the host", () => {
    const error = endError("web01", reportOf("lfce error disk-full cannot stage /etc/a", "lfce untouched"));
    assert.deepEqual(error.at, { host: "web01", phase: "apply" });
    assert.equal(error.message, "cannot stage /etc/a\nnothing on the host was changed");
    assert.match(error.hint ?? "", /df -h/);
  });

  test("control characters of a host reach no terminal", () => {
    assert.deepEqual(parseTransactionFrame("lfce notice \x1b[2J\xc3\xa9"), {
      kind: "notice",
      text: "\\x1b[2J\u00e9",
    });
  });

  test("any line is a frame or nothing, never an exception", () => {
    const keyword = fc.constantFrom(
      "phase",
      "error",
      "rolled-back",
      "recovered",
      "end",
      "committed",
      "kept",
      "",
    );
    const line = fc
      .tuple(keyword, fc.string({ unit: "binary" }))
      .map(([word, rest]) => `lfce ${word}${rest}`);
    fc.assert(fc.property(fc.oneof(line, fc.string()), (text) => void parseTransactionFrame(text)));
  });
});
