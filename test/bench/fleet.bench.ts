/**
 * `npm run bench -- [--machines 20,99] [--rounds 7] [--ansible-rounds 2] [--stock-rounds 3] [--without-ansible]`:
 * whole commands, interleaved, with medians and ratios: start-up, fleets over a fake transport, and real machines
 * beside the bare SSH library, OpenSSH and Ansible. `--parts start-up,fake,machines,simulated` leaves out the others.
 * Two more parts only run when they are named: `silent`, three machines of `--silent-machines 99` that give no answer;
 * `choices`, what was chosen by measurement, measured again on `--choices-machines 20`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BenchLab, startBenchLab } from "./bench-lab.ts";
import { choiceTables } from "./choices.bench.ts";
import { installRivals } from "./install-rivals.ts";
import { type Contestant, interleaved, type Sample } from "./measure.ts";
import { scaleRows, scaleTable } from "./scale.bench.ts";
import { silentTables } from "./silent.bench.ts";
import { startUpSamples } from "./start-up.ts";
import { comparison } from "./table.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "20,99" },
    rounds: { type: "string", default: "7" },
    "ansible-rounds": { type: "string", default: "2" },
    "stock-rounds": { type: "string", default: "3" },
    "stock-machines": { type: "string", default: "20" },
    "silent-machines": { type: "string", default: "99" },
    "choices-machines": { type: "string", default: "20" },
    "without-ansible": { type: "boolean", default: false },
    parts: { type: "string", default: "start-up,fake,machines,simulated" },
  },
});
const rounds = Number(values.rounds);
const ansibleRounds = values["without-ansible"] ? 0 : Number(values["ansible-rounds"]);
const stockRounds = Number(values["stock-rounds"]);
const say = (text: string) => process.stderr.write(`${text}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);

/** Rounds with machines for which lfce waits half a minute. */
const MOST_SILENT_ROUNDS = 3;

/** Restarts both daemons, and where there is a source waits until it is selected: what every change costs at least. */
const RESTART_AND_SELECT =
  "systemctl restart chrony rsyslog; grep -q '^local' /etc/chrony/chrony.conf && exit 0; " +
  "until chronyc -n sources | grep -q '^^\\*'; do sleep 0.05; done";

const PARTS = ["start-up", "fake", "machines", "simulated", "silent", "choices"];
const parts = values.parts.split(",");
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(", ")}: there are ${PARTS.join(", ")}`);
await installRivals(say, parts.includes("machines") && ansibleRounds > 0);
if (parts.includes("start-up")) {
  print("\n## Start-up\n");
  print(comparison(await startUpSamples(), 1));
}
if (parts.includes("fake")) {
  print("\n## Fleets over a fake transport\n");
  print(scaleTable(await scaleRows(undefined, say)));
}
for (const count of parts.includes("machines") ? values.machines.split(",").map(Number) : []) {
  const bench = await startBenchLab(count, say);
  try {
    print(`\n## ${count} machines\n`);
    const fromStock = count <= Number(values["stock-machines"]) ? await measureFromStock(bench) : undefined;
    if (!fromStock) await configure(bench);
    print("Nothing to change:\n");
    print(comparison(await measureNoChange(bench), count));
    if (fromStock) {
      print("\nFrom stock; the floor is both daemons restarted on every machine, and a source selected:\n");
      print(comparison(fromStock, count));
    }
    if (fromStock && parts.includes("simulated")) {
      print("\nSimulated hosts with real SSH handshakes, answers learnt from one of the machines:\n");
      print(await simulated(bench));
    }
  } finally {
    await bench.stop();
  }
}

await onMachines("silent", Number(values["silent-machines"]), (bench) =>
  silentTables(bench, Math.min(rounds, MOST_SILENT_ROUNDS), say),
);
await onMachines("choices", Number(values["choices-machines"]), (bench) => choiceTables(bench, rounds, say));

