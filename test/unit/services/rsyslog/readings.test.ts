import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { outlineOf } from "./outline.ts";

/**
 * Every `readings/NAME.conf` is a test: NAME.outline says what the parser makes of it. LFCE_WRITE_CASES=1 writes
 * the outlines that are missing, for a person to read before they are committed.
 */
const readings = join(import.meta.dirname, "readings");
const writes = process.env.LFCE_WRITE_CASES === "1";

describe("what the rsyslog parser reads", () => {
  for (const file of readdirSync(readings).filter((one) => one.endsWith(".conf"))) {
    it(file.replace(/\.conf$/, "").replaceAll("-", " "), () => {
      const expected = join(readings, file.replace(/\.conf$/, ".outline"));
      const outline = outlineOf(readFileSync(join(readings, file), "latin1"));
      if (writes && !existsSync(expected)) writeFileSync(expected, outline, "latin1");
      assert.equal(outline, readFileSync(expected, "latin1"));
    });
  }
});
