import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

const KEY_CHARACTERS = 40;

/** The file in a playbook's directory that says which playbook it is: its absolute path, as a JSON string. */
export const PLAYBOOK_FILE = "playbook.json";

/** A playbook of which runs were recorded. */
export interface RecordedPlaybook {
  /** Absolute path that it had then. */
  playbook: string;
  /** Where its runs are. */
  directory: string;
}

/** The history of all playbooks below a state directory. */
export function historyDirectory(stateDirectory: string): string {
  return join(stateDirectory, "history");
}

/** Where the runs of one playbook are kept: the file's name, so that people find it, and a hash of its whole path. */
export function playbookDirectory(stateDirectory: string, playbookFile: string): string {
  const path = resolve(playbookFile);
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 12);
  const name = basename(path)
    .replace(/\.ya?ml$/, "")
    .replace(/[^0-9A-Za-z_-]+/g, "-")
    .slice(0, KEY_CHARACTERS);
  return join(historyDirectory(stateDirectory), `${name || "playbook"}-${hash}`);
}

/** Every playbook of which runs were recorded, by path; none where nothing was recorded. */
export function recordedPlaybooks(stateDirectory: string): RecordedPlaybook[] {
  const all = historyDirectory(stateDirectory);
  return namesIn(all)
    .map((name) => ({ directory: join(all, name), playbook: playbookOf(join(all, name)) }))
    .filter((one): one is RecordedPlaybook => one.playbook !== undefined)
    .sort((a, b) => (a.playbook < b.playbook ? -1 : 1));
}

function playbookOf(directory: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, PLAYBOOK_FILE), "utf8"));
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
