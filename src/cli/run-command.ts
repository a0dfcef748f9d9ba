import { randomUUID } from "node:crypto";
import type { LfceErrorData, Warning } from "../core/errors.ts";
import { type Command, countHost, type LfceEvent, noTotals } from "../core/events.ts";
import type { RollbackTarget } from "../plan/rollback-plan.ts";
import { warningText } from "../report/error-text.ts";
import type { Paint } from "../report/paint.ts";
import { plainReporter } from "../report/plain.ts";
import type { Reporter } from "../report/reporter.ts";
import { countsText } from "../report/summary-text.ts";
import { agreementOn } from "../run/agreement.ts";
import type { UnstampedEvent } from "../run/effects.ts";
import { rollbackFleet } from "../run/rollback-fleet.ts";
import { runFleet } from "../run/run-fleet.ts";
import type { DriftHistory } from "./drift-history.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { failedHostsOf } from "./failed-hosts.ts";
import { type FileReportOptions, fileReporters } from "./file-reporters.ts";
import type { PasswordOptions } from "./given-secrets.ts";
import { interruptSignal } from "./interrupts.ts";
import { leftOutServers } from "./limit.ts";
import type { Notifier, NotifyOptions } from "./notifier.ts";
import { chosenHosts, type HostChoice, loadProject, type Project, type ProjectOptions } from "./project.ts";
import { type Access, askForAccess, runEffects } from "./run-effects.ts";
import type { SshOptions } from "./ssh-environment.ts";
import { stateDirectory } from "./state-directory.ts";
import { tellError } from "./tell-error.ts";
import {
  askYesNo,
  createReporter,
  outputFormat,
  type RunFormat,
  requireTerminal,
  standardError,
} from "./terminal.ts";
import { version } from "./version.ts";

export interface RunOptions
  extends ProjectOptions,
    HostChoice,
    PasswordOptions,
    SshOptions,
    FileReportOptions,
    NotifyOptions {
  forks: number;
  output?: RunFormat;
  ask?: boolean;
  verify: boolean;
  keepFailed?: boolean;
  /** Of `drift`. */
  fix?: boolean;
  probe?: boolean;
  /** Seconds that a host waits for the verdict on its change. */
  lease?: number;
  /** Of `rollback`. */
  to?: RollbackTarget;
  dryRun?: boolean;
  /** Of `drift`: whether the run is kept, and how many runs for how many days. */
  history?: boolean;
  keepRuns?: number;
  keepDays?: number;
  verbose?: boolean;
  debug?: boolean;
  colour: boolean;
}

/** What the summary says of hosts that a second interrupt left in the middle of something. */
const LEFT_AT_ONCE: LfceErrorData = {
  code: "interrupted",
  message: "lfce left at once: hosts with an unproven change put it back by themselves",
  hint: "look with `lfce plan` how they stand",
};

/** One run of apply, plan, drift, verify or rollback, from files to exit code. Errors are told, never thrown. */
export async function runCommand(
  command: Command,
  playbookFile: string,
  options: RunOptions,
  errorPaint: Paint,
): Promise<number> {
  const reporter = await createReporter(outputFormat(options.output), {
    noColour: !options.colour,
    verbose: options.verbose === true,
  });
  const warn = (warning: Warning) => standardError.write(`${warningText(warning, errorPaint)}\n`);
  const started = performance.now();
  const runId = randomUUID();
  // Whatever else wants to know of a run's events is one more of these.
  const sinks: Reporter[] = [reporter];
  const history = command === "drift" ? await openHistory(playbookFile, options, warn) : undefined;
  const told = stamper(runId, (event) => {
    const seen = history?.take(event) ?? event;
    for (const sink of sinks) sink.handle(seen);
  });
  const totals = noTotals();
  const failed = failedHostsOf(stateDirectory(options.stateDir, process.env), playbookFile);
  const stamp = (event: UnstampedEvent) => {
    if (event.event === "host-finished") {
      countHost(totals, event);
      failed.see(event);
    }
    told(event);
  };
  const elapsed = () => Math.round(performance.now() - started);
  const summary = (
    exitCode: number,
    error?: LfceErrorData,
    { durationMs = elapsed(), warnings = [] }: { durationMs?: number; warnings?: readonly Warning[] } = {},
  ) =>
    stamp({
      event: "summary",
      exitCode,
      durationMs,
      ...totals,
      ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
      ...(error ? { error } : {}),
    });
  let notifier: Notifier | undefined;
  /** Tells who is to be told, which changes nothing of the exit code, and ends the run's events. */
  const conclude = async (exitCode: number, error?: LfceErrorData): Promise<number> => {
    const end = { run: runId, time: new Date().toISOString(), version: version(), playbook: playbookFile };
    // Before anybody is told: a mail server that takes its time is no part of the run.
    const durationMs = elapsed();
    const result = { exitCode, durationMs, hosts: totals.hosts, ...(error ? { error } : {}) };
    const warnings = (await notifier?.tell({ ...end, ...result })) ?? [];
    for (const warning of warnings) warn(warning);
    summary(exitCode, error, { durationMs, warnings });
    return exitCode;
  };
  const interrupts = interruptSignal(
    (text) => standardError.write(`\n${text}\n`),
    () => summary(EXIT.interrupted, LEFT_AT_ONCE),
  );
  try {
    sinks.push(...(await fileReporters(options, warn)));
    notifier = command === "drift" ? await openNotifier(playbookFile, options, interrupts.signal) : undefined;
    if (notifier) sinks.push({ handle: notifier.handle, finish: async () => {} });
    const project = loadProject(playbookFile, options);
    const hosts = chosenHosts(project, options);
    const leftOut = command === "rollback" ? undefined : leftOutServers(project.fleet, hosts);
    for (const warning of [...project.inventory.warnings, ...(leftOut ? [leftOut] : [])]) {
      standardError.write(`${warningText(warning, errorPaint)}\n`);
    }
    // Before the run: a question in the middle of it would be lost among its lines.
    const access = await askForAccess(project, hosts, options, (warning) =>
      standardError.write(`${warningText(warning, errorPaint)}\n`),
    );
    const start = () =>
      stamp({
        event: "run-started",
        version: version(),
        command,
        playbook: playbookFile,
        hosts: hosts.length,
      });
    const effects = runEffects(access, interrupts.signal, stamp, options);
    const agreement = new Map<string, string>();
    const asks = options.ask === true && command === "apply";
    const work = asks
      ? await askAboutPlan(project, hosts, access, options, interrupts.signal, errorPaint, agreement)
      : command;
    start();
    if (work === undefined) {
      for (const host of hosts) effects.emit(skippedHost(host));
      return conclude(interrupts.signal.aborted ? EXIT.interrupted : EXIT.ok);
    }
    const request = { ...runRequest(work, runId, project, hosts, options), ...(asks ? { agreement } : {}) };
    const outcome =
      work === "rollback"
        ? await rollbackFleet({ ...request, to: options.to ?? 1, dryRun: options.dryRun === true }, effects)
        : await runFleet(request, effects);
    const exitCode = exitCodeOf(work, outcome);
    if (work !== "plan" && options.dryRun !== true) {
      const notKept = failed.write(work, new Date());
      if (notKept) standardError.write(`${warningText(notKept, errorPaint)}\n`);
    }
    return await conclude(exitCode);
  } catch (error) {
    const { errors, exitCode } = tellError(error, options, errorPaint);
    return await conclude(exitCode, errors[0]);
  } finally {
    interrupts.dispose();
    for (const sink of sinks) await sink.finish();
  }
}