/** A part that has machines of its own, which are as declared. */
async function onMachines(
  part: string,
  count: number,
  measure: (bench: BenchLab) => Promise<string>,
): Promise<void> {
  if (!parts.includes(part)) return;
  const bench = await startBenchLab(count, say);
  try {
    await must(bench, bench.lfce("apply"));
    print(`\n## ${count} machines: ${part}\n\n${await measure(bench)}`);
  } finally {
    await bench.stop();
  }
}

/** Leaves the machines as both tools want them: lfce accepts settings in whatever spelling they are. */
async function configure(bench: BenchLab): Promise<void> {
  if (ansibleRounds > 0) await must(bench, bench.ansible());
  await must(bench, bench.lfce("apply"));
}

async function measureNoChange(bench: BenchLab): Promise<Map<string, Sample[]>> {
  const quick: Contestant[] = [
    { name: "bare ssh2: connect, `true`", argv: bench.bareSsh2("true") },
    { name: "OpenSSH: `true`", argv: bench.openssh() },
    { name: "lfce drift", argv: bench.lfce("drift") },
    { name: "lfce drift, nothing remembered", argv: () => bench.lfce("drift", { fresh: true }) },
    { name: "lfce plan", argv: bench.lfce("plan") },
    { name: "lfce apply, both proofs", argv: bench.lfce("apply") },
  ];
  const slow: Contestant[] = [
    { name: "ansible-playbook --check", argv: () => bench.ansible("--check") },
    { name: "ansible-playbook, both proofs", argv: () => bench.ansible() },
  ];
  const samples = await interleaved(quick, rounds, bench.stage, say);
  // The slow ones take minutes: a quick round stands beside each of theirs, for a ratio of the same minutes.
  return together(samples, await interleaved([...quick, ...slow], ansibleRounds, bench.stage, say));
}

/** The runs of both, of those who had a turn. */
function together(
  first: ReadonlyMap<string, Sample[]>,
  second: ReadonlyMap<string, Sample[]>,
): Map<string, Sample[]> {
  const names = [...new Set([...first.keys(), ...second.keys()])];
  const runsOf = (name: string) => [...(first.get(name) ?? []), ...(second.get(name) ?? [])];
  return new Map(names.map((name) => [name, runsOf(name)] as const).filter(([, runs]) => runs.length > 0));
}

async function measureFromStock(bench: BenchLab): Promise<Map<string, Sample[]>> {
  const floor: Contestant = { name: "floor (bare ssh2)", argv: bench.bareSsh2(RESTART_AND_SELECT) };
  const ansible: Contestant = {
    name: "ansible-playbook",
    argv: () => bench.ansible(),
    prepare: bench.toStock,
  };
  const lfce: Contestant = { name: "lfce apply", argv: bench.lfce("apply"), prepare: bench.toStock };
  const told = (text: string) => say(`from stock, ${text}`);
  // The floor, whose turn comes first, needs sources that can be selected: machines at stock have others.
  await configure(bench);
  const withAnsible = Math.min(ansibleRounds, stockRounds);
  const samples = await interleaved([floor, lfce, ansible], withAnsible, bench.stage, told);
  const more = await interleaved([floor, lfce], stockRounds - withAnsible, bench.stage, told);
  await configure(bench);
  return together(samples, more);
}

/** In the lab's own network namespace, where the simulated hosts can be reached and nothing else. */
function simulated(bench: BenchLab): Promise<string> {
  const program = join(import.meta.dirname, "simulated-ssh-fleet.ts");
  return must(bench, [process.execPath, "--import", "tsx", program, bench.lab.name, "100,1000", "3"]);
}

async function must(bench: BenchLab, argv: readonly string[]): Promise<string> {
  const result = await bench.stage.run(argv);
  if (result.code !== 0) {
    throw new Error(`${argv.join(" ")}: exit code ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
  return result.stdout;
}
