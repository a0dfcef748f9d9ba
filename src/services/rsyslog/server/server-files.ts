import { byteText, displayText } from "../../../core/byte-text.ts";
import { errorData, type LfceErrorData } from "../../../core/errors.ts";
import type { FileEdit } from "../role-plan.ts";
import { rotationPath } from "./rotation.ts";
import { filePrefix, tableFile } from "./store-files.ts";
import { serverFilePlaybook } from "./store-render.ts";

/** A table of addresses cannot carry a first line that says whose it is; it belongs to its file of rules. */
function isTable(path: string): boolean {
  return path === tableFile;
}

/** Paths below which every file may be lfce's own. */
function mayBeOwn(path: string): boolean {
  return path === rotationPath || isTable(path) || (path.startsWith(filePrefix) && path.endsWith(".conf"));
}

/** lfce's own files on the host, and errors for those of another playbook or nobody's. */
export function ownServerFiles(
  texts: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string>,
  playbook: string,
): { own: string[]; errors: LfceErrorData[] } {
  const own: string[] = [];
  const errors: LfceErrorData[] = [];
  for (const [path, text] of texts) {
    if (!mayBeOwn(path)) continue;
    const marked = isTable(path)
      ? serverFilePlaybook(texts.get(path.replace(/\.json$/, ".conf")) ?? "")
      : serverFilePlaybook(text);
    if (marked === byteText(playbook) || (isTable(path) && marked === undefined)) own.push(path);
    else if (marked !== undefined && !isTable(path))
      errors.push(
        errorData(
          "other-playbook",
          `${path} belongs to the playbook ${displayText(marked)}`,
          `take it away with that playbook (state: absent) before ${playbook} manages this host's log server`,
        ),
      );
    else if (wanted.has(path) && marked === undefined)
      errors.push(
        errorData(
          "file-not-ours",
          `${path} is there already and lfce did not write it`,
          "rename it if it is needed, or remove it",
        ),
      );
  }
  return { own, errors };
}

/** Edits that make lfce's own files what is wanted and remove those that are no longer. */
export function serverFileEdits(
  texts: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, { text: string; reason: string }>,
  own: readonly string[],
): FileEdit[] {
  const edits: FileEdit[] = [];
  for (const [path, { text, reason }] of wanted) {
    const after = byteText(text);
    if (texts.get(path) !== after)
      edits.push({ path, after, reason, mode: "0644", owner: "root", group: "root" });
  }
  for (const path of own) {
    if (!wanted.has(path)) edits.push({ path, after: null, reason: "no longer declared" });
  }
  return edits;
}