/** Loaded only where somebody is to be told. */
async function openNotifier(
  playbookFile: string,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Notifier | undefined> {
  if (!options.notify?.length) return undefined;
  const { createNotifier } = await import("./notifier.ts");
  const { untoldOf } = await import("./untold.ts");
  return createNotifier(
    options,
    untoldOf(stateDirectory(options.stateDir, process.env), playbookFile),
    signal,
  );
}

/** Loaded only for what it is the history of. */
async function openHistory(
  playbookFile: string,
  options: RunOptions,
  tell: (warning: Warning) => void,
): Promise<DriftHistory> {
  const { driftHistory } = await import("./drift-history.ts");
  return driftHistory({
    stateDirectory: stateDirectory(options.stateDir, process.env),
    playbookFile,
    record: options.history !== false,
    tell,
    retention: { runs: options.keepRuns, days: options.keepDays },
  });
}

function runRequest(command: Command, run: string, project: Project, hosts: string[], options: RunOptions) {
  return {
    command,
    fleet: project.fleet,
    hosts,
    forks: options.forks,
    verify: options.verify,
    keepFailed: options.keepFailed === true,
    fix: command === "drift" && options.fix === true,
    probe: command === "drift" && options.probe === true,
    ...(options.lease === undefined ? {} : { leaseSeconds: options.lease }),
    madeBy: { command, run, version: version() },
    playbookFile: project.playbookFile,
    startedAt: Date.now(),
  };
}

/**
 * Shows the plan on stderr and asks whether to apply it. What to do then: nothing without a yes; where nothing
 * would change nothing is asked, and nothing will be changed. Notes in `agreement` what was shown.
 */
async function askAboutPlan(
  project: Project,
  hosts: string[],
  access: Access,
  options: RunOptions,
  signal: AbortSignal,
  paint: Paint,
  agreement: Map<string, string>,
): Promise<Command | undefined> {
  requireTerminal();
  const runId = randomUUID();
  const reporter = plainReporter(standardError, paint);
  const told = stamper(runId, (event) => reporter.handle(event));
  const stamp = (event: UnstampedEvent) => {
    if (event.event === "host-finished") agreement.set(event.host, agreementOn(event.changes));
    told(event);
  };
  const outcome = await runFleet(
    runRequest("plan", runId, project, hosts, options),
    runEffects(access, signal, stamp, options),
  );
  if (outcome.interrupted) return undefined;
  if (outcome.hosts.pending === 0) return options.verify ? "verify" : "plan";
  standardError.write(`\n${countsText(outcome.hosts, paint)}\n`);
  return (await askYesNo("Apply this?", signal)) ? "apply" : undefined;
}

function skippedHost(host: string): UnstampedEvent {
  return {
    event: "host-finished",
    host,
    status: "skipped",
    changes: [],
    checks: [],
    warnings: [],
    error: { code: "declined", message: "not touched: the answer was no" },
  };
}

function stamper(run: string, tell: (event: LfceEvent) => void): (event: UnstampedEvent) => void {
  return (event) => tell({ ...event, time: new Date().toISOString(), run } as LfceEvent);
}
