/**
 * Whether a version (`4.3`, `4.6.1`, `4.0-pre2`, `8.2302.0`) is at least `needed`. An unknown version (undefined)
 * is taken for new enough: the staged check by the real daemon still stands behind it.
 */
export function atLeast(version: string | undefined, needed: string): boolean {
  if (version === undefined) return true;
  const have = numbers(version);
  const want = numbers(needed);
  for (let index = 0; index < want.length; index += 1) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number);
}
