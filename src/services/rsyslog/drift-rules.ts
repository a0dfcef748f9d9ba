import { displayText } from "../../core/byte-text.ts";
import type { FileChange, ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { LocatedFinding } from "../host-drift.ts";
import { discardsBeforeForwards } from "./client/client-warnings.ts";
import { selectorText } from "./client/forward-match.ts";
import { messageSet } from "./client/forward-selector.ts";
import { everything, selectorSet } from "./client/selector-set.ts";
import type { DesiredRsyslog, DesiredSyslogServer } from "./desired.ts";
import { placeIn } from "./drift-forwards.ts";
import type { Discard, RsyslogModel } from "./in-force/in-force-model.ts";
import { includeMatcher } from "./in-force/include.ts";
import type { Met } from "./in-force/reached.ts";
import { rotationPath } from "./server/rotation.ts";
import { discardsBeforeRules } from "./server/server-traps.ts";
import { filePrefix } from "./server/store-files.ts";
import type { StoreRule } from "./server/store-rules.ts";

/**
 * Files of rules and of rotation that the plan would write or remove. `listeners` are the findings about listeners:
 * a file that differs only in the names of inputs differs because of those.
 */
export function ruleFileFindings(plan: ServicePlan, listeners: readonly LocatedFinding[]): LocatedFinding[] {
  return plan.files.flatMap((file): LocatedFinding[] => {
    const kind =
      file.path === rotationPath ? "rotation" : file.path.startsWith(filePrefix) ? "rules-file" : undefined;
    if (kind === undefined) return [];
    const covers = [file.path];
    const [cause] = listeners;
    if (cause && onlyInputNames(file)) return [{ ...cause, covers: [...cause.covers, file.path] }];
    const finding = { item: file.path, covers };
    if (file.before === null) {
      const message = `${file.path} is not there: ${file.reason}`;
      return [{ ...finding, code: `${kind}-missing`, message }];
    }
    if (file.after === null) {
      const message = `${file.path} is lfce's own and is there for nobody that the playbook declares any more`;
      return [{ ...finding, code: `${kind}-undeclared`, message }];
    }
    const message = `${file.path} is not as declared: ${file.reason}`;
    return [{ ...finding, code: `${kind}-differs`, message }];
  });
}

/** Whether a file would change in nothing but the list of inputs whose messages count as received. */
function onlyInputNames({ before, after }: FileChange): boolean {
  if (before === null || after === null) return false;
  const without = (text: string) => text.replace(/\$inputname == (?:\[[^\]\n]*\]|"[^"\n]*")/g, "");
  return without(before.content) === without(after);
}

/** That the files of rules are not read at all. */
export function includeFindings(model: RsyslogModel): LocatedFinding[] {
  if (model.includes.some(({ pattern }) => includeMatcher(pattern)(`${filePrefix}zz-any.conf`))) return [];
  const message = `nothing in ${model.mainFile} includes /etc/rsyslog.d, so the files of rules there are not read`;
  return [{ code: "include-missing", item: model.mainFile, message, covers: [model.mainFile] }];
}

/**
 * Files with statements that take messages away before the declared rule or forward sees them. What stood there
 * when lfce last restarted rsyslogd is no drift (the plan had warned of it), unless nothing at all gets past it.
 */
export function strayFindings(
  { server, client }: DesiredRsyslog,
  rules: readonly StoreRule[],
  observed: ObservedHost,
  unit: string,
  model: RsyslogModel,
): LocatedFinding[] {
  const forwards = client?.state === "present" ? client.forwards : [];
  const ofServer = server?.state === "present" ? discardsBeforeRules(rules, model) : [];
  const ofClient = discardsBeforeForwards(forwards, model);
  const wanted = forwards.map((forward) => selectorSet(selectorText(forward)));
  const takesForwards = (set: readonly number[]) =>
    wanted.some((one) => one?.every((mask, facility) => (mask & ~(set[facility] as number)) === 0));
  const takesAll = (set: readonly number[]) => everything.every((mask, facility) => mask === set[facility]);
  const isStray = ({ met, filters }: Met<Discard>, takes: (set: readonly number[]) => boolean) => {
    const set = messageSet(filters);
    return (set !== undefined && takes(set)) || isNewSince(met.file, observed, unit);
  };
  const isOwn = ({ met }: Met<Discard>) => met.file.startsWith(filePrefix);
  const strays = [
    ...ofServer.filter((one) => isStray(one, takesAll)).map((one) => ({ one, before: "the declared rules" })),
    ...ofClient
      .filter((one) => !isOwn(one) && isStray(one, takesForwards))
      .map((one) => ({ one, before: "the forward of the playbook" })),
  ];
  const files = new Map(
    strays.map((stray) => [stray.one.met.file, stray]).reverse() as [string, (typeof strays)[number]][],
  );
  return [...files].map(([file, { one, before }]) => {
    const filter = one.filters.map(({ text }) => displayText(text)).join(" and ");
    return {
      code: "rules-stray",
      item: file,
      message: `${file} discards messages that match ${filter || "anything"} before they come to ${before}`,
      covers: [file, model.mainFile],
      at: placeIn(model, one.met),
    };
  });
}

/** Whether a file is not what lfce saw there when it restarted the unit last; without a record nobody knows. */
function isNewSince(file: string, { restartRecords, files }: ObservedHost, unit: string): boolean {
  const record = restartRecords.findLast((one) => one.unit === unit);
  return record !== undefined && record.checksums[file] !== files[file]?.sha256;
}

/** lfce's own files among those that are there and that the plan leaves as they are. */
export function ownFilesKept(
  server: DesiredSyslogServer | undefined,
  observed: ObservedHost,
  plan: ServicePlan,
): string[] {
  if (server?.state !== "present") return [];
  const changing = new Set(plan.files.map(({ path }) => path));
  return Object.keys(observed.files).filter(
    (path) =>
      (path === rotationPath || path.startsWith(filePrefix)) &&
      observed.files[path]?.kind === "file" &&
      !changing.has(path),
  );
}
