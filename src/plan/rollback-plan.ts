import { checksumOf } from "../core/checksum.ts";
import type { Backup, BackupReference, CommittedChange } from "../core/committed-change.ts";
import { errorData, type LfceErrorData, type Warning } from "../core/errors.ts";
import type { FileChange, HealthCheck, UnitChange } from "../core/host-plan.ts";
import type { ObservedHost } from "../core/observed.ts";
import { unifiedDiff } from "../core/unified-diff.ts";

/** `--to`: so many changes back, or back to before the one of this identifier. */
export type RollbackTarget = number | string;

/** What has to happen on a host to take changes back. */
export interface RollbackPlan {
  files: FileChange[];
  units: UnitChange[];
  health: HealthCheck[];
  warnings: Warning[];
  /** Not empty: nothing is taken back on this host. */
  errors: LfceErrorData[];
}

/**
 * The changes that still stand, newest first: what a rollback took back does not, and a rollback is none itself.
 * So two rollbacks, one after the other, go two changes back.
 */
export function standingChanges(changes: readonly CommittedChange[]): CommittedChange[] {
  const undone = new Set(changes.flatMap(({ undoes }) => undoes));
  return changes
    .filter(
      ({ id, undoes, files, units }) =>
        undoes.length === 0 && !undone.has(id) && files.length + units.length > 0,
    )
    .sort((one, other) => other.serial - one.serial);
}

/**
 * The changes to take back, newest first; none where nothing stands.
 * @returns an error `no-such-change` where the host has not kept what is asked for
 */
export function changesToUndo(
  standing: readonly CommittedChange[],
  to: RollbackTarget,
): CommittedChange[] | LfceErrorData {
  if (standing.length === 0) return [];
  const last = typeof to === "number" ? to : standing.findIndex(({ id }) => id.startsWith(to)) + 1;
  if (last >= 1 && last <= standing.length) return standing.slice(0, last);
  const kept = standing.map((change) => `${change.id} (${madeBy(change)})`).join(", ");
  return errorData(
    "no-such-change",
    typeof to === "number"
      ? `only ${standing.length} changes can be taken back here, not ${to}`
      : `no change ${to} can be taken back here`,
    `the newest first: ${kept}`,
  );
}

/** When, by whom and with what a change was made, for people. */
export function madeBy({ madeAt, who, command, playbook }: CommittedChange): string {
  const words = [madeAt, who && `by ${who}`, "with", "lfce", command ?? "apply", playbook];
  return words.filter(Boolean).join(" ");
}

/** The contents that the plan needs: what the oldest change of each file replaced, and what the newest one wrote. */
export function backupsFor(undone: readonly CommittedChange[]): BackupReference[] {
  return foldFiles(undone).flatMap(({ oldest, newest }) => [
    ...(oldest.before === null ? [] : [{ id: oldest.id, number: oldest.number, kind: "before" as const }]),
    ...(newest.after === null ? [] : [{ id: newest.id, number: newest.number, kind: "after" as const }]),
  ]);
}

/** Works out what takes the changes back, against what is on the host now: a file changed since is refused. */
export function planRollback(
  undone: readonly CommittedChange[],
  backups: readonly Backup[],
  observed: ObservedHost,
): RollbackPlan {
  const plan: RollbackPlan = { files: [], units: [], health: [], warnings: [], errors: [] };
  const { openTransaction: open } = observed;
  if (open?.state === "open" || open?.state === "rolling-back") {
    plan.errors.push(changeOpen(open.id));
    return plan;
  }
  const contentOf = (id: string, number: number, kind: Backup["kind"]) =>
    backups.find((backup) => backup.id === id && backup.number === number && backup.kind === kind);
  for (const { path, oldest, newest, torn } of foldFiles(undone)) {
    const now = observed.files[path];
    const current = now?.sha256 ?? null;
    if (current === oldest.before) continue;
    const written = contentOf(newest.id, newest.number, "after");
    if (torn || current !== newest.after) {
      plan.errors.push(changedSince(path, torn, written?.content ?? null, now?.content ?? null));
      continue;
    }
    const before = contentOf(oldest.id, oldest.number, "before");
    if (oldest.before !== null && (!before || checksumOf(before.content) !== oldest.before)) {
      const what = before
        ? `the host's backup of ${path} is damaged`
        : `the host has no backup of ${path} any more`;
      plan.errors.push(
        errorData("backup-gone", what, "write the file by hand, or change the playbook and apply it"),
      );
      continue;
    }
    plan.files.push({
      path,
      before: current === null ? null : { sha256: current, content: now?.content ?? "" },
      after: before?.content ?? null,
      ...(before ? { mode: before.mode, owner: before.owner, group: before.group } : {}),
      reason: `as it was before ${madeBy(oldest.change)}`,
    });
  }
  addUnits(plan, undone);
  for (const path of undone.flatMap(({ created }) => created)) {
    const message = `the directory ${path}, which the change made, stays`;
    plan.warnings.push({ code: "directory-stays", message });
  }
  return plan;
}

