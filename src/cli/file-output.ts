import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Warning } from "../core/errors.ts";
import type { Output } from "../report/reporter.ts";

/** A file that appears whole or not at all. */
export interface FileOutput extends Output {
  /** Puts the file in its place, if anything was written. A warning where that or the writing failed. */
  commit(): Warning | undefined;
}

/**
 * Writes beside a file, under a name that nobody looks for (no `.prom`, hidden), and renames at the end; a link stays one.
 * What is no file (`/dev/stdout`, a pipe) is written to as it is. Never throws: a report that cannot be written must not
 * end the run that it reports. `forAll`: another user reads the file, whatever the umask is.
 */
export function fileOutput(path: string, option: string, forAll = false): FileOutput {
  let open: Target | undefined;
  // A run that leaves at once leaves no half file.
  const tidy = () => {
    if (open?.temporary !== undefined) rmSync(open.temporary, { force: true });
  };
  let failure: NodeJS.ErrnoException | undefined;

  function attempt(work: () => void): void {
    if (failure) return;
    try {
      work();
    } catch (error) {
      failure = error as NodeJS.ErrnoException;
    }
  }

  return {
    write: (text) =>
      attempt(() => {
        if (open === undefined) {
          open = openTarget(path);
          process.once("exit", tidy);
        }
        // Not writeSync, which says nothing where a full disk took only a part.
        writeFileSync(open.descriptor, text);
      }),
    commit() {
      if (open === undefined) return failure && notWritten(path, option, failure);
      const { descriptor, temporary, target } = open;
      const mode = forAll ? 0o644 : open.mode;
      if (temporary !== undefined) {
        attempt(() => mode !== undefined && fchmodSync(descriptor, mode));
        attempt(() => fsyncSync(descriptor));
      }
      closeSync(descriptor);
      process.off("exit", tidy);
      if (temporary !== undefined) {
        attempt(() => renameSync(temporary, target));
        if (failure) rmSync(temporary, { force: true });
      }
      return failure && notWritten(path, option, failure);
    },
  };
}

interface Target {
  descriptor: number;
  /** Absent: what is written to is no file. */
  temporary?: string;
  target: string;
  /** Of the file that stood there: people gave it that, and a nightly run must not take it back. */
  mode?: number;
}

function openTarget(path: string): Target {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile()) return { descriptor: openSync(path, "a"), target: path };
  const target = there ? realpathSync(path) : resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  // A link that somebody else laid here is taken away, not followed.
  rmSync(temporary, { force: true });
  const mode = there && there.mode & 0o777;
  const descriptor = openSync(temporary, "wx", mode ?? 0o644);
  return { descriptor, temporary, target, ...(mode === undefined ? {} : { mode }) };
}

function notWritten(path: string, option: string, { code }: NodeJS.ErrnoException): Warning {
  const message = `could not write ${path} (${code}); what stood there before is still there`;
  return {
    code: "report-not-written",
    message,
    hint: `correct ${option}: its directory must exist and be writable`,
  };
}
