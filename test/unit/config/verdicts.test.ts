import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compiledValidators, compiledVerdicts } from "../../../scripts/compile-schemas.ts";

type Verdicts = Record<string, (data: unknown) => boolean>;

function loaded(code: string): Verdicts {
  const exports = {};
  new Function("require", "exports", code)(createRequire(import.meta.url), exports);
  return exports;
}

describe("the small functions that only say whether a file is valid", () => {
  const [verdicts, validators] = [loaded(compiledVerdicts()), loaded(compiledValidators())];
  const word = fc.constantFrom(
    "clients",
    "ntp_client",
    "ntp_server",
    "syslog_server",
    "10%",
    "{{ x }}",
    "all",
    "",
  );
  const key = fc.constantFrom(
    "hosts",
    "roles",
    "role",
    "serial",
    "allow",
    "servers",
    "listen",
    "store",
    "port",
    "x",
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie("list"),
      tie("object"),
    ),
    list: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  }));
  const play = fc.record({
    hosts: word,
    roles: fc.array(fc.record({ role: word }, { noNullPrototype: true })),
  });

  it("agree with those that say why", () => {
    fc.assert(
      fc.property(fc.oneof(value, fc.array(play), fc.array(value)), (data) => {
        for (const name of Object.keys(validators)) {
          assert.equal(verdicts[name]?.(data), validators[name]?.(data), name);
        }
      }),
    );
  });
});
