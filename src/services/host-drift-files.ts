import type { ObservedHost } from "../core/observed.ts";
import { isEditable } from "./editable.ts";
import type { LocatedFinding } from "./host-drift.ts";

/** What is declared of a file's metadata; what is left out goes by the baseline of configuration files. */
export interface DeclaredMetadata {
  /** Octal permission bits, e.g. `0640`. */
  mode?: string;
  owner?: string;
  group?: string;
}

/** Permission bits by which a file's group and all others may write to it. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Mode, owner and writability of configuration files. The baseline where nothing is declared is one of security, not
 * of taste: the daemons start as root and read whatever is there, so the file must be root's and nobody else's to
 * write. Fewer permissions than the distribution gives are no drift.
 */
export function fileFindings(
  paths: readonly string[],
  observed: ObservedHost,
  declared: (path: string) => DeclaredMetadata = () => ({}),
): LocatedFinding[] {
  return paths
    .filter((path) => isEditable(path, observed))
    .flatMap((path) => metadataFindings(path, observed, declared(path)));
}

function metadataFindings(
  path: string,
  observed: ObservedHost,
  declared: DeclaredMetadata,
): LocatedFinding[] {
  const file = observed.files[path];
  if (!file) return [];
  const findings: LocatedFinding[] = [];
  const tell = (code: string, message: string, detail: string) =>
    findings.push({ code, item: path, message, detail, covers: [] });
  const { mode, owner, group } = file;
  if (mode !== undefined && declared.mode !== undefined && bits(mode) !== bits(declared.mode)) {
    tell("file-mode", `${path} has mode ${mode}, not ${declared.mode}`, `chmod ${declared.mode} ${path}`);
  } else if (
    mode !== undefined &&
    declared.mode === undefined &&
    (bits(mode) & WRITABLE_BY_OTHERS & ~harmless(group)) !== 0
  ) {
    tell("file-mode", `others than its owner may write to ${path} (mode ${mode})`, `chmod go-w ${path}`);
  }
  const wanted = { owner: declared.owner ?? "root", group: declared.group };
  if (owner !== undefined && owner !== wanted.owner) {
    tell(
      "file-owner",
      `${path} belongs to ${owner}, not to ${wanted.owner}`,
      `chown ${wanted.owner} ${path}`,
    );
  } else if (group !== undefined && wanted.group !== undefined && group !== wanted.group) {
    tell("file-owner", `${path} has group ${group}, not ${wanted.group}`, `chgrp ${wanted.group} ${path}`);
  }
  if (file.writable === false && isWritablePlace(path, observed)) {
    tell("file-immutable", `not even root can write to ${path}`, `lsattr ${path}; chattr -i ${path}`);
  }
  return findings;
}

/** Root's own group is root. */
function harmless(group: string | undefined): number {
  return group === "root" ? 0o020 : 0;
}

function bits(mode: string): number {
  return Number.parseInt(mode, 8);
}

/** A file system that is read-only as a whole is how some hosts are meant to be. */
function isWritablePlace(path: string, { places = [] }: ObservedHost): boolean {
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  return places.find((place) => place.path === directory)?.writable !== false;
}
