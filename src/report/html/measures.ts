/** `+0.21 ms`, `-3.4 µs`, `+12 s`: an offset as people say it, with its sign. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "+";
  if (size >= 1) return `${sign}${digits(size)} s`;
  if (size >= 1e-3) return `${sign}${digits(size * 1e3)} ms`;
  if (size >= 1e-6) return `${sign}${digits(size * 1e6)} µs`;
  return `${sign}${Math.round(size * 1e9)} ns`;
}

/** `1 host`, `12 hosts`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** Three digits that count, no zeros behind them. */
function digits(value: number): string {
  return String(Number(value.toPrecision(value >= 1000 ? 4 : 3)));
}
