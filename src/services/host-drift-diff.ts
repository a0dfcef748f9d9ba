import { type ByteText, displayText } from "../core/byte-text.ts";
import type { FileChange } from "../core/host-plan.ts";
import { unifiedDiff } from "../core/unified-diff.ts";

/** Lines of a diff that one finding shows; the whole diff stands with the change itself. */
const MOST_LINES = 60;

/** What of a file's diff belongs to a finding. */
interface Place {
  covers: readonly string[];
  /** What is told already. */
  detail?: string;
  at?: { file: string; line: number };
  adds?: ByteText;
}

interface Hunk {
  /** Lines of the file as it is that the hunk shows: from this one, so many. */
  from: number;
  count: number;
  text: string;
}

/**
 * Finds for a finding its place and the part of the pending diff that is about it: the hunk around its line, or the
 * one that adds its line; else all of it. Diffs are made only when asked for, each once.
 */
export function partsOfDiffs(files: readonly FileChange[]): (place: Place) => string {
  const made = new Map<string, { header: string; hunks: Hunk[] }>();
  const diffOf = (file: FileChange) => {
    const diff = made.get(file.path) ?? hunksOf(file);
    made.set(file.path, diff);
    return diff;
  };
  return ({ covers, at, adds, detail }) => {
    const place = at && !detail?.includes(`${at.file}:${at.line}`) ? [`${at.file}:${at.line}`] : [];
    const changed = files.filter(({ path }) => covers.includes(path));
    const parts = changed.map((file) => {
      const { header, hunks } = diffOf(file);
      const near = hunks.filter(
        (hunk) =>
          (at?.file === file.path && shows(hunk, at.line)) || (adds !== undefined && says(hunk, adds)),
      );
      return header + (near.length > 0 ? near : hunks).map(({ text }) => text).join("");
    });
    return [...place, ...parts.map(shortened)].join("\n");
  };
}

function hunksOf({ path, before, after }: FileChange): { header: string; hunks: Hunk[] } {
  const [header = "", ...texts] = unifiedDiff(path, before?.content ?? null, after).split(/^(?=@@ )/m);
  const hunks = texts.map((text) => {
    const [, from, count] = /^@@ -(\d+)(?:,(\d+))? /.exec(text) ?? [];
    return { from: Number(from), count: Number(count ?? 1), text };
  });
  return { header, hunks };
}

function shows({ from, count }: Hunk, line: number): boolean {
  return line >= from && line < from + count;
}

function says({ text }: Hunk, line: ByteText): boolean {
  return text.split("\n").includes(`+${displayText(line)}`);
}

function shortened(diff: string): string {
  const lines = diff.trimEnd().split("\n");
  if (lines.length <= MOST_LINES) return lines.join("\n");
  return [...lines.slice(0, MOST_LINES), `(${lines.length - MOST_LINES} more lines)`].join("\n");
}
