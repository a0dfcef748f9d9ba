import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aptSettings, debianSources } from "../lab/apt.ts";
import { discardBuilds } from "../lab/build.ts";
import { withLock } from "../lab/lock.ts";
import { mountsBelow, usedDirectories } from "../lab/mounts.ts";
import { cacheDirectory, isThere } from "../lab/paths.ts";
import { installPrerequisites, requireLinuxRoot } from "../lab/prerequisites.ts";
import { dyingWithUs, must } from "../lab/processes.ts";
import type { Setup } from "../lab/progress.ts";
import type { Release } from "../lab/recipes.ts";

/** A Debian root in which chronyd and rsyslogd judge configuration files. */
export interface JudgeRoot {
  release: Release;
  /** As people say it: `Debian 12`. */
  title: string;
  chrony: string;
  rsyslog: string;
}

/** The releases whose daemons judge, and the versions that they have. */
export const judgeRoots: readonly JudgeRoot[] = [
  { release: "bullseye", title: "Debian 11", chrony: "4.0", rsyslog: "8.2102.0" },
  { release: "bookworm", title: "Debian 12", chrony: "4.3", rsyslog: "8.2302.0" },
  { release: "trixie", title: "Debian 13", chrony: "4.6", rsyslog: "8.2504.0" },
];

const script = join(import.meta.dirname, "judge-packages.sh");
const packages = ["chrony", "rsyslog"];
const leftOut = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*"];
const cache = () => join(cacheDirectory(), "judges");

/**
 * The directory of a release's root, built from the distribution's packages where it is missing (about half a
 * minute). It lies beside the lab's images and is only ever read: see judge.sh.
 */
export async function ensureJudgeRoot(release: Release, setup: Setup): Promise<string> {
  const directory = judgeRootDirectory(release);
  if (isThere(directory)) return directory;
  requireLinuxRoot();
  await installPrerequisites(setup);
  await withLock(join(cacheDirectory(), "locks", "judges.lock"), {}, async () => {
    if (isThere(directory)) return;
    const building = join(cache(), "building");
    await discardBuilds(building);
    mkdirSync(building, { recursive: true });
    const place = mkdtempSync(join(building, `${release}-`));
    setup.say(`daemons of Debian ${release}, with every module of rsyslog, from its packages`);
    await build(release, join(place, "root"), setup);
    renameSync(join(place, "root"), directory);
    await discardBuilds(building);
    prune(release, directory);
  });
  return directory;
}

/** Where a release's root lies or would lie: a change of what goes into it is another place. */
export function judgeRootDirectory(release: Release): string {
  const hash = createHash("sha256").update([release, ...packages, ...leftOut].join("\0"));
  hash.update(readFileSync(script));
  return join(cache(), `${release}-${hash.digest("hex").slice(0, 12)}`);
}

/** The packages with rsyslog's modules that were found for a root. */
export function rsyslogModules(root: string): string[] {
  return readFileSync(join(root, "usr/share/lfce-judge/modules"), "utf8").trim().split("\n");
}

async function build(release: Release, root: string, setup: Setup): Promise<void> {
  const argv = [
    "mmdebstrap",
    "--mode=root",
    "--format=directory",
    "--variant=minbase",
    ...aptSettings(await must(["apt-config", "dump"])).map((setting) => `--aptopt=${setting}`),
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--include=${packages.join(",")}`,
    `--customize-hook=sh '${script}' "$1"`,
    release,
    root,
    ...(await debianSources(release)),
  ];
  await must(dyingWithUs(argv), { ...(setup.signal && { signal: setup.signal }), killSignal: "SIGKILL" });
}

function prune(release: Release, newest: string): void {
  const used = usedDirectories(cache());
  for (const name of readdirSync(cache())) {
    const directory = join(cache(), name);
    const isOld = name.startsWith(`${release}-`) && directory !== newest;
    if (isOld && !used.includes(directory) && mountsBelow(directory).length === 0)
      rmSync(directory, { recursive: true, force: true });
  }
}
