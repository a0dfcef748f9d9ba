import type { ConnectionSettings } from "../core/connection.ts";
import type { LfceErrorData } from "../core/errors.ts";
import { countHost, type HostCounts, noTotals } from "../core/events.ts";
import type { SshEnvironment } from "../remote/ssh/environment.ts";
import { createTrustLayer, type TrustLayer } from "../remote/ssh/host-keys/trust.ts";
import { warningText } from "../report/error-text.ts";
import { offeredKeysText } from "../report/host-key-text.ts";
import type { Paint } from "../report/paint.ts";
import type { Output } from "../report/reporter.ts";
import { type TrustEffects, trustHosts } from "../run/trust-hosts.ts";
import { EXIT } from "./exit-codes.ts";
import { type ExpectedFingerprints, readExpectedFingerprints } from "./expected-fingerprints.ts";
import { type GivenSecrets, gatherSecrets } from "./given-secrets.ts";
import { askHidden, hasTerminal } from "./hidden-prompt.ts";
import { interruptSignal } from "./interrupts.ts";
import { chosenHosts, loadProject, type ProjectOptions } from "./project.ts";
import { type SshOptions, sshEnvironment } from "./ssh-environment.ts";
import { tellError } from "./tell-error.ts";
import { type OutputFormat, standardError, standardOutput } from "./terminal.ts";
import { askAboutKeys, decideByFingerprints, requireKeyboard } from "./trust-decisions.ts";
import { trustReporter } from "./trust-reporter.ts";
import { version } from "./version.ts";

/** Options of `lfce trust`. */
export interface TrustOptions extends ProjectOptions, SshOptions {
  limit?: string;
  stateDir?: string;
  forks: number;
  output?: OutputFormat;
  /** Trust whatever answers, without a question. */
  yes?: boolean;
  /** File of the fingerprints that are expected. */
  fingerprints?: string;
  verbose?: boolean;
  debug?: boolean;
}

/** Collects host keys, lets a person (or a file of fingerprints) judge them, and writes known_hosts. */
export async function trustCommand(
  playbookFile: string,
  options: TrustOptions,
  paint: Paint,
): Promise<number> {
  const json = options.output === "json";
  const people = json ? standardError : standardOutput;
  const started = performance.now();
  const totals = noTotals();
  const emit = trustReporter({ json, verbose: options.verbose === true, people, paint });
  const summary = (exitCode: number, error?: LfceErrorData): number => {
    const durationMs = Math.round(performance.now() - started);
    emit({ event: "summary", exitCode, durationMs, ...totals, ...(error ? { error } : {}) });
    return exitCode;
  };
  const interrupts = interruptSignal(
    (text) => standardError.write(`\n${text}\n`),
    () => summary(EXIT.interrupted),
  );
  let layer: TrustLayer | undefined;
  try {
    const expected =
      options.fingerprints === undefined ? undefined : readExpectedFingerprints(options.fingerprints);
    if (!expected && !options.yes) requireKeyboard();
    const project = loadProject(playbookFile, options);
    const hosts = chosenHosts(project, options);
    for (const warning of project.inventory.warnings) standardError.write(`${warningText(warning, paint)}\n`);
    emit({
      event: "run-started",
      version: version(),
      command: "trust",
      playbook: playbookFile,
      hosts: hosts.length,
    });
    const machine = await sshEnvironment(options, (warning) =>
      standardError.write(`${warningText(warning, paint)}\n`),
    );
    const access = createAccess(machine);
    layer = createTrustLayer(access.environment);
    const connections = hosts.flatMap((host) => project.fleet.hosts.get(host)?.connection ?? []);
    const ways = await layer.ways(connections);
    const behindJumps = new Set(
      ways.flatMap((way) => ("machines" in way && way.machines.length > 1 ? way.host : [])),
    );
    // lfce logs in to jump hosts only.
    await access.gather(connections.filter(({ host }) => behindJumps.has(host)));
    const outcome = await trustHosts(ways, options.forks, {
      ask: layer.ask,
      write: layer.write,
      decide: decider(expected, options, interrupts.signal, people, paint),
      debug: (error) => {
        if (options.debug) standardError.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      },
      emit: (event) => {
        if (event.event === "host-finished") countHost(totals, event);
        emit(event);
      },
      signal: interrupts.signal,
    });
    return summary(outcome.interrupted ? EXIT.interrupted : exitCode(totals.hosts));
  } catch (error) {
    const { errors, exitCode } = tellError(error, options, paint);
    return summary(exitCode, errors[0]);
  } finally {
    layer?.close();
    interrupts.dispose();
  }
}

/** The keys that jump hosts are logged in with, known only after the hosts' ways are: none of them gets a password. */
function createAccess(machine: SshEnvironment) {
  let given: GivenSecrets = { passphrases: new Map() };
  const environment: SshEnvironment = { ...machine, passphrase: (path) => given.passphrases.get(path) };
  return {
    environment,
    gather: async (connections: readonly ConnectionSettings[]): Promise<void> => {
      given = await gatherSecrets({}, connections, machine, process.env, askHidden, hasTerminal());
    },
  };
}

/** A no is no failure: the hosts are as they were, and nothing was written. */
function exitCode({ failed, unreachable }: HostCounts): number {
  return failed + unreachable > 0 ? EXIT.failed : EXIT.ok;
}

function decider(
  expected: ExpectedFingerprints | undefined,
  options: TrustOptions,
  signal: AbortSignal,
  people: Output,
  paint: Paint,
): TrustEffects["decide"] {
  return async (offered) => {
    if (expected) return decideByFingerprints(expected, offered);
    for (const { machine, keys, sameAs } of offered) {
      people.write(`${offeredKeysText(machine, keys, sameAs, paint)}\n`);
    }
    if (!options.yes) return askAboutKeys(offered, signal, paint);
    const message = "these keys are taken as they are (--yes): nobody compared them with the hosts";
    standardError.write(`${warningText({ code: "host-keys-not-compared", message }, paint)}\n`);
    return () => "accept";
  };
}
