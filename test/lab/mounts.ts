import { readFileSync } from "node:fs";
import { labError } from "./errors.ts";
import { must, run } from "./processes.ts";

type Mount = { readonly type: string; readonly target: string; readonly options: string };

/** The mounts of this box, as proc_pid_mounts(5) lists them. */
export function mounts(): Mount[] {
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n").filter(Boolean);
  return lines.map((line) => {
    const [, target = "", type = "", options = ""] = line.split(" ");
    // Blanks and backslashes are written in octal.
    const unescaped = target.replace(/\\([0-7]{3})/g, (_, digits) =>
      String.fromCharCode(parseInt(digits, 8)),
    );
    return { type, target: unescaped, options };
  });
}

/** The mount points at or below a directory, the deepest first. */
export function mountsBelow(directory: string): string[] {
  const targets = mounts().map((mount) => mount.target);
  return targets.filter((target) => target === directory || target.startsWith(`${directory}/`)).reverse();
}

/** The directories right below `parent` that are layers of a mounted overlay. */
export function usedDirectories(parent: string): string[] {
  const overlays = mounts().filter((mount) => mount.type === "overlay");
  const layers = overlays.flatMap((mount) => mount.options.split(/[,:=]/));
  return layers.filter((path) => path.startsWith(`${parent}/`));
}

/** Mounts an overlay: `lower` has the lowest layer first. */
export async function mountOverlay(
  lower: readonly string[],
  directories: { readonly upper: string; readonly work: string; readonly root: string },
): Promise<void> {
  const { upper, work, root } = directories;
  // Plain copies only: a layer must make sense without the features that point into the layers below.
  const features = "redirect_dir=off,metacopy=off,index=off";
  const options = `lowerdir=${[...lower].reverse().join(":")},upperdir=${upper},workdir=${work},${features}`;
  const result = await run(["mount", "-t", "overlay", "overlay", "-o", options, root]);
  if (result.code !== 0)
    throw labError(
      `could not mount an overlay on ${root}: ${result.stderr.trim()}`,
      "Where these directories lie on an overlay themselves, set LFCE_LAB_STATE and LFCE_LAB_CACHE to places on a disk or a tmpfs.",
    );
}

/** Takes away every mount at or below a directory; lazily, if something still holds one. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const target of mountsBelow(directory)) {
    const result = await run(["umount", target]);
    if (result.code !== 0) await must(["umount", "--lazy", target]);
  }
}
