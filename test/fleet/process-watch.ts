import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What was seen of all processes while it was watched; the machines' processes are in /proc of this one, too. */
export interface Sightings {
  /** How often all processes were looked at. */
  rounds: number;
  /** Secrets by their number in the list, and in whose command line or environment they stood. */
  secrets: string[];
  /** Which of the marks were seen in a command line: that something was watched at all. */
  marks: string[];
}

/** A process is looked at so often from its beginning: by then it is the program that it was started for. */
const LOOKS = 50;

/**
 * Looks at the command line and the environment of every process, again and again until `stop`, from a process
 * of its own. Resolves when it has seen those that were there before. `marks` are texts that a command line is
 * expected to hold.
 */
export async function watchProcesses(
  secrets: readonly string[],
  marks: readonly string[],
): Promise<{ stop(): Promise<Sightings> }> {
  const watcher = spawn(process.execPath, ["--import", "tsx", fileURLToPath(import.meta.url), "watch"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: watcher.stdout })[Symbol.asyncIterator]();
  watcher.stdin.write(`${JSON.stringify({ secrets, marks })}\n`);
  await lines.next();
  return {
    async stop() {
      watcher.stdin.end();
      return JSON.parse((await lines.next()).value) as Sightings;
    },
  };
}

async function watch(): Promise<void> {
  const [first] = (await once(process.stdin, "data")) as [Buffer];
  const { secrets, marks } = JSON.parse(first.toString()) as Record<"secrets" | "marks", string[]>;
  const seen = { secrets: new Set<string>(), marks: new Set<string>() };
  const known = new Map<string, { looks: number; words: string }>();
  let [rounds, over] = [0, false];
  process.stdin.on("end", () => {
    over = true;
  });
  const look = (pid: string): void => {
    const before = known.get(pid);
    if (before && before.looks > LOOKS) return;
    const words = read(`/proc/${pid}/cmdline`);
    // What was there before the watch has been somebody else's all along.
    known.set(pid, { looks: rounds === 0 ? LOOKS : (before?.looks ?? 0) + 1, words });
    if (words === before?.words) return;
    for (const mark of marks) if (words.includes(mark)) seen.marks.add(mark);
    const environment = read(`/proc/${pid}/environ`);
    for (const [number, secret] of secrets.entries()) {
      if (words.includes(secret)) seen.secrets.add(`${number} in the command line of ${words.slice(0, 80)}`);
      if (environment.includes(secret))
        seen.secrets.add(`${number} in the environment of ${words.slice(0, 80)}`);
    }
  };
  while (!over) {
    for (const pid of readdirSync("/proc")) if (/^\d+$/.test(pid)) look(pid);
    if (rounds === 0) process.stdout.write("watching\n");
    rounds += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const sightings: Sightings = { rounds, secrets: [...seen.secrets], marks: [...seen.marks] };
  process.stdout.write(`${JSON.stringify(sightings)}\n`);
}

/** Processes end while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

if (process.argv[2] === "watch") await watch();
