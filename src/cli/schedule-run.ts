import { existsSync, realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { loadPlaybook } from "../config/playbook.ts";
import { LfceError } from "../core/errors.ts";
import { isSecretName } from "../core/secrets.ts";
import { type NotifyTarget, parseTarget } from "../notify/target.ts";
import { type NightlyRun, timeOfDay, UNIT_PREFIX, unitName } from "../schedule/nightly-run.ts";
import { ownStateDirectory } from "../schedule/units.ts";
import { extraVariables } from "./extra-variables.ts";
import { inventoryPaths, readSource } from "./inventory-files.ts";
import type { RunOptions } from "./run-command.ts";
import { stateDirectory } from "./state-directory.ts";

/** Options of `lfce schedule install`: its own, and those of `lfce drift` that it hands on. */
export interface ScheduleOptions extends Omit<RunOptions, "verify" | "colour" | "ask"> {
  at: string;
  /** Seconds. */
  jitter: number;
  name?: string;
  user?: boolean;
  system?: boolean;
  runAs?: string;
  agent?: string;
  print?: boolean;
  cron?: boolean;
}

/**
 * The nightly run that the options ask for.
 * @throws LfceError `schedule-…` for what no schedule can be made of, and whatever is wrong in --notify
 */
export function nightlyRun(playbookFile: string, options: ScheduleOptions, isRoot: boolean): NightlyRun {
  const at = timeOfDay(options.at);
  if (!at) throw refused("--at is no time of day", "write it like --at 02:30; it is local time");
  if (options.user && options.system) {
    throw refused("--system and --user are two different timers", "leave one of them out");
  }
  const isSystem = options.user ? false : (options.system ?? isRoot);
  const runAs = options.runAs ?? (isRoot ? "root" : userInfo().username);
  if (options.runAs !== undefined && !isSystem) {
    throw refused("--run-as is for timers of the system", "become root, or leave --run-as out");
  }
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(runAs)) {
    throw refused("--run-as is not the name of a user", "write a name as in /etc/passwd");
  }
  if (options.name !== undefined && !/^[A-Za-z0-9_-]{1,100}$/.test(options.name)) {
    throw refused("--name holds what the name of a unit cannot", "use letters, digits, - and _");
  }
  if (options.output !== undefined) {
    throw refused(
      "-o is for who reads along: a nightly run has its words in the journal",
      "use --junit FILE or --markdown FILE",
    );
  }
  const playbook = resolve(playbookFile);
  const isOther = isSystem && runAs !== userInfo().username;
  const ownState = isOther && options.stateDir === undefined;
  const state = ownState ? ownStateDirectory(runAs).path : stateDirectory(options.stateDir, process.env);
  if (isOther && !ownState && !existsSync(state)) {
    throw refused(
      `the state directory ${state} is not there, and made now it would not belong to ${runAs}`,
      `make it first: install -d -m 700 -o ${runAs} DIRECTORY; or leave --state-dir out`,
    );
  }
  const targets = (options.notify ?? []).map((text) => ({ text, target: parseTarget(text) }));
  for (const { target } of targets) requireKeptUrl(target);
  refuseSecretVariables(options.extraVars ?? []);
  const reports = reportDirectories(options);
  return {
    name: options.name === undefined ? unitName(playbook) : `${UNIT_PREFIX}${options.name}`,
    playbook,
    node: process.execPath,
    lfce: realpathSync(process.argv[1] ?? ""),
    words: driftWords(playbookFile, options, state, targets),
    workingDirectory: process.cwd(),
    stateDirectory: state,
    reportDirectories: reports,
    at,
    jitterSeconds: options.jitter,
    scope: isSystem ? { kind: "system", user: runAs, ownStateDirectory: ownState } : { kind: "user" },
    startsPrograms: targets.some(({ target }) => target.kind === "mail" || target.kind === "command"),
    ...(options.agent === undefined ? {} : { agent: resolve(options.agent) }),
  };
}

