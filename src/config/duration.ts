const MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Seconds in a length of time such as `100ms`, `30s`, `5m`, `1h`, `30d`, `2w`;
 * undefined when the text is not one (a bare number has no unit, so it is not).
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)$/.exec(text);
  const unit = MILLISECONDS[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : (Number(match[1]) * unit) / 1000;
}
