import { dirname } from "node:path/posix";
import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { FileChange, ServicePlan } from "../core/host-plan.ts";
import type { ObservedFile, ObservedHost } from "../core/observed.ts";

/** Where lfce keeps its backups, and where its unit for the next boot lies. */
export const OWN_PLACES = ["/var/lib", "/etc/systemd/system"];

/** What a transaction needs besides the files themselves, in KiB: its lists, its recovery script. */
const OWN_NEED = 256;

const ORDINARY = "make it an ordinary file with one name, or take it out of the playbook's reach";

/**
 * What apply would refuse on this host, as far as it shows before: targets that are no ordinary files, places that
 * cannot be written to or have no room for stage files and backups. apply itself looks again.
 */
export function refusals(services: readonly ServicePlan[], observed: ObservedHost): LfceErrorData[] {
  return refusedPlaces(services, observed).map(({ error }) => error);
}

/** The same, each with the file or directory that it is about. */
export function refusedPlaces(services: readonly ServicePlan[], observed: ObservedHost): Refusal[] {
  const files = services.flatMap((service) => service.files);
  if (files.length === 0) return [];
  return [
    ...files.flatMap(({ path }) => {
      const error = targetRefusal(path, observed.files[path], observed);
      return error ? [{ path, error }] : [];
    }),
    ...placeRefusals(files, observed),
  ];
}

function targetRefusal(
  path: string,
  seen: ObservedFile | undefined,
  observed: ObservedHost,
): LfceErrorData | undefined {
  if (!seen) return undefined;
  const refuse = (why: string) => errorData("target-refused", `${path} ${why}`, ORDINARY);
  if (seen.kind === "directory") return refuse("is a directory");
  if (seen.kind === "other") return refuse("is a device, a pipe or a socket");
  // Without metadata a link leads nowhere; with metadata and without content, to something that is no file.
  if (seen.kind === "symlink" && seen.mode === undefined) {
    return refuse("is a symbolic link to something that does not exist");
  }
  if (seen.kind === "symlink" && seen.content === undefined)
    return refuse("leads to something that is not a file");
  // The backup of a change that was cut off is a hard link; it goes when that change is put back.
  if ((seen.links ?? 1) > 1 && !observed.openTransaction) {
    return refuse("has several hard links; which of them lfce should leave behind is not its to decide");
  }
  return undefined;
}

interface Refusal {
  path: string;
  error: LfceErrorData;
}

function placeRefusals(files: readonly FileChange[], observed: ObservedHost): Refusal[] {
  return (observed.places ?? []).flatMap((place) => {
    const isOwn = OWN_PLACES.includes(place.path);
    const here = files.filter(({ path }) => dirname(path) === place.path);
    if (!isOwn && here.length === 0) return [];
    const stage = here.reduce((sum, { after }) => sum + (after?.length ?? 0), 0);
    const backups = isOwn ? files.reduce((sum, { before }) => sum + (before?.content.length ?? 0), 0) : 0;
    const need = Math.ceil((stage + backups) / 1024) + (isOwn ? OWN_NEED : 0);
    if (!place.writable) {
      const error = errorData(
        "read-only",
        `${place.path} cannot be written to: its file system is read-only`,
        "remount it writable, or have whoever made it so make this change",
      );
      return [{ path: place.path, error }];
    }
    if (place.availableKiB !== undefined && place.availableKiB < need) {
      const error = errorData(
        "disk-full",
        `${place.path} has ${place.availableKiB} KiB left; stage files and backups of this change need ${need} KiB`,
        "free some space on that file system (df -h), then run lfce again",
      );
      return [{ path: place.path, error }];
    }
    return [];
  });
}
