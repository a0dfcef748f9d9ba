import type { SshEnvironment } from "./environment.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { parseKnownHosts } from "./known-hosts.ts";

/** What is on record about host keys. */
export interface KnownHosts {
  /** The files that were looked into, whether they are there or not. */
  files: readonly string[];
  lines: readonly KnownHostLine[];
}

/** Reads known_hosts files in their order; one that is not there is empty. */
export async function readKnownHosts(
  files: readonly string[],
  environment: Pick<SshEnvironment, "readFile">,
): Promise<KnownHosts> {
  const lines: KnownHostLine[] = [];
  for (const file of files) {
    const bytes = await environment.readFile(file);
    if (bytes) lines.push(...parseKnownHosts(bytes.toString("latin1"), file));
  }
  return { files, lines };
}
