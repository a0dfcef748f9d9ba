/** How a play wants its hosts taken: `serial` as in the playbook (numbers or percentages), empty for all at once. */
export type Serial = readonly (number | string)[];

/**
 * Splits hosts into batches by `serial`: each entry sizes one batch, the last one repeats until all hosts
 * are placed. Percentages are of all hosts given and at least one host, as in Ansible.
 */
export function batchesOf(hosts: readonly string[], serial: Serial): string[][] {
  if (serial.length === 0) return hosts.length === 0 ? [] : [[...hosts]];
  const batches: string[][] = [];
  let placed = 0;
  while (placed < hosts.length) {
    const entry = serial[Math.min(batches.length, serial.length - 1)] ?? hosts.length;
    const size = batchSize(entry, hosts.length);
    batches.push(hosts.slice(placed, placed + size));
    placed += size;
  }
  return batches;
}

function batchSize(entry: number | string, total: number): number {
  if (typeof entry === "number") return Math.max(1, Math.floor(entry));
  const percentage = /^(\d+(?:\.\d+)?)%$/.exec(entry.trim());
  if (percentage) return Math.max(1, Math.floor((Number(percentage[1]) / 100) * total));
  return Math.max(1, Math.floor(Number(entry)) || 1);
}

/** Whether so many failures of a batch stop the play: more than `maxFailPercentage` of its hosts (Ansible's rule). */
export function exceedsFailures(
  failed: number,
  total: number,
  maxFailPercentage: number | undefined,
): boolean {
  if (maxFailPercentage === undefined || total === 0) return false;
  return (failed / total) * 100 > maxFailPercentage;
}
