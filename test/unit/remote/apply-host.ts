import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { FileChange } from "../../../src/core/host-plan.ts";
import type { Transaction } from "../../../src/core/transaction.ts";
import type { RunningScript, ScriptChannel } from "../../../src/remote/run-script.ts";
import type { RemoteScript } from "../../../src/remote/scripts.ts";

/** A shell that the script must work under; `applets`: with busybox's own commands first in PATH as well. */
export interface Shell {
  name: string;
  command: string[];
  applets: boolean;
}

export const shells: Shell[] = [
  { name: "dash", command: ["dash"], applets: false },
  { name: "bash", command: ["bash"], applets: false },
  { name: "busybox", command: ["busybox", "sh"], applets: true },
];

const STAND_INS = fileURLToPath(new URL("./apply-stand-ins", import.meta.url));
const APPLETS =
  "base64 cat chmod chown cp cut date dd dirname env false grep head id install ln ls mkdir mkfifo mktemp mv printf readlink rm rmdir sed setsid sha256sum sleep sort stat sync tail tee test timeout touch tr true uniq wc";

/** A make-believe host: a directory tree, units and daemons that are stand-ins, and a channel to a real shell. */
export interface ApplyHost {
  root: string;
  /** The user that the script runs as. */
  owner: string;
  stateDirectory: string;
  /** Where units for the next boot lie. */
  bootUnits: string;
  channel: ScriptChannel;
  /** Runs a script and hands out the process, for tests that kill it or write to it themselves. */
  start(script: RemoteScript, firstInPath?: string): LocalScript;
  path(name: string): string;
  write(name: string, content: string): void;
  read(name: string): string;
  addUnit(unit: string, config: string, state?: { active?: string; enabled?: string }): void;
  unit(unit: string, property: string): string;
  setUnit(unit: string, property: string, value: string): void;
  systemctlCalls(): string[];
  /** Timers that run: name → the words of the command that each starts. */
  timers(): Record<string, string[]>;
  /** Runs the recovery script of a transaction to its end, as its timer or the next boot does; its output. */
  recover(transactionId: string, how: "lease" | "boot"): Promise<string[]>;
  /** Everything below the host's root except lfce's own directory: path → kind, content, mode, inode, mtime. */
  snapshot(): Record<string, string>;
  remove(): void;
}

export interface LocalScript extends RunningScript {
  pid: number;
}

