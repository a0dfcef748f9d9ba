import type { NightlyRun } from "../../../src/schedule/nightly-run.ts";

/** A nightly run of the system's, with what a test says of it. */
export function nightly(more: Partial<NightlyRun> = {}): NightlyRun {
  return {
    name: "lfce-drift-site",
    playbook: "/srv/lfce/playbooks/site.yml",
    node: "/usr/bin/node",
    lfce: "/opt/lfce/dist/cli/main.js",
    words: ["drift", "/srv/lfce/playbooks/site.yml", "--state-dir=/root/.local/state/lfce"],
    workingDirectory: "/srv/lfce",
    stateDirectory: "/root/.local/state/lfce",
    reportDirectories: [],
    at: { hour: 2, minute: 5 },
    jitterSeconds: 600,
    scope: { kind: "system", user: "root", ownStateDirectory: false },
    startsPrograms: false,
    ...more,
  };
}
