import type { HostDeclaration } from "../plan/declaration.ts";
import { batchesOf, exceedsFailures } from "./batches.ts";

/** Hosts of one play in one wave, in the batches that the play wants. */
export interface PlayBatches {
  play: HostDeclaration["play"];
  batches: string[][];
}

/** Hosts of a wave by the first play that names them, split as that play says. */
export function batchesByPlay(declarations: readonly HostDeclaration[]): PlayBatches[] {
  const hostsOf = new Map<string, { play: HostDeclaration["play"]; hosts: string[] }>();
  for (const { host, play } of declarations) {
    const known = hostsOf.get(play.id);
    if (known) known.hosts.push(host);
    else hostsOf.set(play.id, { play, hosts: [host] });
  }
  return [...hostsOf.values()].map(({ play, hosts }) => ({ play, batches: batchesOf(hosts, play.serial) }));
}

/** Whether a batch failed so much that the play's remaining hosts must not be touched. */
export function batchStopsPlay(play: HostDeclaration["play"], failed: number, total: number): boolean {
  return exceedsFailures(failed, total, play.maxFailPercentage);
}
