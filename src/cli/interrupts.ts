import { setMaxListeners } from "node:events";
import { EXIT } from "./exit-codes.ts";

/**
 * The signal that the first Ctrl-C (or TERM, HUP) aborts: what is in flight is then finished or put back. A
 * second one leaves at once, after `leaving`; hosts that still wait for a verdict then put everything back by
 * themselves.
 */
export function interruptSignal(
  say: (text: string) => void,
  leaving: () => void,
): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  // Every host of a fleet listens; Node would take more than ten listeners for a leak.
  setMaxListeners(0, controller.signal);
  const interrupt = () => {
    if (controller.signal.aborted) {
      say("leaving at once; hosts with an unproven change put it back by themselves");
      leaving();
      process.exit(EXIT.interrupted);
    }
    say(
      "interrupted: finishing or putting back what is in flight, starting nothing new (again: leave at once)",
    );
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
