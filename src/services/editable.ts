import type { ObservedHost } from "../core/observed.ts";

/**
 * Whether a file is one that an administrator keeps: not made at run time, not a package's own. Of a
 * symbolic link the target decides.
 */
export function isEditable(path: string, observed: ObservedHost): boolean {
  const place = observed.files[path]?.target ?? path;
  if (/^\/(var\/)?run\//.test(place)) return false;
  return !place.startsWith("/usr/") || place.startsWith("/usr/local/");
}
