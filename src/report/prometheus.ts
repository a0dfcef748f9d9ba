import { escapeLine } from "../core/byte-text.ts";
import type { HostClock } from "../core/drift.ts";
import type { HostCounts, HostFinished, LfceEvent, RunStarted, Summary } from "../core/events.ts";
import type { Output, Reporter } from "./reporter.ts";

/** Metric name → what it says. All are gauges: each run writes them anew. */
const METRICS = {
  lfce_drift_hosts: "Hosts of the last drift run by status.",
  lfce_drift_host_status: "How a host stands: 1 for its status in the last drift run.",
  lfce_drift_finding: "1 for each way in which a host is not as declared.",
  lfce_drift_finding_since_timestamp_seconds: "When a finding was found first without a break.",
  lfce_drift_resolved: "Findings of earlier runs that are gone.",
  lfce_drift_clock_offset_seconds: "How far a host's clock is fast (positive) or slow, as its chronyd says.",
  lfce_drift_clock_stratum: "Stratum of a host's clock.",
  lfce_drift_clock_synchronised: "1 if a host's clock is synchronised, 0 if its chronyd says that it is not.",
  lfce_drift_exit_code: "Exit code of the last drift run: 0 as declared, 2 drift, 3 a host failed.",
  lfce_drift_run_duration_seconds: "How long the last drift run took.",
  lfce_drift_last_success_timestamp_seconds: "When a drift run last reached its end, whatever it found.",
} as const;

type Metric = keyof typeof METRICS;

const REACHED_ITS_END = [0, 2, 3];

/**
 * The Prometheus text format for node_exporter's textfile collector, written once, at the end. A run that was
 * interrupted or ended with an error of its own writes nothing: what stands in the file stays, and grows old.
 */
export function prometheusReporter(output: Output): Reporter {
  /** Metric → labels → value: a sample that is there twice would have the whole file refused. */
  const samples = new Map<Metric, Map<string, number>>();
  let started: RunStarted | undefined;
  let resolved = 0;

  /** A sample of this playbook; labels without a value are left out. */
  function add(metric: Metric, value: number, labels: Record<string, string> = {}): void {
    const all = { playbook: started?.playbook ?? "", ...labels };
    const text = Object.entries(all).map(([name, label]) => `${name}="${escapeLabel(label)}"`);
    const values = samples.get(metric) ?? new Map<string, number>();
    samples.set(metric, values.set(text.join(","), value));
  }

  function addHost({ host, status, drift = [], resolved: gone = [], clock }: HostFinished): void {
    add("lfce_drift_host_status", 1, { host, status });
    for (const { code, item, since } of drift) {
      add("lfce_drift_finding", 1, { host, code, item });
      if (since !== undefined) {
        const first = Date.parse(since) / 1000;
        add("lfce_drift_finding_since_timestamp_seconds", first, { host, code, item });
      }
    }
    resolved += gone.length;
    if (clock) addClock(host, clock);
  }

  function addClock(host: string, { stratum, offset, leap }: HostClock): void {
    const synchronised = leap !== "unsynchronised";
    add("lfce_drift_clock_synchronised", synchronised ? 1 : 0, { host });
    // What chronyd says of them before it has a source is no measurement.
    if (!synchronised) return;
    add("lfce_drift_clock_offset_seconds", offset, { host });
    add("lfce_drift_clock_stratum", stratum, { host });
  }

  function write({ hosts, exitCode, durationMs, time }: Summary): void {
    for (const [key, status] of Object.entries(STATUS_OF)) {
      add("lfce_drift_hosts", hosts[key as keyof HostCounts], { status });
    }
    add("lfce_drift_resolved", resolved);
    add("lfce_drift_exit_code", exitCode);
    add("lfce_drift_run_duration_seconds", durationMs / 1000);
    add("lfce_drift_last_success_timestamp_seconds", Date.parse(time) / 1000);
    for (const [metric, help] of Object.entries(METRICS)) {
      const values = samples.get(metric as Metric);
      if (!values) continue;
      const lines = [...values].map(([labels, value]) => `${metric}{${labels}} ${numberText(value)}\n`);
      output.write(`# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${lines.join("")}`);
    }
  }

  return {
    handle(event: LfceEvent) {
      if (event.event === "run-started") started = event;
      if (event.event === "host-finished") addHost(event);
      if (event.event === "summary" && started && REACHED_ITS_END.includes(event.exitCode)) write(event);
    },
    async finish() {},
  };
}

const STATUS_OF: Readonly<Record<keyof HostCounts, HostFinished["status"]>> = {
  unchanged: "unchanged",
  changed: "changed",
  pending: "pending",
  drifted: "drifted",
  failed: "failed",
  rolledBack: "rolled-back",
  unreachable: "unreachable",
  skipped: "skipped",
};

/** A label's value: control characters as escapes that people can read, then the format's own three escapes. */
function escapeLabel(value: string): string {
  return escapeLine(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
