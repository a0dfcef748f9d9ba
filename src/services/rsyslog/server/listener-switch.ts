import type { ByteText } from "../../../core/byte-text.ts";
import { errorData, type LfceErrorData } from "../../../core/errors.ts";
import type { Listener, RsyslogModel } from "../in-force/in-force-model.ts";
import { placeOf } from "../in-force/position.ts";
import { type SwitchedOff, sharesLines, switchedOffStatements, switchOff, switchOn } from "../syntax/edit.ts";

/** Legacy directives that open a network listener. */
const legacyListeners = ["inputtcpserverrun", "udpserverrun", "inputptcpserverrun", "inputrelpserverrun"];

/** Texts after listeners were switched off or on again. */
export interface SwitchedTexts {
  texts: ReadonlyMap<string, ByteText>;
  errors: LfceErrorData[];
}

/** Listeners that were switched off in a text; what else is switched off belongs to other roles. */
function switchedOffListeners(text: ByteText): SwitchedOff[] {
  return switchedOffStatements(text).filter(
    ({ statement }) =>
      (statement.kind === "directive" && legacyListeners.includes(statement.name)) ||
      (statement.kind === "object" && statement.name === "input"),
  );
}

/** Switches off the given listeners, the last of a file first so that the others stay where they are. */
export function switchOffListeners(
  listeners: readonly Listener[],
  model: RsyslogModel,
  texts: ReadonlyMap<string, ByteText>,
): SwitchedTexts {
  const changed = new Map(texts);
  const errors: LfceErrorData[] = [];
  const ranges = new Set<string>();
  for (const listener of [...listeners].sort((a, b) => b.range.start - a.range.start)) {
    const { file, range } = listener;
    const parsed = model.parsed.get(file);
    const text = changed.get(file);
    // One input() with several ports is one statement and several listeners.
    if (!parsed || text === undefined || ranges.has(`${file} ${range.start}`)) continue;
    ranges.add(`${file} ${range.start}`);
    if (sharesLines(parsed, range)) errors.push(sharedLine(listener, model));
    else changed.set(file, switchOff(text, range));
  }
  return { texts: changed, errors };
}

function sharedLine(listener: Listener, model: RsyslogModel): LfceErrorData {
  return errorData(
    "line-shared",
    `the listener of ${placeOf(listener, model)} must be switched off, but something else stands on its line`,
    "give each its own line",
  );
}

/** Switches on every listener that was switched off. */
export function switchOnListeners(
  files: readonly string[],
  texts: ReadonlyMap<string, ByteText>,
): ReadonlyMap<string, ByteText> {
  const changed = new Map(texts);
  for (const file of files) {
    const text = changed.get(file);
    if (text === undefined) continue;
    const ranges = switchedOffListeners(text).map(({ range }) => range);
    changed.set(
      file,
      ranges.reverse().reduce((edited, range) => switchOn(edited, range), text),
    );
  }
  return changed;
}
