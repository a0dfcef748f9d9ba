import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fileSpool } from "../../../src/cli/spool.ts";

describe("a spool", () => {
  it("gives every text back, wherever it lies, and leaves no file", () => {
    const place = mkdtempSync(join(tmpdir(), "lfce-spool-"));
    try {
      fc.assert(
        fc.property(fc.array(fc.string({ unit: "binary" })), fc.nat({ max: 40 }), (texts, held) => {
          const spool = fileSpool(held, place);
          const kept = texts.map((text) => spool.put(text));
          assert.deepEqual(
            kept.map((number) => spool.get(number)),
            // Half of a surrogate pair has no bytes of its own.
            texts.map((text) => Buffer.from(text).toString()),
          );
          assert.deepEqual(readdirSync(place), []);
        }),
      );
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it("keeps in memory what no file takes", () => {
    const spool = fileSpool(0, "/nonexistent");
    assert.equal(spool.get(spool.put("text")), "text");
  });
});
