/**
 * How lfce grows with the fleet: whole runs over a fake transport (no SSH, no machines; every host answers at once
 * that it is as declared), each in a process of its own. `npm run bench` prints these tables; alone:
 * `node --import tsx test/bench/scale.bench.ts`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { median, type Sample } from "./measure.ts";
import { table } from "./table.ts";

const root = join(import.meta.dirname, "../..");
const ROUNDS = 3;
const FLEETS = [1_000, 10_000] as const;

/** A run over a fake fleet, by what it does and how it is told. */
interface FakeRun {
  name: string;
  command: string;
  format: "json" | "plain" | "tty";
}

const RUNS: readonly FakeRun[] = [
  { name: "load and order, no host", command: "load", format: "json" },
  { name: "plan, json", command: "plan", format: "json" },
  { name: "drift, json", command: "drift", format: "json" },
  { name: "drift, plain", command: "drift", format: "plain" },
  { name: "drift, tty", command: "drift", format: "tty" },
  { name: "verify, json", command: "verify", format: "json" },
  { name: "apply with both proofs, json", command: "apply", format: "json" },
];

/** One row: medians of a run at each size of fleet, and how much longer the larger takes. */
export interface ScaleRow {
  name: string;
  samples: Map<number, Sample>;
  /** Seconds at 10,000 hosts over seconds at 1,000. */
  ratio: number;
}

/** Runs everything `rounds` times, sizes interleaved. */
export async function scaleRows(
  rounds = ROUNDS,
  say: (words: string) => void = () => {},
): Promise<ScaleRow[]> {
  const directory = mkdtempSync(join(tmpdir(), "lfce-scale-"));
  try {
    const program = await bundled(directory);
    const rows: ScaleRow[] = [];
    for (const run of RUNS) {
      const samples = new Map<number, Sample[]>(FLEETS.map((hosts) => [hosts, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const hosts of FLEETS) {
          const sample = await fakeRun(program, hosts, run);
          samples.get(hosts)?.push(sample);
          say(
            `${run.name}, ${hosts} hosts: ${sample.seconds.toFixed(2)} s, ${sample.peakMegabytes.toFixed(0)} MB`,
          );
        }
      }
      const middles = new Map([...samples].map(([hosts, list]) => [hosts, middle(list)]));
      const [small = Number.NaN, large = Number.NaN] = FLEETS.map((hosts) => middles.get(hosts)?.seconds);
      rows.push({ name: run.name, samples: middles, ratio: large / small });
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The rows as a table. */
export function scaleTable(rows: readonly ScaleRow[]): string {
  const figures = (sample: Sample | undefined) => [
    sample?.seconds.toFixed(2) ?? "",
    sample?.cpuSeconds.toFixed(2) ?? "",
    sample?.peakMegabytes.toFixed(0) ?? "",
  ];
  return table(
    ["fake transport", ...FLEETS.flatMap((hosts) => [`${hosts}: s`, "CPU s", "peak MB"]), "ratio of s"],
    rows.map(({ name, samples, ratio }) => [
      name,
      ...FLEETS.flatMap((hosts) => figures(samples.get(hosts))),
      ratio.toFixed(1),
    ]),
  );
}

/** In one file, as dist/ is: what reads TypeScript while it runs would count as lfce's memory. */
async function bundled(directory: string): Promise<string> {
  const program = join(directory, "fake-run.mjs");
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  await build({
    entryPoints: [join(root, "test/scale/fake-run.ts")],
    outfile: program,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "warning",
  });
  return program;
}

async function fakeRun(program: string, hosts: number, { command, format }: FakeRun): Promise<Sample> {
  const argv = [program, String(hosts), command, format];
  // Nobody reads what it prints: a pipe that is full would be measured as well.
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"] });
  const stderr = await text(child.stderr);
  const lines = stderr.trim().split("\n");
  if (lines.length !== 1) throw new Error(`${command}, ${hosts} hosts: ${stderr}`);
  return JSON.parse(lines[0] ?? "") as Sample;
}

function middle(samples: readonly Sample[]): Sample {
  return {
    seconds: median(samples.map(({ seconds }) => seconds)),
    cpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: Math.max(...samples.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

if (process.argv[1] === import.meta.filename) {
  const rows = await scaleRows(Number(process.argv[2] ?? ROUNDS), (words) =>
    process.stderr.write(`${words}\n`),
  );
  process.stdout.write(`${scaleTable(rows)}\n`);
}
