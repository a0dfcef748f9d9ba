/**
 * Reads what rsyslogd says of itself in the journal. Its messages end in `[v8.2302.0 try
 * https://www.rsyslog.com/e/2007 ]`; the number is the stable part (rsyslog's rsyslog.h, RS_RET_…).
 */

/** An action that has given up for the moment, with what was said just before about the reason. */
export interface SuspendedAction {
  action: string;
  reason: string;
}

const CODE = /\[(?:v[\d.]+ )?try https?:\/\/www\.rsyslog\.com\/e\/(\d+) ?\]/;
/** RS_RET_SUSPENDED, and RS_RET_RESUMED. */
const SUSPENDED = "2007";
const RESUMED = "2359";
const REJECTIONS =
  /error during parsing|error(?:s)? occurr?ed in (?:file|config)|CONFIG ERROR|config error|unknown parameter|parameter '[^']*' not known|yet-unknown config|already in this config|could not load module|could not find template|template '[^']*' (?:could )?not|invalid (?:or|selector|property)|syntax error|unknown (?:facility|priority)/i;

/** A message without its trailing reference to a web page. */
export function plainMessage(line: string): string {
  return line
    .replace(CODE, "")
    .replace(/^rsyslogd(?:\[\d+\])?: /, "")
    .trim();
}

/** Actions that are suspended now: the last thing said about them was not that they resumed. */
export function suspendedActions(journal: readonly string[]): SuspendedAction[] {
  const suspended = new Map<string, string>();
  let reason = "";
  for (const line of journal) {
    const code = CODE.exec(line)?.[1];
    const action = /action '([^']*)'/.exec(line)?.[1] ?? "";
    if (code === RESUMED || /\bresumed \(module/.test(line)) suspended.delete(action);
    else if (code === SUSPENDED || /\bsuspended \(module/.test(line)) suspended.set(action, reason);
    else if (code !== undefined) reason = plainMessage(line);
  }
  return [...suspended].map(([action, why]) => ({ action, reason: why }));
}

/**
 * What rsyslogd says about parts of its configuration that it did not take (it starts without them): its first
 * two messages, because the one that names the culprit often comes second.
 */
export function rejectedDirective(journal: readonly string[]): string | undefined {
  const lines = [...new Set(journal.filter((text) => REJECTIONS.test(text)).map(plainMessage))];
  return lines.length === 0 ? undefined : lines.slice(0, 2).join(" / ");
}

/** The last complaint about a file that cannot be written. */
export function writeFailure(journal: readonly string[]): string | undefined {
  const line = journal.findLast((text) =>
    /could not open dynamic file|open error|error writing|permission denied.*\/|no space left|disk full/i.test(
      text,
    ),
  );
  return line === undefined ? undefined : plainMessage(line);
}

/** The last complaint about a listener: the port is taken, or the daemon may not have it. */
export function bindFailure(journal: readonly string[]): string | undefined {
  const line = journal.findLast((text) =>
    /address already in use|error(?:s)? while (?:trying to )?bind|could not (?:create|bind)|cannot bind|permission denied.*(?:bind|port|socket)|bind.*permission denied/i.test(
      text,
    ),
  );
  return line === undefined ? undefined : plainMessage(line);
}

/** Whether rsyslogd says that it throws messages away because there are too many. */
export function droppedByRate(journal: readonly string[]): boolean {
  return journal.some((text) => /rate-limiting/i.test(text));
}
