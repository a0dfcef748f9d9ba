import type { HostDeclaration } from "../plan/declaration.ts";
import { batchesOf, exceedsFailures } from "./batches.ts";

/** Hosts of one play in one wave, in the batches that the play wants. */
export interface PlayBatches {
  play: HostDeclaration["play"];
  batches: string[][];
}

/** How the hosts of one batch have ended so far. */
export interface BatchEnds {
  /** Hosts of the batch. */
  total: number;
  /** Failed, rolled back or unreachable. */
  failed: number;
  /** Left alone, because their servers failed. */
  skipped: number;
}

/**
 * Hosts of a wave by the first play that names them, split as that play says; where nothing is changed there is
 * nothing to be careful about, and all of a play are one batch.
 */
export function batchesByPlay(declarations: readonly HostDeclaration[], changing: boolean): PlayBatches[] {
  const hostsOf = new Map<string, { play: HostDeclaration["play"]; hosts: string[] }>();
  for (const { host, play } of declarations) {
    const known = hostsOf.get(play.id);
    if (known) known.hosts.push(host);
    else hostsOf.set(play.id, { play, hosts: [host] });
  }
  return [...hostsOf.values()].map(({ play, hosts }) => ({
    play,
    batches: batchesOf(hosts, changing ? play.serial : []),
  }));
}

/** Whether so many hosts of a batch have failed that no other host of the play must be begun, in this batch or later. */
export function spendsBudget(play: HostDeclaration["play"], { failed, total }: BatchEnds): boolean {
  return exceedsFailures(failed, total, play.maxFailPercentage);
}

/**
 * Whether a batch that has ended stops its play. `max_fail_percentage` decides where it is given. Else only a play
 * with `serial` is stopped: by a batch of which every host failed (Ansible's rule), and by a first batch that is
 * not as declared from end to end where `serial` is a list, which means that the first batch is tried out.
 */
export function batchStopsPlay(play: HostDeclaration["play"], ends: BatchEnds, isFirst: boolean): boolean {
  if (play.maxFailPercentage !== undefined) return spendsBudget(play, ends);
  if (play.serial.length === 0) return false;
  const isCanary = isFirst && play.serial.length > 1;
  const bad = ends.failed + (isCanary ? ends.skipped : 0);
  return bad > 0 && (isCanary || bad === ends.total);
}
