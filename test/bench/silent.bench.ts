import type { LfceEvent } from "../../src/core/events.ts";
import { asRun, type LfceRun } from "../fleet/lfce.ts";
import type { BenchLab } from "./bench-lab.ts";
import { median } from "./measure.ts";
import { dead, greetingNobody, hangingAfterLogin, refusing, type Silence } from "./silent-machines.ts";
import { table } from "./table.ts";

/** What connecting may take, in seconds: lfce's default, said so that no ssh_config of this box has a part in it. */
const CONNECT_TIMEOUT = 10;

/** Which of the machines are silent, the first clients in turn: they are begun first, and keep their places longest. */
const SITUATIONS: readonly { name: string; silences: readonly Silence[] }[] = [
  { name: "all well", silences: [] },
  { name: "one never greets", silences: [dead, greetingNobody, refusing] },
  { name: "one hangs after login", silences: [dead, hangingAfterLogin, refusing] },
];
const COMMANDS = ["drift", "apply"] as const;

/** One run of lfce, by its own events. */
interface SilentRun {
  /** From the start of the process to its end. */
  seconds: number;
  /** From the start of the process to the event of the last machine that ended well. */
  lastWellSeconds: number;
  well: number;
  /** How each silent machine was told, by the name of its silence. */
  told: Map<string, string>;
}

/**
 * Runs `lfce drift` and `lfce apply` with all machines well and with three of them silent, interleaved, and returns
 * tables: how many machines ended well and when the last of them did, and how lfce told the others.
 */
export async function silentTables(
  bench: BenchLab,
  rounds: number,
  say: (text: string) => void,
): Promise<string> {
  const runs = new Map<string, SilentRun[]>();
  for (const { name } of SITUATIONS) for (const command of COMMANDS) runs.set(rowName(command, name), []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < SITUATIONS.length; turn += 1) {
      const situation = SITUATIONS[(round + turn) % SITUATIONS.length] as (typeof SITUATIONS)[number];
      const silent = new Map(situation.silences.map((silence, index) => [`client${index + 1}`, silence]));
      await whileSilent(bench, silent, async () => {
        for (const command of COMMANDS) {
          const run = await measure(bench, command, silent);
          const name = rowName(command, situation.name);
          runs.get(name)?.push(run);
          say(
            `round ${round + 1} of ${rounds}: ${name} ${run.seconds.toFixed(2)} s, ${run.well} well after ${run.lastWellSeconds.toFixed(2)} s`,
          );
        }
      });
    }
  }
  return `Connecting may take ${CONNECT_TIMEOUT} s (--timeout):\n\n${timesTable(runs)}\n\n${toldTable(runs)}`;
}

const rowName = (command: string, situation: string) => `lfce ${command}, ${situation}`;

async function whileSilent(
  bench: BenchLab,
  silent: ReadonlyMap<string, Silence>,
  work: () => Promise<void>,
): Promise<void> {
  for (const [machine, silence] of silent) await silence.begin(bench, machine);
  try {
    await work();
  } finally {
    for (const [machine, silence] of silent) await silence.end(bench, machine);
  }
  // Not measured: connections of the machines themselves that broke meanwhile are made anew.
  if (silent.size > 0) await bench.stage.run(bench.lfce("apply"));
}

async function measure(
  bench: BenchLab,
  command: string,
  silent: ReadonlyMap<string, Silence>,
): Promise<SilentRun> {
  const started = Date.now();
  const argv = [...bench.lfce(command, { output: "json" }), "--timeout", `${CONNECT_TIMEOUT}s`];
  const run = asRun(await bench.stage.run(argv));
  const seconds = (Date.now() - started) / 1000;
  const well = run.events.filter((event) => event.event === "host-finished" && event.status === "unchanged");
  if (well.length < bench.lab.machines.length - silent.size) {
    throw new Error(`lfce ${command}: not every machine that is well ended so\n${run.trouble}`);
  }
  const lastWell = Math.max(...well.map((event) => Date.parse((event as LfceEvent).time)));
  return {
    seconds,
    lastWellSeconds: (lastWell - started) / 1000,
    well: well.length,
    told: new Map([...silent].map(([machine, { name }]) => [name, toldOf(run, machine)])),
  };
}

function toldOf(run: LfceRun, machine: string): string {
  const { status, error } = run.host(machine);
  return `${status}, ${error?.code}`;
}

function timesTable(all: ReadonlyMap<string, readonly SilentRun[]>): string {
  const rows = [...all].map(([name, runs]) => {
    const seconds = runs.map((run) => run.seconds);
    return [
      name,
      String(runs.length),
      median(seconds).toFixed(2),
      `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
      [...new Set(runs.map(({ well }) => well))].join(", "),
      median(runs.map(({ lastWellSeconds }) => lastWellSeconds)).toFixed(2),
    ];
  });
  return table(["run", "runs", "median s", "range s", "ended well", "the last of them after s"], rows);
}

function toldTable(all: ReadonlyMap<string, readonly SilentRun[]>): string {
  const told = new Map<string, Set<string>>();
  for (const run of [...all.values()].flat()) {
    for (const [silence, words] of run.told)
      told.set(silence, (told.get(silence) ?? new Set<string>()).add(words));
  }
  return table(
    ["the machine", "was told as"],
    [...told].map(([silence, words]) => [silence, [...words].join("; ")]),
  );
}
