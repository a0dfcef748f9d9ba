import { hostname } from "node:os";
import type { Warning } from "../core/errors.ts";
import type { LfceEvent } from "../core/events.ts";
import { collectChanges } from "../history/changes.ts";
import { deliver } from "../notify/deliver.ts";
import { isWorthTelling, type NotifyOn, notificationOf, type RunEnd } from "../notify/notification.ts";
import { parseTarget } from "../notify/target.ts";
import { notifyEffects } from "./notify-effects.ts";
import type { Untold } from "./untold.ts";

/** Options that say whom to tell of drift. */
export interface NotifyOptions {
  /** `KIND:…`, as given. */
  notify?: string[];
  notifyOn?: NotifyOn;
}

/** Sees the events of a run of `lfce drift`, and tells people when it ends. */
export interface Notifier {
  handle(event: LfceEvent): void;
  /** Tells everybody who is to be told. Never throws: a warning for each who could not be. */
  tell(end: Omit<RunEnd, "controller">): Promise<Warning[]>;
}

/**
 * The notifier that `--notify` asks for.
 * @throws LfceError `notify-target`, `notify-url` when one is written wrong
 */
export function createNotifier(
  { notify = [], notifyOn = "change" }: NotifyOptions,
  untold: Untold,
  signal: AbortSignal,
): Notifier {
  const targets = notify.map((text) => ({ text, target: parseTarget(text) }));
  const { changes, handle } = collectChanges();
  return {
    handle,
    async tell(end) {
      const notification = notificationOf({ ...end, controller: hostname() }, changes);
      const worth = isWorthTelling(notification, notifyOn);
      // Who missed the last news is told how things stand now.
      const told = targets.filter(
        ({ text }) => worth || (untold.has(text) && isWorthTelling(notification, "always")),
      );
      const effects = notifyEffects(
        targets.map(({ target }) => target),
        process.env,
        signal,
      );
      const warnings = await deliver(
        notification,
        told.map(({ target }) => target),
        effects,
      );
      const failed = told.filter((_, index) => warnings[index] !== undefined).map(({ text }) => text);
      const waiting = targets.filter((one) => !told.includes(one) && untold.has(one.text));
      untold.keep(
        [...failed, ...waiting.map(({ text }) => text)],
        targets.map(({ text }) => text),
      );
      return warnings.filter((warning) => warning !== undefined);
    },
  };
}
