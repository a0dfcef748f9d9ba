import type { HostDeclaration } from "../plan/declaration.ts";
import type { RunEffects } from "./effects.ts";
import type { HostView } from "./host-run.ts";
import { lookAt } from "./look.ts";
import { proofRequest } from "./proof-request.ts";
import type { RunRequest } from "./run-request.ts";
import type { Sessions } from "./sessions.ts";

/** Milliseconds for which a look that was taken ahead is believed: about what a wave of servers takes. */
const BELIEVED_MS = 10_000;

/** Looks at hosts that are next, while others are at work. A look changes nothing, and it is told by whoever takes it. */
export interface LooksAhead {
  /** Connects to the host; it will be looked at when there is time. Nothing that goes wrong is told here. */
  prepare(declaration: HostDeclaration): void;
  /**
   * There is time: a host at work has nothing to change, or has changed everything and only has to show that it stays up.
   * Before that a look ahead would delay those that all others wait for.
   */
  begin(): void;
  /** The wave is over: what was not begun by now is looked at in its own time. */
  forget(): void;
  /** The look that was begun, if so, once, unless it is too old; it rejects as `lookAt` does. */
  take(host: string): Promise<HostView> | undefined;
}

/**
 * Looks ahead for `plan` and `apply`, whose transaction compares once more what its plan was made from. `drift` would tell
 * faults that the servers' wave is about to mend, and gets connections alone.
 */
export function createLooksAhead(
  request: Pick<RunRequest, "command" | "verify" | "probe" | "fleet">,
  sessions: Pick<Sessions, "warm">,
  { now }: Pick<RunEffects, "now">,
): LooksAhead {
  const prepared: (() => void)[] = [];
  const looks = new Map<string, { begun: number; view: Promise<HostView> }>();
  const looksAhead = request.command === "apply" || request.command === "plan";
  return {
    prepare: (declaration) => {
      const session = sessions.warm(declaration.connection);
      if (!session || !looksAhead) return;
      prepared.push(() => {
        const view = lookAt(
          declaration,
          request.fleet,
          { get: () => session },
          proofRequest(declaration, request),
        );
        view.catch(() => {}); // kept for whoever takes it
        looks.set(declaration.host, { begun: now(), view });
      });
    },
    begin: () => {
      for (const look of prepared.splice(0)) look();
    },
    forget: () => {
      prepared.length = 0;
    },
    take: (host) => {
      const look = looks.get(host);
      looks.delete(host);
      return look && now() - look.begun <= BELIEVED_MS ? look.view : undefined;
    },
  };
}
