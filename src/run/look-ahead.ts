import type { HostSession } from "../core/host-session.ts";
import type { HostDeclaration } from "../plan/declaration.ts";
import type { RunEffects } from "./effects.ts";
import type { HostView } from "./host-run.ts";
import { lookAt } from "./look.ts";
import { proofRequest } from "./proof-request.ts";
import type { RunRequest } from "./run-request.ts";
import type { Sessions } from "./sessions.ts";

/** Milliseconds from its beginning for which a look that has ended is believed: about what a wave of servers takes. */
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
  /**
   * The look that was begun over this connection, if so, once, unless it has ended and began too long ago; it rejects as `lookAt`
   * does. One that is still under way is handed out whatever its age: no host is asked twice at the same time.
   */
  take(host: string, session: Promise<HostSession>): Promise<HostView> | undefined;
  /** Nobody will take it. */
  drop(host: string): void;
}

/** A look that was begun. */
interface Look {
  session: Promise<HostSession>;
  begun: number;
  isOver: boolean;
  view: Promise<HostView>;
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
  const looks = new Map<string, Look>();
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
        const look = { session, begun: now(), isOver: false, view };
        const over = () => {
          look.isOver = true;
        };
        view.then(over, over); // what went wrong is kept for whoever takes it
        looks.set(declaration.host, look);
      });
    },
    begin: () => {
      for (const look of prepared.splice(0)) look();
    },
    forget: () => {
      prepared.length = 0;
    },
    take: (host, session) => {
      const look = looks.get(host);
      looks.delete(host);
      if (look?.session !== session) return undefined;
      return look.isOver && now() - look.begun > BELIEVED_MS ? undefined : look.view;
    },
    drop: (host) => {
      looks.delete(host);
    },
  };
}
