import { displayText } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { PackageManager } from "../core/host-session.ts";
import { parseFrames } from "./frames.ts";
import type { ScriptChannel } from "./run-script.ts";
import { loadScript } from "./scripts.ts";

/** A mirror may be slow, and another package manager may be at work first. */
const INSTALL_TIMEOUT_MS = 15 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024;

const PACKAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;

/** What scripts/install.sh reads on its stdin. Throws an LfceError `bad-package-name`. */
export function encodeInstall(packageManager: PackageManager, packages: readonly string[]): Buffer {
  for (const name of packages) {
    if (!PACKAGE_NAME.test(name) || name === "go") {
      throw new LfceError({
        code: "bad-package-name",
        message: `${JSON.stringify(name)} is not the name of a package`,
        hint: "report it: lfce itself knows what packages are called",
      });
    }
  }
  return Buffer.from([packageManager, ...packages, "go", ""].join("\n"), "ascii");
}

/**
 * Installs packages; nothing happens to those that are installed already. Resolves with the end of the package
 * manager's output, safe to show. Rejects with an LfceError `install-failed` that holds it, or as RunScript does.
 */
export async function installPackages(
  channel: ScriptChannel,
  packageManager: PackageManager,
  packages: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const result = await channel.run(loadScript("frames", "install"), {
    stdin: encodeInstall(packageManager, packages),
    timeoutMs: INSTALL_TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    ...(signal ? { signal } : {}),
  });
  const frames = parseFrames(result.stdout);
  const value = (key: string) => frames.find((frame) => frame.key === key)?.value ?? "";
  const output = displayText(value("output")).trim();
  if (value("result") === "ok") return output;
  throw new LfceError({
    code: "install-failed",
    message: `${packageManager} could not install ${packages.join(", ")}:\n${output}`,
    hint: `install it on the host yourself (${packageManager} install ${packages.join(" ")}), then run lfce again`,
    at: { host: channel.host, phase: "install" },
  });
}