export function makeHost(shell: Shell, environment: Record<string, string> = {}): ApplyHost {
  const root = mkdtempSync(join(tmpdir(), "lfce-apply-"));
  const standIns = join(root, "stand-in-state");
  const applets = join(root, "applets");
  const timers = join(standIns, "timers");
  for (const directory of [standIns, join(standIns, "units"), timers, applets, join(root, "etc")])
    mkdirSync(directory);
  writeFileSync(join(standIns, "journal"), "boot PID 1 says: hello\n");
  writeFileSync(join(standIns, "calls"), "");
  if (shell.applets) {
    for (const applet of APPLETS.split(" ")) symlinkSync("/bin/busybox", join(applets, applet));
  }
  const startCommand = (words: string[], firstInPath = STAND_INS): LocalScript =>
    startLocally([...shell.command, ...words], {
      PATH: `${firstInPath}:${STAND_INS}:${applets}:${process.env.PATH}`,
      STAND_INS: standIns,
      ...environment,
    });
  const start = (script: RemoteScript, firstInPath?: string) =>
    startCommand(["-c", script.source], firstInPath);
  const unitFile = (unit: string, property: string) => join(standIns, "units", unit, property);
  return {
    root,
    owner: userInfo().username,
    stateDirectory: join(root, "state"),
    bootUnits: join(root, "boot-units"),
    channel: {
      host: "web01",
      run: () => Promise.reject(new Error("not part of this test")),
      open: (script) => Promise.resolve(start(script)),
    },
    start,
    path: (name) => join(root, name),
    write: (name, content) => writeFileSync(join(root, name), content, "latin1"),
    read: (name) => readFileSync(join(root, name), "latin1"),
    addUnit(unit, config, state = {}) {
      mkdirSync(join(standIns, "units", unit));
      writeFileSync(unitFile(unit, "config"), join(root, config));
      writeFileSync(unitFile(unit, "ActiveState"), state.active ?? "active");
      writeFileSync(unitFile(unit, "UnitFileState"), state.enabled ?? "enabled");
      writeFileSync(unitFile(unit, "MainPID"), state.active === "inactive" ? "0" : "100");
    },
    unit: (unit, property) => readFileSync(unitFile(unit, property), "utf8").trim(),
    setUnit: (unit, property, value) => writeFileSync(unitFile(unit, property), value),
    systemctlCalls: () =>
      readFileSync(join(standIns, "calls"), "utf8")
        .split("\n")
        .filter((call) => call !== "" && !call.startsWith("show ")),
    timers: () =>
      Object.fromEntries(
        readdirSync(timers).map((name) => [
          name,
          readFileSync(join(timers, name), "utf8").trim().split("\n"),
        ]),
      ),
    async recover(id, how) {
      const script = startCommand([join(this.stateDirectory, "transactions", id, "recover"), how]);
      script.end();
      const lines: string[] = [];
      for await (const line of script.lines) lines.push(line);
      await script.done;
      return lines;
    },
    snapshot: () => snapshotOf(join(root, "etc")),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function startLocally(command: string[], environment: Record<string, string>): LocalScript {
  const child = spawn(command[0] as string, command.slice(1), { env: environment, stdio: "pipe" });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("latin1");
  });
  // A script that ended closes its stdin; the writer is told by the callback.
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("latin1");
  return {
    pid: child.pid as number,
    write: (data) =>
      new Promise((resolve, reject) =>
        child.stdin.write(data, (error) => (error ? reject(error) : resolve())),
      ),
    end: () => child.stdin.end(),
    lines: createInterface({ input: child.stdout }),
    done: new Promise((resolve) =>
      child.on("close", (code, signal) =>
        resolve({ code, stderr, ...(signal ? { signal: signal.replace("SIG", "") } : {}) }),
      ),
    ),
    kill: () => {
      child.stdin.destroy();
      child.stdout.destroy();
    },
  };
}

function snapshotOf(directory: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: "latin1" }).sort()) {
    const path = join(directory, name);
    const link = lstatSync(path, { bigint: true });
    if (link.isSymbolicLink()) {
      entries[name] = `link ${readlinkSync(path)}`;
      continue;
    }
    const stat = statSync(path, { bigint: true });
    entries[name] = stat.isDirectory()
      ? `directory ${stat.mode.toString(8)}`
      : `file ${stat.mode.toString(8)} ${stat.ino} ${stat.mtimeNs} ${readFileSync(path, "latin1")}`;
  }
  return entries;
}

export function sha256(content: string): string {
  return createHash("sha256").update(Buffer.from(content, "latin1")).digest("hex");
}

/** A change of one file of the host from what it is now. */
export function change(host: ApplyHost, name: string, after: string | null): FileChange {
  const owner = userInfo().username;
  let before: FileChange["before"] = null;
  try {
    const content = host.read(name);
    before = { sha256: sha256(content), content };
  } catch {
    // It does not exist yet.
  }
  return { path: host.path(name), before, after, owner, group: groupName(), mode: "0640", reason: "test" };
}

export function groupName(): string {
  const { gid } = userInfo();
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((entry) => entry.split(":")[2] === String(gid));
  return line?.split(":")[0] ?? "root";
}

let counter = 0;

/** A transaction with nothing in it but what is given. */
export function transactionOf(parts: Partial<Transaction>): Transaction {
  counter += 1;
  return {
    id: `test-${counter}`,
    playbook: "site.yml",
    expect: (parts.files ?? []).map(({ path, before }) => ({ path, sha256: before?.sha256 ?? null })),
    directories: [],
    files: [],
    staged: [],
    units: [],
    health: [],
    loadedFiles: {},
    leaseSeconds: 60,
    keepFailed: false,
    ...parts,
  };
}
