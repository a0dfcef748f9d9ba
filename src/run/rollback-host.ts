import type { CommittedChange } from "../core/committed-change.ts";
import { errorData, LfceError, type LfceErrorData } from "../core/errors.ts";
import type { Change } from "../core/events.ts";
import { emptyPlan } from "../core/host-plan.ts";
import type { Transaction } from "../core/transaction.ts";
import { recogniseDistro } from "../distros/recognise.ts";
import { changesOf } from "../plan/host-plan.ts";
import { observeRequestFor } from "../plan/observe-request.ts";
import {
  backupsFor,
  changesToUndo,
  madeBy,
  planRollback,
  type RollbackPlan,
  type RollbackTarget,
  standingChanges,
} from "../plan/rollback-plan.ts";
import { stageRollback } from "../plan/rollback-stage.ts";
import { connectionWarnings } from "./connection-warnings.ts";
import type { RunEffects } from "./effects.ts";
import { hostError, joined, statusAfter } from "./host-errors.ts";
import { finishHost, type HostRun } from "./host-run.ts";
import type { Place } from "./places.ts";
import { putBackWarnings } from "./put-back-warning.ts";
import type { RunRequest } from "./run-request.ts";
import type { Sessions } from "./sessions.ts";

export interface RollbackRequest extends RunRequest {
  to: RollbackTarget;
  /** `--dry-run`: only show what would be taken back. */
  dryRun: boolean;
}

/** Nothing is proven while such a transaction waits for its verdict; seconds. */
const LEASE_SECONDS = 60;

/** Takes the last changes of one host back, in a transaction like any other, and tells how that ended. */
export async function rollbackHost(
  run: HostRun,
  request: RollbackRequest,
  sessions: Sessions,
  effects: RunEffects,
  place: Place,
): Promise<void> {
  const { host } = run.declaration;
  if (effects.signal.aborted) return finishHost(run, "skipped", effects, interrupted(host));
  effects.emit({ event: "host-started", host });
  let phase: "observe" | "apply" = "observe";
  try {
    const session = await place.whileWaiting(sessions.get(run.declaration.connection));
    run.warnings.push(...connectionWarnings(session));
    const { changes } = await session.committedChanges([]);
    const undone = changesToUndo(standingChanges(changes), request.to);
    if (!Array.isArray(undone)) return finishHost(run, "failed", effects, at(undone, host));
    if (undone.length === 0) return finishHost(run, "unchanged", effects, undefined, NOTHING_TO_UNDO);
    const other = otherPlaybook(undone, request);
    if (other) return finishHost(run, "failed", effects, at(other, host));
    const { backups } = await session.committedChanges(backupsFor(undone));
    const asked = observeRequestFor(run.declaration);
    const files = [...asked.files, ...undone.flatMap((change) => change.files.map(({ path }) => path))];
    const observed = await session.observe({ ...asked, files });
    const distro = recogniseDistro(observed.osRelease);
    const plan = planRollback(undone, backups, observed);
    run.warnings.push(...putBackWarnings(observed), ...plan.warnings);
    if (plan.errors.length > 0) {
      return finishHost(run, "failed", effects, joined(plan.errors, host, "plan"));
    }
    run.changes = changesIn(plan, host);
    if (run.changes.length === 0) return finishHost(run, "unchanged", effects, undefined, BACK_ALREADY);
    if (request.dryRun) return finishHost(run, "pending", effects);
    if (effects.signal.aborted) return finishHost(run, "skipped", effects, interrupted(host));
    phase = "apply";
    const services = [...new Set(undone.flatMap((change) => change.services))];
    const staged = distro ? stageRollback(services, plan.files, observed, distro) : [];
    const pending = await session.apply({
      ...emptyTransaction(request, effects.freshId()),
      undoes: undone.map(({ id }) => id),
      expect: plan.files.map(({ path, before }) => ({ path, sha256: before?.sha256 ?? null })),
      files: plan.files,
      units: plan.units,
      health: plan.health,
      staged: staged.map((service) => service.staged),
      loadedFiles: Object.fromEntries(staged.map(({ unit, loadedFiles }) => [unit, loadedFiles])),
    });
    for (const message of pending.notices) run.warnings.push({ code: "daemon-notice", message });
    await pending.commit();
    finishHost(run, "changed", effects);
  } catch (error) {
    effects.debug(error);
    const data = hostError(error, host, phase);
    finishHost(run, statusAfter(error, data), effects, data);
  } finally {
    await sessions.release(host);
  }
}

const NOTHING_TO_UNDO = {
  code: "nothing-to-undo",
  message: "no change of lfce stands on this host that could be taken back",
};
const BACK_ALREADY = {
  code: "back-already",
  message: "every file is already as it was before the change",
};

function emptyTransaction(request: RollbackRequest, id: string): Transaction {
  return {
    id,
    playbook: request.playbookFile,
    ...(request.madeBy ? { madeBy: request.madeBy } : {}),
    expect: [],
    directories: [],
    files: [],
    staged: [],
    units: [],
    health: [],
    loadedFiles: {},
    leaseSeconds: request.leaseSeconds ?? LEASE_SECONDS,
    keepFailed: request.keepFailed,
  };
}

/** What a dry run shows is what the transaction does. */
function changesIn({ files, units }: RollbackPlan, host: string): Change[] {
  const service = { ...emptyPlan("chrony"), files, units };
  return changesOf({ host, services: [service] });
}

/** Without `--to ID` only changes of the playbook that was named are taken back. */
function otherPlaybook(
  undone: readonly CommittedChange[],
  { to, playbookFile }: RollbackRequest,
): LfceErrorData | undefined {
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const other = undone.find(({ playbook }) => name(playbook) !== name(playbookFile));
  if (!other || typeof to === "string") return undefined;
  return errorData(
    "other-playbook",
    `the change ${other.id} was made ${madeBy(other)}, not by ${playbookFile}`,
    `name that playbook, or this very change: \`lfce rollback ${playbookFile} --to ${other.id}\``,
  );
}

function at(error: LfceErrorData, host: string): LfceErrorData {
  return new LfceError({ ...error, at: { host, phase: "plan" } }).data;
}

function interrupted(host: string): LfceErrorData {
  return errorData(
    "interrupted",
    `${host} was left as it was: the run was interrupted`,
    "run the same command again",
  );
}
