import { median, type Sample } from "./measure.ts";

/** A Markdown table with its columns lined up; all but the first column are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/**
 * Medians of commands over the same machines, and their ratios to the first one; `hosts` divides the CPU time, the
 * controller's and, where it was counted, the machines' own.
 */
export function comparison(samples: ReadonlyMap<string, readonly Sample[]>, hosts: number): string {
  const [floor] = [...samples.values()];
  const base = median((floor ?? []).map(({ seconds }) => seconds));
  const machines = (runs: readonly Sample[]) => runs.flatMap((run) => run.machinesCpuSeconds ?? []);
  const isCounted = [...samples.values()].some((runs) => machines(runs).length > 0);
  const rows = [...samples].map(([name, runs]) => {
    const seconds = runs.map((run) => run.seconds);
    const middle = median(seconds);
    const cpu = median(runs.map((run) => run.cpuSeconds));
    return [
      name,
      String(runs.length),
      middle.toFixed(2),
      `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
      (middle / base).toFixed(2),
      ((cpu / hosts) * 1000).toFixed(1),
      ...(isCounted ? [((median(machines(runs)) / hosts) * 1000).toFixed(1)] : []),
      Math.max(...runs.map((run) => run.peakMegabytes)).toFixed(0),
    ];
  });
  const hostsOwn = isCounted ? ["hosts' own"] : [];
  const head = ["command", "runs", "median s", "range s", "ratio", "CPU ms a host", ...hostsOwn, "peak MB"];
  return table(head, rows);
}
