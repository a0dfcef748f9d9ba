import type { LookMemory, RememberedLook } from "../../../src/remote/observe-memory.ts";

/** Remembers in memory. */
export function memory(first?: RememberedLook): LookMemory & { kept: RememberedLook | undefined } {
  const self = {
    kept: first,
    of: (question: string) => (self.kept ? { ...self.kept, question } : undefined),
    learn: (look: RememberedLook) => {
      self.kept = look;
    },
    forgetUnits: () => {},
  };
  return self;
}