interface FoldedFile {
  path: string;
  newest: Entry;
  oldest: Entry;
  /** Somebody else changed the file between two of the changes. */
  torn: boolean;
}
type Entry = {
  id: string;
  number: number;
  before: string | null;
  after: string | null;
  change: CommittedChange;
};

/** Changes newest first: a file that several of them touched goes back to what the oldest found. */
function foldFiles(undone: readonly CommittedChange[]): FoldedFile[] {
  const folded = new Map<string, FoldedFile>();
  for (const change of undone) {
    for (const { path, number, before, after } of change.files) {
      const entry = { id: change.id, number, before, after, change };
      const known = folded.get(path);
      if (!known) folded.set(path, { path, newest: entry, oldest: entry, torn: false });
      else {
        known.torn ||= known.oldest.before !== after;
        known.oldest = entry;
      }
    }
  }
  return [...folded.values()];
}

/** Files are not what they were before it, nor what they will be: their differences would be told of somebody's edits. */
function changeOpen(id: string): LfceErrorData {
  return errorData(
    "change-open",
    `the change ${id} is still open on this host: its run is at work, or was cut off`,
    "wait until that run has ended; if it was cut off, the host puts its change back when its lease is over, and `lfce apply` does so at once",
  );
}

function changedSince(
  path: string,
  torn: boolean,
  written: string | null,
  now: string | null,
): LfceErrorData {
  if (torn) {
    return errorData(
      "changed-between",
      `${path} was changed by somebody else between two of these changes; going back would lose that`,
      "take back fewer changes (`--to 1`), or edit the file by hand",
    );
  }
  const what = now === null ? "is gone" : written === null ? "is there again" : "was changed";
  const diff = written !== null || now !== null ? `\n${unifiedDiff(path, written, now).trimEnd()}` : "";
  return errorData(
    "changed-since",
    `${path} ${what} since lfce wrote it; it is not overwritten${diff}`,
    "undo that edit by hand, or change the playbook and apply it",
  );
}

/** The units that the changes touched: those that ran go on with the old files, others stop and are disabled again. */
function addUnits(plan: RollbackPlan, undone: readonly CommittedChange[]): void {
  const names = [...new Set(undone.flatMap(({ units }) => units.map(({ unit }) => unit)))].reverse();
  for (const unit of names) {
    const first = undone.filter(({ units }) => units.some((one) => one.unit === unit)).at(-1);
    const before = first?.unitsBefore.find((one) => one.unit === unit);
    const touched = undone.flatMap(({ units }) => units.filter((one) => one.unit === unit));
    const reason = "as it was before the change";
    if (before && touched.some(({ action }) => action === "enable") && before.enabled === "disabled") {
      plan.units.push({ unit, action: "disable", reason });
    }
    if (!before || ["active", "reloading", "activating"].includes(before.active)) {
      plan.units.push({ unit, action: "restart", reason: "it reads its files only when it starts" });
      plan.health.push({ kind: "active", unit });
    } else plan.units.push({ unit, action: "stop", reason });
  }
  if (plan.files.length === 0 && plan.errors.length === 0 && undone.some(({ files }) => files.length > 0)) {
    // Everything is back already, by other hands.
    plan.units = [];
    plan.health = [];
  }
}
