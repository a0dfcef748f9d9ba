import type { ObservedHost } from "../../../src/core/observed.ts";
import { parseFrames } from "../../../src/remote/frames.ts";
import { observedFiles } from "../../../src/remote/observe-files.ts";
import { observedHost } from "../../../src/remote/observe-host.ts";

/** The host that an answer of scripts/observe.sh tells of, where no include is followed. */
export function observedOf(answer: Uint8Array | string): ObservedHost {
  const frames = parseFrames(Buffer.from(answer));
  return observedHost(frames, {}, observedFiles(frames));
}
