import { readFileSync } from "node:fs";

/** A static POSIX shell script, as the host's sh gets it. Nothing of a playbook is ever part of it. */
export interface RemoteScript {
  /** For messages: the name of the last part. */
  name: string;
  source: string;
}

/**
 * Reads `scripts/NAME.sh` beside this file (the build copies them beside its own); with several names, the
 * files one after the other, so that scripts can share functions: `loadScript("frames", "observe")`.
 * Throws when a file is missing or is not plain ASCII: both are faults of the package.
 */
export function loadScript(...names: [string, ...string[]]): RemoteScript {
  const parts = names.map((name) => {
    const text = readFileSync(new URL(`./scripts/${name}.sh`, import.meta.url), "latin1");
    if (/[^\t\n\x20-\x7e]/.test(text)) throw new Error(`scripts/${name}.sh holds bytes outside plain ASCII`);
    return text.endsWith("\n") ? text : `${text}\n`;
  });
  return { name: names[names.length - 1] as string, source: parts.join("") };
}
