import { must } from "./processes.ts";
import type { Release } from "./recipes.ts";

/** The keys that Debian signs its archives with, from the package debian-archive-keyring. */
export const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * The sources for a Debian release on the mirrors that this machine's own apt uses. None if it uses no
 * Debian mirror: mmdebstrap then takes its default.
 */
export async function debianSources(release: Release): Promise<string[]> {
  const format = "$(LABEL)|$(REPO_URI)";
  const targets = await must(["apt-get", "indextargets", "--format", format, "Created-By: Packages"]);
  return sourcesFor(release, targets);
}

/** Makes the sources out of lines `LABEL|URI`, as the Release files of a mirror label their archives. */
export function sourcesFor(release: Release, targets: string): string[] {
  const mirrors = new Map<string, string>();
  for (const line of targets.split("\n")) {
    const [label, address] = line.split("|");
    if (label && address && !mirrors.has(label)) mirrors.set(label, address);
  }
  const debian = mirrors.get("Debian");
  const security = mirrors.get("Debian-Security");
  if (!debian) return [];
  const source = (address: string, suite: string) =>
    `deb [signed-by=${debianKeyring}] ${address} ${suite} main`;
  const sources = [source(debian, release)];
  return security ? [...sources, source(security, `${release}-security`)] : sources;
}

/** Those lines of `apt-config dump` that decide how this machine reaches and checks its mirrors. */
export function aptSettings(dump: string): string[] {
  return dump
    .split("\n")
    .filter(
      (line) => /^Acquire::(Check-Date|Check-Valid-Until|https?(::| "))/.test(line) && !/ "";$/.test(line),
    )
    .map((line) => line.replace(/;$/, ""));
}
