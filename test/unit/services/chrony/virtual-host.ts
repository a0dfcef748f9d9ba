import { createHash } from "node:crypto";
import type { ByteText } from "../../../../src/core/byte-text.ts";
import type { ServicePlan } from "../../../../src/core/host-plan.ts";
import type { ObservedFile, ObservedHost, ObservedUnit } from "../../../../src/core/observed.ts";
import type { Distro } from "../../../../src/distros/distro.ts";
import { parse } from "../../../../src/services/chrony/parse.ts";

/** Path → content: all the files that a host of a test has. */
export type HostFiles = Record<string, ByteText>;

export interface VirtualHost {
  files: HostFiles;
  distro: Distro;
  version?: string | undefined;
  names?: Record<string, string[]>;
  unit?: Partial<ObservedUnit>;
  /** Further facts, laid over the computed ones. */
  facts?: Partial<ObservedHost>;
}

const STARTED = 1000;

/** What `observe` would report of such a host: chrony installed and running since before the last change. */
export function observe(host: VirtualHost): ObservedHost {
  const { unit: unitName, mainFile } = host.distro.services.chrony;
  const files: Record<string, ObservedFile> = {};
  const globs: Record<string, string[]> = {};
  const read = (path: string): void => {
    const content = host.files[path];
    if (content === undefined || files[path]) return;
    const sha256 = createHash("sha256").update(content, "latin1").digest("hex");
    files[path] = { path, kind: "file", content, sha256, mode: "0644", mtime: 1, ctime: 1 };
    if (path.endsWith(".sources")) return;
    for (const line of parse(content).lines) {
      if (line.kind !== "directive" && line.kind !== "switched-off") continue;
      for (const pattern of patterns(line.name, line.arguments)) {
        globs[pattern] = Object.keys(host.files)
          .filter((candidate) => matches(pattern, candidate))
          .sort();
        for (const match of globs[pattern]) read(match);
      }
    }
  };
  read(mainFile);
  const unit: ObservedUnit = {
    unit: unitName,
    load: "loaded",
    active: "active",
    sub: "running",
    enabled: "enabled",
    startedAt: STARTED,
    ...host.unit,
  };
  const version = "version" in host ? host.version : "4.3";
  return {
    now: STARTED + 1000,
    bootId: "boot",
    hostname: "host",
    uid: 0,
    osRelease: {},
    programs: { chronyd: "/usr/sbin/chronyd" },
    versions: version === undefined ? {} : { chrony: version },
    units: { [unitName]: unit },
    files,
    globs,
    names: host.names ?? {},
    addresses: [],
    chronyc: {},
    listeners: [],
    firewalls: [],
    restartRecords: [],
    ...host.facts,
  };
}

/** The host's files after a plan was carried out. */
export function afterPlan(files: HostFiles, plan: ServicePlan): HostFiles {
  const after = { ...files };
  for (const change of plan.files) {
    if (change.after === null) delete after[change.path];
    else after[change.path] = change.after;
  }
  return after;
}

function patterns(name: string, words: readonly string[]): string[] {
  if (name === "include") return words.slice(0, 1);
  const directories = words.map((directory) => directory.replace(/\/+$/, ""));
  if (name === "confdir") return directories.map((directory) => `${directory}/*.conf`);
  return name === "sourcedir" ? directories.map((directory) => `${directory}/*.sources`) : [];
}

function matches(pattern: string, path: string): boolean {
  const escaped = pattern.replace(/[.+^${}()[\]|\\]/g, "\\$&").replace(/\*/g, "[^/]*");
  return new RegExp(`^${escaped}$`).test(path);
}
