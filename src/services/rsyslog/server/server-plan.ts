import type { ByteText } from "../../../core/byte-text.ts";
import type { LfceErrorData, Warning } from "../../../core/errors.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import type { Distro } from "../../../distros/distro.ts";
import type { DesiredSyslogServer } from "../desired.ts";
import { modelWith } from "../in-force/in-force.ts";
import type { RsyslogModel } from "../in-force/in-force-model.ts";
import { type FileEdit, noEdits, type RoleEdits, type RolePlan } from "../role-plan.ts";
import { removeBlock, setBlock } from "../syntax/block.ts";
import { planListeners, receivedInputNames } from "./listener.ts";
import { switchOffListeners, switchOnListeners } from "./listener-switch.ts";
import { renderRotation, reopenCommand, rotationEntries, rotationPath } from "./rotation.ts";
import { includesOf, planInclude, serverBlockPlace, unfinishedBefore } from "./server-block.ts";
import { logDirectories, logGroup } from "./server-directories.ts";
import { ownServerFiles, serverFileEdits } from "./server-files.ts";
import { serverTraps } from "./server-traps.ts";
import { knowsTables, serverVersionErrors } from "./server-version.ts";
import { foreignListenerErrors, serverWarnings } from "./server-warnings.ts";
import { satisfiedElsewhere } from "./store-existing.ts";
import { filePrefix, type StoreFile, storeFiles, tableFile, unitFilePath } from "./store-files.ts";
import { readStoreRules, type StoreRule } from "./store-rules.ts";

type Texts = ReadonlyMap<string, ByteText>;

/** Plans the role syslog_server: listeners and include in the main file, a file of rules a client, rotation. */
export const planSyslogServer: RolePlan = (desired, observed, distro, model, texts) => {
  const { server, playbook } = desired;
  if (!server) return noEdits;
  if (server.state === "absent") return planAbsent(playbook, model, texts);
  const { rules, errors } = readStoreRules(server);
  const main = planMainFile(server, playbook, observed, model, texts);
  const after = modelWith(model, main.texts, observed.globs);
  const { rsyslog: version } = observed.versions;
  const wanted = wantedFiles(rules, playbook, distro, after, version);
  const { own, errors: foreign } = ownServerFiles(texts, new Set(wanted.files.keys()), playbook);
  return {
    files: [
      ...changedTexts(texts, main.texts, "listens for syslog messages as declared"),
      ...serverFileEdits(texts, wanted.files, own),
    ],
    directories: logDirectories(rules, observed, distro, after),
    health: server.listen.map(({ protocol, port }) => ({ kind: "listening", protocol, port })),
    warnings: [
      ...main.warnings,
      ...serverWarnings(server, distro, after),
      ...serverTraps(server, rules, observed, after),
    ],
    errors: [
      ...errors,
      ...main.errors,
      ...wanted.errors,
      ...foreign,
      ...foreignListenerErrors(server, observed),
      ...serverVersionErrors(server, version, desired.at),
    ],
    model: after,
  };
};

interface MainFilePlan {
  texts: Texts;
  warnings: Warning[];
  errors: LfceErrorData[];
}

/**
 * Switches listeners off wherever they are, and writes the role's block into the main file. It is worked out
 * from the texts with every listener on, so that the result does not depend on what was declared before.
 */
function planMainFile(
  server: DesiredSyslogServer,
  playbook: string,
  observed: ObservedHost,
  model: RsyslogModel,
  texts: Texts,
): MainFilePlan {
  const on = switchOnListeners(model.files, texts);
  const withOn = modelWith(model, on, observed.globs);
  const needs = planListeners(server.listen, withOn);
  const off = switchOffListeners(needs.switchOff, withOn, on);
  const withOff = modelWith(withOn, off.texts, observed.globs);
  const include = planInclude(withOff, `${filePrefix}zz-any.conf`);
  // Asked again: what was switched off has moved its followers, and may have taken a declared port along.
  const { lines: listeners, uses } = planListeners(server.listen, withOff);
  const errors = [...needs.errors, ...off.errors, ...include.errors];
  const warnings = [...needs.warnings, ...include.warnings];
  const text = off.texts.get(model.mainFile) ?? "";
  const lines = [...listeners, ...include.lines];
  const place = serverBlockPlace(withOff, uses);
  const open = lines.length > 0 ? unfinishedBefore(place, withOff) : undefined;
  if (open) errors.push(open);
  const result = setBlock(text, "syslog_server", playbook, lines, place);
  if ("error" in result) return { texts, warnings, errors: [...errors, result.error] };
  return { texts: new Map(off.texts).set(model.mainFile, result.text), warnings, errors };
}

function wantedFiles(
  rules: readonly StoreRule[],
  playbook: string,
  distro: Distro,
  model: RsyslogModel,
  version: string | undefined,
): { files: Map<string, StoreFile>; errors: LfceErrorData[] } {
  const style = { playbook, inputNames: receivedInputNames(model), group: logGroup(distro, model) };
  const files = storeFiles(
    rules,
    style,
    (unit) => !model.files.includes(unitFilePath(unit)) && satisfiedElsewhere(unit, model) !== undefined,
    knowsTables(version) && includesOf(tableFile, model).length === 0,
  );
  const { entries, errors } = rotationEntries(rules);
  const reopen = reopenCommand(distro.family, distro.services.rsyslog.unit);
  const rotation = renderRotation(entries, playbook, reopen);
  if (rotation !== undefined)
    files.set(rotationPath, { text: rotation, reason: "keeps received messages as long as declared" });
  return { files, errors };
}

/** Takes away what lfce wrote for the role and switches on what it had switched off. */
function planAbsent(playbook: string, model: RsyslogModel, texts: Texts): RoleEdits {
  const { own, errors } = ownServerFiles(texts, new Set(), playbook);
  const on = switchOnListeners(model.files, texts);
  const removed = removeBlock(on.get(model.mainFile) ?? "", "syslog_server", playbook);
  if ("error" in removed) return { ...noEdits, errors: [...errors, removed.error] };
  const changed = on.has(model.mainFile) ? new Map(on).set(model.mainFile, removed.text) : on;
  return {
    ...noEdits,
    files: [
      ...changedTexts(texts, changed, "the role syslog_server is taken away"),
      ...serverFileEdits(texts, new Map(), own),
    ],
    errors,
  };
}

function changedTexts(before: Texts, after: Texts, reason: string): FileEdit[] {
  return [...after].flatMap(([path, text]) =>
    before.get(path) === text ? [] : [{ path, after: text, reason }],
  );
}
