import { debian } from "./debian.ts";
import type { Distro } from "./distro.ts";
import { el } from "./el.ts";
import { suse } from "./suse.ts";

/** Every family that lfce knows; a new distribution is one file and one entry here. */
export const distros: readonly Distro[] = [debian, el, suse];

/**
 * Finds the family by os-release(5): ID first, then each word of ID_LIKE.
 * Undefined when no family fits.
 */
export function recogniseDistro(osRelease: Record<string, string>): Distro | undefined {
  const ids = [osRelease.ID ?? "", ...(osRelease.ID_LIKE ?? "").split(/\s+/)].filter((id) => id !== "");
  for (const id of ids) {
    const found = distros.find((distro) => distro.ids.includes(id));
    if (found) return found;
  }
  return undefined;
}
