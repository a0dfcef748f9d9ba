import { debian } from "../../src/distros/debian.ts";
import type { DesiredChrony } from "../../src/services/chrony/desired.ts";
import { parse, print, SWITCHED_OFF_MARK } from "../../src/services/chrony/parse.ts";
import { planChrony } from "../../src/services/chrony/plan.ts";
import { absent } from "../unit/services/chrony/desired-of.ts";
import { roleSettings, withBothRoles } from "../unit/services/chrony/role-settings.ts";
import { afterPlan, observe } from "../unit/services/chrony/virtual-host.ts";
import { corpusFiles } from "./corpus-files.ts";
import type { EditedService, HostFiles, Outcome, RoleSetting } from "./edited-service.ts";

/** A setting of chrony's roles, with what it declares: a judge compares with that. */
export interface ChronySetting extends RoleSetting {
  desired: DesiredChrony;
}

/** The directives of chrony that some setting of the run owns. */
const OWNED =
  /^\s*(server|pool|peer|sourcedir|allow|deny|local|makestep|rtcsync|log|bindcmdaddress|minsources)\b/i;

const BLOCK = /^# lfce: begin [\s\S]*?^# lfce: end [a-z_]+(\r?\n|$)/gm;

/** chrony on a Debian host that has a file of the corpus as its only configuration file. */
export const chronyService: EditedService<ChronySetting> = {
  name: "chrony",
  mainFile: debian.services.chrony.mainFile,
  files: () => corpusFiles("chrony"),
  settings: [...roleSettings].map(([name, desired]) => ({
    name,
    desired,
    apply: (files, version) => carryOut(desired, files, version),
    applyAlone: (files) => carryOut(withBothRoles(desired), files),
    undo: (files, version) => carryOut(absent(desired), files, version),
  })),
  deservedErrors: new Set(["chrony-line-too-long"]),
  reprint: (text) => print(parse(text)),
  withoutLfce: (text) => text.replace(BLOCK, "").replaceAll(SWITCHED_OFF_MARK, ""),
  blocks: (text) => text.match(BLOCK) ?? [],
  isOwned: (lines) => lines.split("\n").every((line) => OWNED.test(line)),
};

function carryOut(desired: DesiredChrony, files: HostFiles, version = "4.3"): Outcome {
  const before = Object.fromEntries(files);
  const plan = planChrony(desired, observe({ files: before, distro: debian, version }), debian);
  return {
    files: new Map(Object.entries(afterPlan(before, plan))),
    errors: [...new Set(plan.errors.map(({ code }) => code))],
    stagedMain: plan.staged?.files[plan.staged.stagedMain],
  };
}
