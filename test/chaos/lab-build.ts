import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Where the machines are told at which step to wait. It does not survive a power cut, and is not to. */
export const GATES = "/run/lfce-chaos";

const NO_STEP = "step() {\n  :\n}\n";
/** Waits at a step for which a file is there, and says so. */
const WAITING_STEP = `step() {
  [ -e "${GATES}/$1" ] || return 0
  : >"${GATES}/reached"
  while [ -e "${GATES}/$1" ]; do sleep 0.05 2>/dev/null || sleep 1; done
}
`;

/**
 * A copy of the built lfce whose scripts can be made to wait at any step; nothing else of it differs. It lies where
 * the packages that it needs are found. One a lab, so that two of them can stand side by side. Returns the program's path.
 */
export function makeLabBuild(lab: string): string {
  const copy = join(root, "node_modules/.cache", `lfce-chaos-${lab}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  const script = join(copy, "dist/cli/scripts/apply-report.sh");
  const source = readFileSync(script, "utf8");
  if (source.split(NO_STEP).length !== 2) throw new Error("apply-report.sh defines step() once, and empty");
  writeFileSync(
    script,
    source.replace(NO_STEP, () => WAITING_STEP),
  );
  return join(copy, "dist/cli/main.js");
}
