import { Bench } from "tinybench";
import { debian } from "../../src/distros/debian.ts";
import { takeRolesOut } from "../../src/services/chrony/base.ts";
import { claimsOf } from "../../src/services/chrony/claims.ts";
import type { DesiredChrony } from "../../src/services/chrony/desired.ts";
import { loadOrder } from "../../src/services/chrony/load-order.ts";
import { parse } from "../../src/services/chrony/parse.ts";
import { planChrony } from "../../src/services/chrony/plan.ts";
import type { DesiredRsyslog } from "../../src/services/rsyslog/desired.ts";
import { modelOf, treeOf } from "../../src/services/rsyslog/in-force/in-force.ts";
import { planRsyslog } from "../../src/services/rsyslog/plan.ts";
import { parseRsyslog } from "../../src/services/rsyslog/syntax/parse.ts";
import { observe } from "../unit/services/chrony/virtual-host.ts";
import { observedHost } from "../unit/services/rsyslog/host.ts";
import { type BenchFiles, chronyBenchFiles, rsyslogBenchFiles } from "./editor-files.ts";

/**
 * `npm run bench:editors [KILOBYTES]`: how long the editors take on files of several kinds, 60 KB unless said
 * otherwise. "plan" is the whole of it: parse, model, edit, and the tree that is staged; for the client's role, which is
 * what most hosts have, and for both roles of a service at once.
 */
const kilobytes = Number(process.argv[2] ?? 60);
const bytes = kilobytes * 1000;

const wantedChrony: DesiredChrony = {
  playbook: "bench",
  server: {
    state: "present",
    allow: ["192.168.0.0/16"],
    deny: [],
    localStratum: 10,
    orphan: false,
    exclusive: false,
    directives: [],
  },
  client: {
    state: "present",
    sources: [{ kind: "server", address: "192.0.2.1", aliases: ["192.0.2.1"], options: {} }],
    exclusive: true,
    maxOffset: 0.1,
    verifyTimeout: 30,
    directives: [{ name: "makestep", values: ["1 -1"] }],
  },
};

const wantedRsyslog: DesiredRsyslog = {
  playbook: "bench",
  server: {
    state: "present",
    listen: [
      { protocol: "tcp", port: 514 },
      { protocol: "udp", port: 514 },
    ],
    store: [
      {
        from: [{ kind: "senders", senders: [{ host: "web1", addresses: ["192.0.2.7"] }] }],
        file: "/var/log/remote/{host}/{date}.log",
        stop: true,
      },
    ],
  },
  client: {
    state: "present",
    forwards: [
      {
        address: "192.0.2.1",
        aliases: ["192.0.2.1"],
        protocol: "tcp",
        port: 514,
        selector: ["*.*"],
        queue: { file: "bench", maxDisk: "1g", saveOnShutdown: true, written: [] },
        retry: -1,
      },
    ],
    verifyTimeout: 60,
  },
};

function addChrony(bench: Bench, { kind, files }: BenchFiles): void {
  const observed = observe({ files: Object.fromEntries(files), distro: debian });
  const main = debian.services.chrony.mainFile;
  const texts = [...files.values()];
  bench.add(`chrony, ${kind}: parse`, () => {
    for (const text of texts) parse(text);
  });
  bench.add(`chrony, ${kind}: model`, () => {
    const { claims } = claimsOf(wantedChrony);
    loadOrder(main, takeRolesOut(files, wantedChrony, claims).files, observed.globs, new Set());
  });
  const { playbook, client } = wantedChrony;
  bench.add(`chrony, ${kind}: plan of a client`, () => {
    planChrony({ playbook, client }, observed, debian);
  });
  bench.add(`chrony, ${kind}: plan of both roles`, () => {
    planChrony(wantedChrony, observed, debian);
  });
}

function addRsyslog(bench: Bench, { kind, files }: BenchFiles): void {
  const main = debian.services.rsyslog.mainFile;
  const observed = observedHost(files, main);
  const texts = [...files.values()];
  bench.add(`rsyslog, ${kind}: parse`, () => {
    for (const text of texts) parseRsyslog(text);
  });
  bench.add(`rsyslog, ${kind}: model`, () => {
    modelOf(treeOf(observed), main);
  });
  const { playbook, client } = wantedRsyslog;
  bench.add(`rsyslog, ${kind}: plan of a client`, () => {
    planRsyslog({ playbook, client }, observed, debian);
  });
  bench.add(`rsyslog, ${kind}: plan of both roles`, () => {
    planRsyslog(wantedRsyslog, observed, debian);
  });
}

function checkPlans(): void {
  for (const { kind, files } of chronyBenchFiles(debian.services.chrony.mainFile, bytes)) {
    const observed = observe({ files: Object.fromEntries(files), distro: debian });
    const { errors, files: changes } = planChrony(wantedChrony, observed, debian);
    if (errors.length > 0 || changes.length === 0)
      throw new Error(`chrony, ${kind}: ${JSON.stringify(errors)}`);
  }
  for (const { kind, files } of rsyslogBenchFiles(debian.services.rsyslog.mainFile, bytes)) {
    const observed = observedHost(files, debian.services.rsyslog.mainFile);
    const { errors, files: changes } = planRsyslog(wantedRsyslog, observed, debian);
    if (errors.length > 0 || changes.length === 0)
      throw new Error(`rsyslog, ${kind}: ${JSON.stringify(errors)}`);
  }
}

/** Milliseconds of processor time, garbage collection included: what else the machine does is no matter. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const milliseconds = (value: number) => value.toFixed(2);

checkPlans();
const bench = new Bench({ time: 400, warmupTime: 200, retainSamples: true, now: processorTime });
for (const files of chronyBenchFiles(debian.services.chrony.mainFile, bytes)) addChrony(bench, files);
for (const files of rsyslogBenchFiles(debian.services.rsyslog.mainFile, bytes)) addRsyslog(bench, files);
await bench.run();
console.log(`| ${kilobytes} KB | median ms | p95 ms | runs |\n|---|---|---|---|`);
for (const { name, result } of bench.tasks) {
  if (!("latency" in result)) throw new Error(`${name}: ${result.state}`);
  const { samples = [], p50 } = result.latency;
  const p95 = [...samples].sort((a, b) => a - b)[Math.floor(samples.length * 0.95)] ?? p50;
  console.log(`| ${name} | ${milliseconds(p50)} | ${milliseconds(p95)} | ${samples.length} |`);
}
