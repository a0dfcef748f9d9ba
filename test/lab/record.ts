import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MachineSpec, machineRuns } from "./machine.ts";
import { isThere, labOfNamespace, labPaths, stateDirectory } from "./paths.ts";
import { isAlive, type ProcessId } from "./processes.ts";

/**
 * What is written down about a lab. `owner` is the process it must not outlive: the one that is setting it
 * up, or the test run that started it; none once `up` has finished, as people want their lab to stay.
 */
export type LabRecord = {
  readonly name: string;
  readonly machines: readonly MachineSpec[];
  readonly owner?: ProcessId;
  readonly ready: boolean;
};

/** The record of a lab; undefined if there is none of that name. */
export function readRecord(name: string): LabRecord | undefined {
  const { record } = labPaths(name);
  return isThere(record) ? (JSON.parse(readFileSync(record, "utf8")) as LabRecord) : undefined;
}

/** Writes a lab's record down. */
export function writeRecord(record: LabRecord): void {
  const paths = labPaths(record.name);
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  writeFileSync(`${paths.record}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${paths.record}.new`, paths.record);
}

/** Every lab that left a trace on this box: a state directory or a namespace. */
export function knownLabs(): string[] {
  const list = (directory: string) => (isThere(directory) ? readdirSync(directory) : []);
  const states = list(stateDirectory()).filter((name) => isThere(join(stateDirectory(), name, "machines")));
  const records = list(stateDirectory()).filter((name) => isThere(join(stateDirectory(), name, "lab.json")));
  const namespaces = list("/run/netns").flatMap((name) => labOfNamespace(name) ?? []);
  return [...new Set([...states, ...records, ...namespaces])].sort();
}

/** How a lab is: in use (its owner lives, or `up` finished it and it runs), or left over by a crash. */
export function labCondition(name: string): "absent" | "in use" | "left over" {
  const record = readRecord(name);
  if (!record) return knownLabs().includes(name) ? "left over" : "absent";
  if (record.owner) return isAlive(record.owner) ? "in use" : "left over";
  const runs = record.machines.some((machine) => machineRuns(name, machine.name));
  return record.ready && runs ? "in use" : "left over";
}

/** How many machines all labs on this box have together. */
export function countMachines(): number {
  return knownLabs().reduce((sum, name) => sum + (readRecord(name)?.machines.length ?? 0), 0);
}
