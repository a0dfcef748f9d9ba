import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../lab/processes.ts";

/** A whole command that is measured, from its start to its end. */
export interface Contestant {
  name: string;
  /** A function is asked before each run, for what must be new each time. */
  argv: readonly string[] | (() => readonly string[]);
  /** Exit codes that mean that it did its job; default 0. */
  accept?: readonly number[];
  /** Not measured, before each of its runs. */
  prepare?: () => Promise<void>;
}

/** One run of a command. */
export interface Sample {
  seconds: number;
  /** User and system time of the command and all that it waited for. */
  cpuSeconds: number;
  /** User and system time of the machines meanwhile, where their processes can be told from others. */
  machinesCpuSeconds?: number;
  /** Largest resident set of one of its processes. */
  peakMegabytes: number;
}

/** Where commands run: the network namespace of a lab, or here. */
export interface Stage {
  run(argv: readonly string[]): Promise<Result>;
  /** Processor time of the machines until now, in seconds. */
  machinesCpuSeconds?(): number;
}

/** sshd still puts away sessions when the controller has ended, in milliseconds: that is counted as well. */
const PUT_AWAY_MS = 200;

/** Runs one command under time(1). Throws with its output where it did not do its job. */
export async function sample(contestant: Contestant, stage: Stage): Promise<Sample> {
  await contestant.prepare?.();
  const directory = mkdtempSync(join(tmpdir(), "lfce-bench-"));
  try {
    const figures = join(directory, "figures");
    const argv = typeof contestant.argv === "function" ? contestant.argv() : contestant.argv;
    const machinesBefore = stage.machinesCpuSeconds?.();
    const result = await stage.run(["time", "-q", "-o", figures, "-f", "%e %U %S %M", ...argv]);
    if (!(contestant.accept ?? [0]).includes(result.code)) {
      throw new Error(
        `${contestant.name}: exit code ${result.code}\n${result.stdout.slice(-3000)}\n${result.stderr.slice(-3000)}`,
      );
    }
    const [seconds = 0, user = 0, system = 0, kibibytes = 0] = readFileSync(figures, "utf8")
      .trim()
      .split(" ")
      .map(Number);
    const controller = { seconds, cpuSeconds: user + system, peakMegabytes: (kibibytes * 1024) / 1e6 };
    if (machinesBefore === undefined || !stage.machinesCpuSeconds) return controller;
    await pause(PUT_AWAY_MS);
    return { ...controller, machinesCpuSeconds: stage.machinesCpuSeconds() - machinesBefore };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Interleaved: each round runs every command once, in turn and beginning with another one each time, so that what
 * else goes on in the machine meets all of them.
 */
export async function interleaved(
  contestants: readonly Contestant[],
  rounds: number,
  stage: Stage,
  tell: (text: string) => void = () => {},
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(round + turn) % contestants.length] as Contestant;
      const one = await sample(contestant, stage);
      samples.get(contestant.name)?.push(one);
      tell(`round ${round + 1} of ${rounds}: ${contestant.name} ${one.seconds.toFixed(2)} s`);
    }
  }
  return samples;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
