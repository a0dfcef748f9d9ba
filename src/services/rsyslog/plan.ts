import { errorData, type LfceErrorData, type Warning } from "../../core/errors.ts";
import { emptyPlan, type FileChange, type HealthCheck, type ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { isEditable } from "../editable.ts";
import { maskedError, planRestart, planUnit } from "../unit-changes.ts";
import { planSyslogClient } from "./client/client.ts";
import type { DesiredRsyslog } from "./desired.ts";
import { modelOf, modelWith, treeOf } from "./in-force/in-force.ts";
import type { ConfigurationTree, RsyslogModel } from "./in-force/in-force-model.ts";
import { managedWarnings } from "./plan-managed.ts";
import type { FileEdit, RoleEdits, RolePlan } from "./role-plan.ts";
import { planSyslogServer } from "./server/server-plan.ts";
import { serverPackages } from "./server/server-warnings.ts";
import { stageTree } from "./stage.ts";

/** The server first: its listeners and rules may decide where the client's forwards can stand. */
const roles: readonly { name: "server" | "client"; plan: RolePlan }[] = [
  { name: "server", plan: planSyslogServer },
  { name: "client", plan: planSyslogClient },
];

/** Plans rsyslog on one host: both roles on the same texts, the unit, and the tree to be validated. */
export function planRsyslog(desired: DesiredRsyslog, observed: ObservedHost, distro: Distro): ServicePlan {
  const { package: packageName, unit, mainFile } = distro.services.rsyslog;
  const wanted = isWanted(desired);
  const alsoNeeded = serverPackages(desired.server, observed);
  if (observed.versions.rsyslog === undefined) {
    const masked = wanted ? maskedError(unit, observed) : undefined;
    if (masked) return { ...emptyPlan("rsyslog"), errors: [masked] };
    return { ...emptyPlan("rsyslog"), packages: wanted ? [packageName, ...alsoNeeded] : [] };
  }
  if (alsoNeeded.length > 0) return { ...emptyPlan("rsyslog"), packages: alsoNeeded };
  const tree = treeOf(observed);
  const before = modelOf(tree, mainFile);
  const unreadable = unreadableErrors(before, observed);
  if (unreadable.length > 0) return { ...emptyPlan("rsyslog"), errors: unreadable };

  const planned = applyRoles(desired, observed, distro, tree, before);
  const { edits, model: after } = planned;
  const files = fileChanges(planned.edited, tree, observed);
  const loadedBefore = loadedPaths(before);
  const loaded = new Set([...loadedBefore, ...loadedPaths(after)]);
  const changing = [...planned.edited.keys()].filter((path) => loaded.has(path));
  const read = [...loadedBefore, ...before.includeDirectories];
  const units = wanted
    ? planUnit(unit, observed, read, changing)
    : { changes: planRestart(unit, observed, read, changing), errors: [] };
  const errors = [...edits.errors, ...notEditable(files, observed), ...units.errors];
  const isActive = wanted || units.changes.length > 0;
  const plan: ServicePlan = {
    service: "rsyslog",
    packages: [],
    files: errors.length > 0 ? [] : files,
    directories: errors.length > 0 ? [] : edits.directories,
    units: errors.length > 0 ? [] : units.changes,
    health: isActive ? [{ kind: "active", unit }, ...edits.health] : [],
    loadedFiles: loadedPaths(after),
    warnings: [...edits.warnings, ...managedWarnings(files)],
    errors,
  };
  if (plan.files.length > 0 && changing.length > 0) {
    plan.staged = stageTree(after, planned.tree.texts);
  }
  return plan;
}

/** Some role is to be there, not only to be taken away. */
function isWanted({ client, server }: DesiredRsyslog): boolean {
  return client?.state === "present" || server?.state === "present";
}

interface AppliedRoles {
  edits: RoleEdits;
  /** By path, the last word of the roles on each file that they touched. */
  edited: Map<string, FileEdit>;
  tree: ConfigurationTree;
  /** What is in force in the tree. */
  model: RsyslogModel;
}

function applyRoles(
  desired: DesiredRsyslog,
  observed: ObservedHost,
  distro: Distro,
  start: ConfigurationTree,
  before: RsyslogModel,
): AppliedRoles {
  const edited = new Map<string, FileEdit>();
  const directories = new Map<string, RoleEdits["directories"][number]>();
  const health: HealthCheck[] = [];
  const warnings: Warning[] = [];
  const errors: LfceErrorData[] = [];
  let tree = start;
  let model = before;
  const declared = roles.filter((role) => desired[role.name]);
  const isPresent = (role: (typeof roles)[number]) => desired[role.name]?.state === "present";
  // What goes must be gone before anything is fitted in between.
  for (const role of [...declared].sort((one, other) => Number(isPresent(one)) - Number(isPresent(other)))) {
    const result = role.plan(desired, observed, distro, model, tree.texts);
    for (const edit of result.files) {
      const earlier = edited.get(edit.path);
      const reason =
        earlier && earlier.reason !== edit.reason ? `${earlier.reason}; ${edit.reason}` : edit.reason;
      edited.set(edit.path, { ...earlier, ...edit, reason });
    }
    tree = withEdits(tree, result.files);
    model = modelWith(result.model ?? model, tree.texts, tree.globs);
    for (const directory of result.directories) directories.set(directory.path, directory);
    health.push(...result.health);
    warnings.push(...result.warnings);
    errors.push(...result.errors);
  }
  return {
    edits: { files: [], directories: [...directories.values()], health, warnings, errors },
    edited,
    tree,
    model,
  };
}

/** The tree as `edits` leave it; a file that is removed is matched by no include any more. */
function withEdits(tree: ConfigurationTree, edits: readonly FileEdit[]): ConfigurationTree {
  const texts = new Map(tree.texts);
  const removed = new Set<string>();
  for (const { path, after } of edits) {
    if (after === null) removed.add(path);
    if (after === null) texts.delete(path);
    else texts.set(path, after);
  }
  const globs = Object.fromEntries(
    Object.entries(tree.globs).map(([pattern, paths]) => [
      pattern,
      paths.filter((path) => !removed.has(path)),
    ]),
  );
  return { ...tree, texts, globs };
}

/** Edits that change something, as changes of the files that the paths finally lead to. */
function fileChanges(
  edited: Map<string, FileEdit>,
  tree: ConfigurationTree,
  observed: ObservedHost,
): FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, edit] of edited) {
    const content = tree.texts.get(path);
    const file = observed.files[path];
    if ((content ?? null) === edit.after) {
      edited.delete(path);
      continue;
    }
    const before = content === undefined ? null : { sha256: file?.sha256 ?? "", content };
    const { after, reason, mode, owner, group } = edit;
    const created = before ? {} : { ...(mode && { mode }), ...(owner && { owner }), ...(group && { group }) };
    changes.push({ path: file?.target ?? path, before, after, reason, ...created });
  }
  return changes;
}

