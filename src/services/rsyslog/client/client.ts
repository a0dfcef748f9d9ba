import type { ByteText } from "../../../core/byte-text.ts";
import type { LfceErrorData, Warning } from "../../../core/errors.ts";
import type { DirectoryChange } from "../../../core/host-plan.ts";
import type { DesiredForward } from "../desired.ts";
import { modelWith } from "../in-force/in-force.ts";
import type { RsyslogModel } from "../in-force/in-force-model.ts";
import { type FileEdit, noEdits, type RolePlan } from "../role-plan.ts";
import { type BlockPlace, setBlock } from "../syntax/block.ts";
import { switchOff } from "../syntax/edit.ts";
import type { SourceRange } from "../syntax/statements.ts";
import { clientPlace } from "./client-place.ts";
import { beforeClient, type ClientReset } from "./client-reset.ts";
import {
  cannotSwitchOff,
  clientErrors,
  clientWarnings,
  conditionalErrors,
  discardWarnings,
  queueErrors,
  selectorWarnings,
  sharedQueueWarnings,
  workDirectoryWarnings,
} from "./client-warnings.ts";
import { type ForwardMatch, matchForwards } from "./forward-match.ts";
import { removalOf } from "./forward-removal.ts";
import { forwardDialect, renderForward } from "./forward-render.ts";

/**
 * Plans the syslog_client role. It is worked out from the texts as they would be without the role, so that
 * the result does not depend on what was declared before: `absent` is that state itself.
 */
export const planSyslogClient: RolePlan = (desired, observed, distro, model, texts) => {
  const client = desired.client;
  if (!client) return noEdits;
  const reset = beforeClient(model, texts, desired.playbook);
  if ("error" in reset) return { ...noEdits, errors: [reset.error] };
  if (client.state === "absent") {
    return { ...noEdits, files: editsBetween(texts, reset.texts, "syslog_client is declared absent") };
  }

  const before = modelWith(model, reset.texts, observed.globs);
  const match = matchForwards(client.forwards, before);
  const errors = [...clientErrors(client.forwards, observed), ...conditionalErrors(client.forwards, before)];
  const { edited, kept } = switchOffAll(match, before, reset, errors);
  const after = modelWith(before, edited, observed.globs);
  errors.push(...queueErrors(match.missing, after));

  const dialect = forwardDialect(observed.versions.rsyslog);
  const spool = after.workDirectory === undefined ? distro.spoolDirectory : undefined;
  const lines = match.missing.flatMap((forward) =>
    renderForward(forward, dialect, { spoolDirectory: spool, resumeInterval: after.resumeInterval }),
  );
  const main = edited.get(model.mainFile) ?? "";
  const place = clientPlace(after, main, kept);
  const written = setBlock(main, "syslog_client", desired.playbook, lines, place);
  if ("error" in written) errors.push(written.error);
  else edited.set(model.mainFile, written.text);

  const result = modelWith(after, edited, observed.globs);
  const warnings: Warning[] = [
    ...clientWarnings(match, before),
    ...selectorWarnings(client.forwards),
    ...discardWarnings(client.forwards, result),
    ...sharedQueueWarnings(after),
    ...workDirectoryWarnings(result),
  ];

  return {
    files: editsBetween(texts, edited, reasonFor(match)),
    directories: spoolDirectories(client.forwards, after, observed.files, distro),
    health: [],
    warnings,
    errors,
    model: result,
  };
};

/** Switches off what differs; `kept` is where the block stood, moved along with the bytes that come. */
function switchOffAll(
  match: ForwardMatch,
  model: RsyslogModel,
  reset: ClientReset,
  errors: LfceErrorData[],
): { edited: Map<string, ByteText>; kept: BlockPlace | undefined } {
  const edited = new Map(reset.texts);
  let kept = reset.place;
  const leaving = new Set(match.different.map(({ statement }) => statement));
  const byFile = new Map<string, SourceRange[]>();
  for (const forward of match.different) {
    const parsed = model.parsed.get(forward.file);
    if (!parsed) continue;
    const removal = removalOf(forward, parsed, leaving);
    if ("obstacle" in removal) errors.push(cannotSwitchOff(forward, model, removal.obstacle));
    else byFile.set(forward.file, [...(byFile.get(forward.file) ?? []), ...removal.ranges]);
  }
  for (const [file, ranges] of byFile) {
    let text = edited.get(file) ?? "";
    for (const range of lastFirst(ranges)) {
      const marked = switchOff(text, range);
      if (file === model.mainFile && kept?.kind === "offset" && range.start < kept.offset) {
        kept = { kind: "offset", offset: kept.offset + marked.length - text.length };
      }
      text = marked;
    }
    edited.set(file, text);
  }
  return { edited, kept };
}

/** Ranges from the end of the file to its start, each once, so that earlier offsets stay true. */
function lastFirst(ranges: readonly SourceRange[]): SourceRange[] {
  const outermost = ranges.filter(
    (range, index) =>
      !ranges.some(
        (other, place) =>
          place !== index &&
          other.start <= range.start &&
          other.end >= range.end &&
          (place < index || other.start < range.start || other.end > range.end),
      ),
  );
  return outermost.sort((one, other) => other.start - one.start);
}

function reasonFor({ missing, different }: ForwardMatch): string {
  const targets = (forwards: readonly DesiredForward[]) =>
    forwards.map(({ address, port, protocol }) => `${address}:${port} (${protocol})`).join(", ");
  if (missing.length > 0) return `messages must be forwarded to ${targets(missing)}`;
  return different.length > 0 ? "a forward differs from what is declared" : "its block is no longer needed";
}

/** The texts that differ, as edits. */
function editsBetween(
  before: ReadonlyMap<string, ByteText>,
  after: ReadonlyMap<string, ByteText>,
  reason: string,
): FileEdit[] {
  return [...after]
    .filter(([path, text]) => text !== before.get(path))
    .map(([path, text]) => ({ path, after: text, reason }));
}

/** rsyslogd does not make the directory that its queues spool to. */
function spoolDirectories(
  forwards: readonly DesiredForward[],
  model: RsyslogModel,
  files: Parameters<RolePlan>[1]["files"],
  distro: Parameters<RolePlan>[2],
): DirectoryChange[] {
  if (!forwards.some(({ queue }) => queue !== false)) return [];
  const path = (model.workDirectory?.path ?? distro.spoolDirectory).replace(/(.)\/+$/, "$1");
  if (files[path]?.kind !== "missing") return [];
  const reason = "disk queues are spooled there";
  return [{ path, mode: "0700", owner: distro.logOwner, group: distro.logGroup, reason }];
}