/** Where the run writes reports. A service that may write to a directory that is not there is not started at all. */
function reportDirectories(options: ScheduleOptions): string[] {
  const directories = (["junit", "markdown", "prometheus"] as const).flatMap((name) => {
    const path = options[name];
    if (path === undefined) return [];
    const directory = dirname(resolve(path));
    if (existsSync(directory)) return [directory];
    throw refused(`--${name} names the directory ${directory}, which is not there`, "make it first");
  });
  return [...new Set(directories)];
}

/** `drift` and everything after it, with absolute paths; each option is one word, whatever its value begins with. */
function driftWords(
  playbookFile: string,
  options: ScheduleOptions,
  state: string,
  targets: readonly { text: string; target: NotifyTarget }[],
): string[] {
  const inventories = options.inventory?.length
    ? options.inventory
    : inventoryPaths([], playbookFile, loadPlaybook(readSource(playbookFile, "playbook")));
  const path = (name: string, value: string | undefined) => one(name, value && resolve(value));
  const sshConfig = options.sshConfig === "none" ? "none" : options.sshConfig && resolve(options.sshConfig);
  return [
    "drift",
    resolve(playbookFile),
    ...inventories.map((file) => `--inventory=${resolve(file)}`),
    ...(options.extraVars ?? []).map((text) => `--extra-vars=${text}`),
    ...one("--limit", options.limit),
    `--forks=${options.forks}`,
    ...one("--ssh-config", sshConfig),
    ...one("--timeout", options.timeout === undefined ? undefined : `${options.timeout}s`),
    ...path("--become-password-file", options.becomePasswordFile),
    `--state-dir=${state}`,
    ...(options.probe ? ["--probe"] : []),
    ...(options.fix ? ["--fix"] : []),
    ...(options.history === false ? ["--no-history"] : []),
    ...one("--keep-runs", options.keepRuns?.toString()),
    ...one("--keep-days", options.keepDays?.toString()),
    ...path("--junit", options.junit),
    ...path("--markdown", options.markdown),
    ...path("--prometheus", options.prometheus),
    ...targets.map(({ text, target }) => `--notify=${withAbsolutePath(text, target)}`),
    ...(targets.length > 0 ? one("--notify-on", options.notifyOn) : []),
    ...(options.verbose ? ["--verbose"] : []),
    "--output=plain",
    "--no-color",
  ];
}

function one(name: string, value: string | undefined): string[] {
  return value === undefined || value === "" ? [] : [`${name}=${value}`];
}

function withAbsolutePath(text: string, target: NotifyTarget): string {
  if (!("url" in target) || target.url.from !== "file") return text;
  return `${target.kind}:file:${resolve(target.url.path)}`;
}

/** A unit can be read by everybody, and has no environment of its own. */
function requireKeptUrl(target: NotifyTarget): void {
  if (!("url" in target)) return;
  const { url } = target;
  if (url.from === "file" && !existsSync(url.path)) {
    throw refused(
      `--notify names the file ${url.path}, which is not there`,
      "put the webhook's URL into it first",
    );
  }
  if (url.from === "file") return;
  throw refused(
    "--notify names a webhook by its URL or by a variable, and a unit must hold no secret",
    `put the URL into a file of mode 600 and write --notify ${target.kind}:file:PATH`,
  );
}

/** A variable of a file stays in that file, and only its path comes into the unit. */
function refuseSecretVariables(given: readonly string[]): void {
  const name = secretNameIn(extraVariables(given.filter((text) => !text.startsWith("@"))));
  if (name === undefined) return;
  throw refused(
    `--extra-vars gives the variable ${name}, and a unit must hold no secret`,
    "write it into the inventory's group_vars, or use --become-password-file",
  );
}

/** The first name, however deep, under which a secret may stand. */
function secretNameIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = isSecretName(name) ? name : secretNameIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refused(message: string, hint: string): LfceError {
  return new LfceError({ code: "schedule-refused", message, hint });
}
