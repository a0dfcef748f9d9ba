import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { rsyslogInForce } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { factsOf } from "./facts.ts";
import { observedHost } from "./host.ts";

/**
 * Every `models/NAME.conf` is a test: NAME.facts says what is in force. The file is the main file; lines
 * `=== PATH` begin the host's other files. LFCE_WRITE_CASES=1 writes the facts that are missing, for a person
 * to read before they are committed.
 */
const models = join(import.meta.dirname, "models");
const writes = process.env.LFCE_WRITE_CASES === "1";
const main = "/etc/rsyslog.conf";

describe("what is in force on a host", () => {
  for (const file of readdirSync(models).filter((one) => one.endsWith(".conf"))) {
    it(file.replace(/\.conf$/, "").replaceAll("-", " "), () => {
      const [first = "", ...others] = readFileSync(join(models, file), "latin1").split(/^=== (.*)\n/m);
      const files = new Map([[main, first]]);
      for (let at = 0; at < others.length; at += 2) files.set(others[at] ?? "", others[at + 1] ?? "");
      const facts = factsOf(rsyslogInForce(observedHost(files, main), main));
      const expected = join(models, file.replace(/\.conf$/, ".facts"));
      if (writes && !existsSync(expected)) writeFileSync(expected, facts, "latin1");
      assert.equal(facts, readFileSync(expected, "latin1"));
    });
  }
});