/** Changes of files that are made at run time or belong to a package, which would not last. */
function notEditable(files: readonly FileChange[], observed: ObservedHost): LfceErrorData[] {
  return files
    .filter(({ path, before }) => before !== null && !isEditable(path, observed))
    .map(({ path, reason }) =>
      errorData(
        "file-not-editable",
        `${path} must change (${reason}), and lfce does not edit files below /usr or /run`,
        "copy it to a place below /etc that is included in its stead, where it is yours",
        { file: path, line: 1, column: 1 },
      ),
    );
}

/** Every file whose content the daemon reads: its configuration and its lookup tables. */
function loadedPaths(model: RsyslogModel): string[] {
  return [...new Set([...model.files, ...model.lookupTables.map(({ path }) => path)])];
}

/** Files that rsyslogd loads but whose content is not known: nobody can say what is in force. */
function unreadableErrors(model: RsyslogModel, observed: ObservedHost): LfceErrorData[] {
  return model.unread.map((path) => {
    const missing = (observed.files[path]?.kind ?? "missing") === "missing";
    if (path === model.mainFile && missing) {
      return errorData(
        "main-file-missing",
        `${path} does not exist, although rsyslog is installed`,
        `put the distribution's file back, for example by reinstalling the package`,
      );
    }
    return errorData(
      "file-not-read",
      `${path} is loaded by rsyslog but could not be read`,
      `look at: ls -l ${path}`,
    );
  });
}
