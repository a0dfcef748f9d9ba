/** Builds dist/: compiled sources, the remote scripts beside them, and an executable bin. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
cpSync(join(root, "src/remote/scripts"), join(root, "dist/remote/scripts"), { recursive: true });
chmodSync(join(root, "dist/cli/main.js"), 0o755);
