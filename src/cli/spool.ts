import { mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Spool } from "../report/reporter.ts";

/** So much is held in memory: what most runs have to say fits, and makes no file. Bytes. */
const HELD_BYTES = 8 * 1024 * 1024;

interface Kept {
  /** Absent: it lies in the file. */
  text?: string;
  start: number;
  length: number;
}

/**
 * A spool that begins in memory and goes on in a temporary file. The file has no name from the moment it is open, so
 * that nothing is left behind, however lfce ends.
 */
export function fileSpool(heldBytes = HELD_BYTES, directory = tmpdir()): Spool {
  const all: Kept[] = [];
  let held = 0;
  let written = 0;
  let file: number | undefined;
  return {
    put(text) {
      const bytes = Buffer.from(text);
      const kept: Kept = { start: written, length: bytes.length };
      if (held + bytes.length <= heldBytes) {
        kept.text = text;
        held += bytes.length;
      } else {
        try {
          file ??= namelessFile(directory);
          for (let done = 0; done < bytes.length; ) {
            done += writeSync(file, bytes, done, bytes.length - done, written + done);
          }
          written += bytes.length;
        } catch {
          // Memory is better than a run that ends because the disk is full.
          kept.text = text;
        }
      }
      return all.push(kept) - 1;
    },
    get(number) {
      const { text, start, length } = all[number] ?? { text: "", start: 0, length: 0 };
      if (text !== undefined || file === undefined) return text ?? "";
      const bytes = Buffer.alloc(length);
      for (let done = 0; done < length; ) {
        const read = readSync(file, bytes, done, length - done, start + done);
        if (read === 0) break;
        done += read;
      }
      return bytes.toString();
    },
  };
}

/** Readable by nobody else: what hosts say may be confidential. */
function namelessFile(directory: string): number {
  const place = mkdtempSync(join(directory, "lfce-"));
  try {
    return openSync(join(place, "spool"), "wx+", 0o600);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
