import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentOf } from "../fleet/host-state.ts";
import { inventoryOf } from "../fleet/lfce.ts";
import { timeAndLogs } from "../fleet/playbooks.ts";
import type { Lab } from "../lab/lab.ts";
import { inNamespace } from "../lab/network.ts";
import { labPaths } from "../lab/paths.ts";

/** Images of the clients, set by set. All call chrony's unit and file the same: the steps' names hold them. */
export const clientImages = ["debian12", "debian13", "debian11"] as const;

/** A server that is as declared, and a client that is changed again and again. */
export interface MachineSet {
  lab: Lab;
  server: string;
  client: string;
  /** Both files of the client by path. */
  before: Files;
  after: Files;
  /** How long an undisturbed apply takes, in milliseconds. */
  applyMs: number;
  start(command: "apply" | "plan"): RunningLfce;
  remove(): void;
}

export type Files = Record<string, string>;

export interface RunningLfce {
  process: ChildProcess;
  /** Exit code (null: killed), and all that it printed. */
  ended: Promise<{ code: number | null; output: string }>;
}

const FILES = ["/etc/chrony/chrony.conf", "/etc/rsyslog.conf"];

/** The lease is short, so that what nobody confirms is put back soon. */
const LEASE = "15s";

/** Brings a set into the state in which each case starts, and measures an undisturbed apply. */
export async function prepareSet(
  lab: Lab,
  program: string,
  server: string,
  client: string,
): Promise<MachineSet> {
  const directory = mkdtempSync(join(tmpdir(), "lfce-chaos-"));
  writeFileSync(join(directory, "inventory.yml"), inventoryOf(lab, { servers: [server], clients: [client] }));
  const proofs = { ntpClient: ["verify_timeout: 20s"], syslogClient: ["verify_timeout: 20s"] };
  writeFileSync(join(directory, "playbook.yml"), timeAndLogs(proofs));
  const start = (command: "apply" | "plan", limit?: string) => {
    const words = [process.execPath, program, command, "playbook.yml", "-i", "inventory.yml", "-o", "json"];
    if (command === "apply") words.push("--lease", LEASE);
    if (limit) words.push("--limit", limit);
    return startIn(directory, inNamespace(labPaths(lab.name), words));
  };
  const must = async (running: RunningLfce) => {
    const { code, output } = await running.ended;
    if (code !== 0) throw new Error(`an undisturbed apply ended with ${code}\n${output}`);
  };
  const before = await filesOf(lab, client);
  await must(start("apply"));
  const after = await filesOf(lab, client);
  await lab.reset(client);
  const started = performance.now();
  await must(start("apply", client));
  const applyMs = performance.now() - started;
  return {
    lab,
    server,
    client,
    before,
    after,
    applyMs,
    start: (command) => start(command, client),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export async function filesOf(lab: Lab, client: string): Promise<Files> {
  return Object.fromEntries(
    await Promise.all(FILES.map(async (path) => [path, await contentOf(lab, client, path)] as const)),
  );
}

function startIn(directory: string, argv: readonly string[]): RunningLfce {
  const process = spawn(argv[0] as string, argv.slice(1), {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    process.on("error", reject);
    process.on("close", (code) => resolve({ code, output }));
  });
  return { process, ended };
}
