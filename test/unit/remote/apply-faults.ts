import assert from "node:assert/strict";
import type { RemoteScript } from "../../../src/remote/scripts.ts";

const NO_STEP = "step() {\n  :\n}\n";

/** A lab build of a script: at every boundary it runs this body of `step NAME`. */
export function withStep(script: RemoteScript, body: string): RemoteScript {
  assert.equal(script.source.split(NO_STEP).length, 2, "the script defines step() once, and empty");
  return { ...script, source: script.source.replace(NO_STEP, () => `step() {\n  ${body}\n}\n`) };
}

/** A lab build that dies at a boundary, as by SIGKILL. */
export function dyingAt(script: RemoteScript, step: string): RemoteScript {
  return withStep(script, `if [ "$1" = ${step} ]; then kill -KILL $$; fi`);
}
