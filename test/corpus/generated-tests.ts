import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EditedService } from "./edited-service.ts";
import { inputKinds, tryGenerated } from "./generated.ts";

/** Generated inputs of a service that `npm test` tries; `npm run corpus` tries 100,000. */
const inputs = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000);

/** The same inputs each time: a test that fails must fail again. The long run draws others. */
const seed = 1;

/** Tests of a service on generated inputs of every kind. */
export function testGenerated(service: EditedService): void {
  const count = Math.ceil(inputs / inputKinds.length);
  describe(`${service.name} on generated inputs`, () => {
    for (const kind of inputKinds) {
      it(`${kind}: printed as they were, planned without a throw, and edits keep every rule`, () => {
        const { violations, tried, edited } = tryGenerated(service, kind, { count, seed });
        assert.deepEqual(violations, []);
        assert.equal(tried, count);
        assert.ok(edited > count / 2, `only ${edited} of ${tried} inputs could be edited`);
      });
    }
  });
}
