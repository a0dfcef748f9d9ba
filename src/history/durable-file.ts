import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryName } from "./temporary-files.ts";

/** A file that is not there, or is whole: written under another name, flushed, and renamed at the end. */
export interface DurableFile {
  write(text: string): void;
  /** Gives it its name; what stood there before is replaced. It lasts through a power cut. */
  keep(path: string): void;
  /** Removes it, unless it was kept. */
  discard(): void;
}

/**
 * Begins a file (mode 0600) in a directory.
 * @param purpose part of its temporary name: two that are written at once in one process need two
 * @throws NodeJS.ErrnoException, as every function of it
 */
export function beginFile(directory: string, purpose: string): DurableFile {
  const temporary = join(directory, temporaryName(purpose));
  const file = openSync(temporary, "wx", 0o600);
  let open = true;
  const close = () => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    write: (text) => writeFileSync(file, text),
    keep: (path) => {
      fsyncSync(file);
      close();
      renameSync(temporary, path);
      flushDirectory(dirname(path));
    },
    discard: () => {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

/**
 * Writes a file (mode 0600) whole or not at all.
 * @throws NodeJS.ErrnoException
 */
export function writeWhole(directory: string, name: string, text: string): void {
  const file = beginFile(directory, name);
  try {
    file.write(text);
    file.keep(join(directory, name));
  } finally {
    file.discard();
  }
}

function flushDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
