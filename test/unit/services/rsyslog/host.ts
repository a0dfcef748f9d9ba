import { createHash } from "node:crypto";
import type { ServicePlan } from "../../../../src/core/host-plan.ts";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { includeMatcher } from "../../../../src/services/rsyslog/in-force/include.ts";

/** A host's files as byte texts by path. */
export type Files = ReadonlyMap<string, string>;

/** What of a host may differ from a plain one that runs rsyslog. */
export type HostTraits = Partial<Omit<ObservedHost, "files" | "globs">> & {
  /** Paths that do not exist. */
  missing?: string[];
};

/** The host on which `files` were observed: rsyslog runs, started after they were written. */
export function observedHost(files: Files, mainFile: string, traits: HostTraits = {}): ObservedHost {
  const { missing = [], ...others } = traits;
  const observed: ObservedHost = {
    now: 1_800_000_000,
    bootId: "boot",
    hostname: "client1",
    uid: 0,
    osRelease: {},
    programs: { logrotate: "/usr/sbin/logrotate" },
    versions: { rsyslog: "8.2302.0" },
    units: {
      rsyslog: {
        unit: "rsyslog",
        load: "loaded",
        active: "active",
        sub: "running",
        enabled: "enabled",
        startedAt: 1_799_999_000,
      },
    },
    files: {},
    globs: {},
    names: {},
    addresses: [],
    chronyc: {},
    listeners: [],
    firewalls: [],
    restartRecords: [],
    ...others,
  };
  for (const [path, content] of files) {
    const sha256 = createHash("sha256").update(content, "latin1").digest("hex");
    observed.files[path] = {
      path,
      kind: "file",
      content,
      sha256,
      mode: "0644",
      owner: "root",
      group: "root",
      mtime: 1_799_000_000,
      ctime: 1_799_000_000,
    };
  }
  for (const path of missing) observed.files[path] = { path, kind: "missing" };
  observed.globs = globsOf(files, mainFile);
  return observed;
}

/** What every include pattern of the files, however deep, matches among them. */
export function globsOf(files: Files, mainFile: string): Record<string, string[]> {
  const globs: Record<string, string[]> = {};
  const paths = [...files.keys()].sort();
  for (let known = -1; known < Object.keys(globs).length; ) {
    known = Object.keys(globs).length;
    for (const { pattern } of modelOf({ texts: files, globs }, mainFile).includes) {
      globs[pattern] ??= paths.filter(includeMatcher(pattern));
    }
  }
  return globs;
}

/** The files as `plan` leaves them. */
export function carriedOut(files: Files, plan: ServicePlan): Map<string, string> {
  const after = new Map(files);
  for (const change of plan.files) {
    if (change.after === null) after.delete(change.path);
    else after.set(change.path, change.after);
  }
  return after;
}
