/** Tells a person what the lab is doing. */
export type Progress = (message: string) => void;

/** What every step of setting a lab up is handed. */
export type Setup = { readonly say: Progress; readonly signal?: AbortSignal };

/** Progress as lines with the seconds since the start in front; standard error by default. */
export function progressLines(
  write: (line: string) => void = (line) => process.stderr.write(line),
): Progress {
  const start = performance.now();
  return (message) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    write(`${seconds} s  ${message}\n`);
  };
}

/** Progress for nobody. */
export const silent: Progress = () => {};
