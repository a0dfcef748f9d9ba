/**
 * `npm run demo`: boots a throw-away lab (a time and log server, a Debian client, an EL-layout client) and runs
 * the main job on it from stock. `npm run demo -- --keep` leaves the lab running, to try things out.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import pc from "picocolors";

const root = join(import.meta.dirname, "..");
const keep = process.argv.includes("--keep");
const tsx = [process.execPath, "--import", "tsx"];
const lab = [...tsx, join(root, "test/lab/cli.ts")];
const lfce = [process.execPath, join(root, "dist/cli/main.js")];
const started = performance.now();

function run(argv: readonly string[]): number {
  const [program = "", ...rest] = argv;
  const { status, error } = spawnSync(program, rest, { cwd: root, stdio: "inherit" });
  if (error) process.stderr.write(`${error.message}\n`);
  return status ?? 1;
}

function title(text: string): void {
  process.stdout.write(`\n${pc.bold(pc.cyan(`▌ ${text}`))}\n`);
}

/** One command of the demonstration: shown as a person would type it, its exit code checked. */
function show(what: string, shown: string, argv: readonly string[], expected: number): void {
  title(what);
  process.stdout.write(`${pc.dim("$")} ${pc.bold(shown)}\n`);
  const code = run(argv);
  process.stdout.write(pc.dim(`exit code ${code}\n`));
  if (code !== expected) throw new Error(`${shown}: exit code ${code}, expected ${expected}`);
}

function inLab(...command: string[]): string[] {
  return [...lab, "exec", "--", ...command];
}

function demonstrate(): void {
  title("Building lfce, and booting three stock machines in a network of their own");
  if (run([...tsx, join(root, "scripts/build.ts")]) !== 0) throw new Error("the build failed");
  run([...lab, "down"]);
  if (run([...lab, "up"]) !== 0) throw new Error("the lab did not come up");
  const playbook = "playbooks/lab.yml";
  show("What would change", `lfce plan ${playbook}`, inLab(...lfce, "plan", playbook), 2);
  show("Change it, and prove it", `lfce apply ${playbook}`, inLab(...lfce, "apply", playbook), 0);
  show(
    "The clients' own word for it",
    "chronyc sources   (on db1)",
    [...lab, "exec", "db1", "--", "chronyc", "sources"],
    0,
  );
  show("The second run changes nothing", `lfce apply ${playbook}`, inLab(...lfce, "apply", playbook), 0);
}

let failed = false;
try {
  demonstrate();
} catch (error) {
  failed = true;
  process.stderr.write(
    `${pc.red("the demo failed")}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
} finally {
  if (keep && !failed) {
    title("The lab is still there");
    process.stdout.write(
      `npm run lab -- shell          a shell in its network: npx lfce drift playbooks/lab.yml\n` +
        `npm run lab -- shell web1     a root shell on a machine\nnpm run lab -- down           removes it\n`,
    );
  } else run([...lab, "down"]);
}
process.stdout.write(pc.dim(`\n${((performance.now() - started) / 1000).toFixed(0)} s\n`));
process.exitCode = failed ? 1 : 0;
