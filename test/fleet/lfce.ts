import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostFinished, LfceEvent, Summary } from "../../src/core/events.ts";
import type { Lab } from "../lab/lab.ts";

/** The built program. */
export const lfceProgram = join(import.meta.dirname, "../../dist/cli/main.js");

/** What one run of lfce said. */
export interface LfceResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What one run with `-o json` said. */
export interface LfceRun extends LfceResult {
  events: LfceEvent[];
  summary: Summary;
  /** What went wrong, in short: for the message of a failed assertion. */
  trouble: string;
  /** The event of a host's end; throws when the host was not part of the run. */
  host(name: string): HostFinished;
}

/** A directory with an inventory and playbooks, and the built lfce to run there. */
export interface Workplace {
  directory: string;
  write(name: string, text: string): void;
  /** Runs lfce with these arguments, in the workplace. */
  run(args: readonly string[], options?: RunOptions): Promise<LfceResult>;
  /** Runs a command on playbook.yml with `-o json`, after writing `playbook` into it when given. */
  json(command: string, playbook?: string, ...args: string[]): Promise<LfceRun>;
  remove(): void;
}

export interface RunOptions {
  /** Called with the running process: to interrupt it. */
  started?: (process: ReturnType<typeof spawn>) => void;
  environment?: NodeJS.ProcessEnv;
}

/** An inventory of lab machines: groups of names, and variables for all. */
export function inventoryOf(
  lab: Lab,
  groups: Record<string, string[]>,
  extra: Record<string, string> = {},
): string {
  const names = [...new Set(Object.values(groups).flat())];
  const lines = [
    "all:",
    "  vars:",
    "    ansible_user: root",
    `    ansible_ssh_private_key_file: ${lab.privateKeyPath}`,
    `    ansible_ssh_common_args: -o UserKnownHostsFile=${lab.knownHostsPath}`,
    ...Object.entries(extra).map(([name, value]) => `    ${name}: ${value}`),
    "  hosts:",
    ...names.flatMap((name) => [`    ${name}:`, `      ansible_host: ${lab.machine(name).address}`]),
    "  children:",
    ...Object.entries(groups).flatMap(([group, hosts]) => [
      `    ${group}:`,
      "      hosts:",
      ...hosts.map((host) => `        ${host}:`),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A fresh workplace with this inventory as inventories/playbook.yml's own. */
export function workplace(inventory: string): Workplace {
  const directory = mkdtempSync(join(tmpdir(), "lfce-fleet-"));
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write("inventory.yml", inventory);
  const run = (args: readonly string[], options: RunOptions = {}) => runProcess(directory, args, options);
  return {
    directory,
    write,
    run,
    json: async (command, playbook, ...args) => {
      if (playbook !== undefined) write("playbook.yml", playbook);
      const result = await run([command, "playbook.yml", "-i", "inventory.yml", "-o", "json", ...args]);
      return asRun(result);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Reads the events of a run; throws when stdout holds anything that is not an event. */
export function asRun(result: LfceResult): LfceRun {
  const events = result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LfceEvent);
  const summary = events.find((event) => event.event === "summary");
  if (!summary) throw new Error(`no summary; exit code ${result.code}\n${result.stdout}${result.stderr}`);
  return {
    ...result,
    events,
    summary,
    trouble: troubleOf(result, events),
    host: (name) => {
      const found = events.find((event) => event.event === "host-finished" && event.host === name);
      if (found?.event !== "host-finished")
        throw new Error(`no result for ${name}\n${result.stdout}${result.stderr}`);
      return found;
    },
  };
}

function troubleOf(result: LfceResult, events: readonly LfceEvent[]): string {
  const hosts = events.flatMap((event) => {
    if (event.event !== "host-finished") return [];
    const checks = event.checks.filter((check) => check.result !== "passed").map((check) => check.detail);
    return `${event.host} ${event.status}: ${[event.error?.message, ...checks].join(" | ")}`;
  });
  return [`exit code ${result.code}`, ...hosts, result.stderr].join("\n");
}

function runProcess(directory: string, args: readonly string[], options: RunOptions): Promise<LfceResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [lfceProgram, ...args], {
      cwd: directory,
      // What lfce remembers between runs is the test's own.
      env: { ...process.env, XDG_STATE_HOME: join(directory, "state"), ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    options.started?.(child);
  });
}
