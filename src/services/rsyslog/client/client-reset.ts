import type { ByteText } from "../../../core/byte-text.ts";
import type { LfceErrorData } from "../../../core/errors.ts";
import type { RsyslogModel } from "../in-force/in-force-model.ts";
import { type BlockPlace, removeBlock } from "../syntax/block.ts";
import { type SwitchedOff, switchedOffStatements, switchOn } from "../syntax/edit.ts";
import { childrenOf, type Statement } from "../syntax/statements.ts";
import { isActionSetting, legacyForward, objectForward } from "./forward.ts";

/** The texts without the syslog_client role, and where its block stood. */
export interface ClientReset {
  texts: Map<string, ByteText>;
  place: BlockPlace | undefined;
}

/**
 * Takes the role away from every loaded file: its block goes, its switched-off lines are switched on. An
 * error when the block belongs to another playbook.
 */
export function beforeClient(
  model: RsyslogModel,
  texts: ReadonlyMap<string, ByteText>,
  playbook: string,
): ClientReset | { error: LfceErrorData } {
  const reset = new Map(texts);
  let place: BlockPlace | undefined;
  const main = reset.get(model.mainFile);
  if (main !== undefined) {
    const removed = removeBlock(main, "syslog_client", playbook);
    if ("error" in removed) {
      return { error: { ...removed.error, message: `${model.mainFile}: ${removed.error.message}` } };
    }
    place = removed.place;
    reset.set(model.mainFile, removed.text);
  }
  for (const path of model.files) {
    const text = reset.get(path);
    if (text === undefined) continue;
    const { text: restored, shifted } = switchOnForwards(text, path === model.mainFile ? place : undefined);
    reset.set(path, restored);
    if (shifted) place = shifted;
  }
  return { texts: reset, place };
}

/** Switches on what this role switched off, and moves `place` along with the bytes that go. */
function switchOnForwards(
  text: ByteText,
  place: BlockPlace | undefined,
): { text: ByteText; shifted: BlockPlace | undefined } {
  let restored = text;
  let shifted = place;
  for (const { range } of switchedOffStatements(text).filter(isClients).reverse()) {
    const next = switchOn(restored, range);
    if (shifted?.kind === "offset" && shifted.offset > range.start) {
      shifted = { kind: "offset", offset: shifted.offset - (restored.length - next.length) };
    }
    restored = next;
  }
  return { text: restored, shifted };
}

/** The server role switches off listeners; whatever holds a forward, or configures one, is the client's. */
function isClients({ statement }: SwitchedOff): boolean {
  return holdsForward(statement) || (statement.kind === "directive" && isActionSetting(statement));
}

function holdsForward(statement: Statement): boolean {
  if (statement.kind === "legacy-action") return legacyForward(statement.text, []) !== undefined;
  if (statement.kind === "object" && statement.name === "action")
    return objectForward(statement) !== undefined;
  return childrenOf(statement).some(holdsForward);
}
