import type { DirectoryChange } from "../../../core/host-plan.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import type { Distro } from "../../../distros/distro.ts";
import type { RsyslogModel } from "../in-force/in-force-model.ts";
import { parameterOf } from "../syntax/statements.ts";
import { fixedDirectory } from "./file-tokens.ts";
import { directives } from "./listener.ts";
import type { StoreRule } from "./store-rules.ts";

/** The user that rsyslogd becomes after its start, as on Ubuntu; undefined: it stays root. */
export function unprivilegedUser(model: RsyslogModel): string | undefined {
  const legacy = directives(model, "privdroptouser").at(-1);
  if (legacy !== undefined) return legacy.split(/\s/)[0];
  for (const file of model.files) {
    for (const statement of model.parsed.get(file)?.statements ?? []) {
      if (statement.kind !== "object" || statement.name !== "global") continue;
      const user = parameterOf(statement, "privdrop.user.name");
      if (user !== undefined) return user;
    }
  }
  return undefined;
}

/**
 * The group that new log files get: the one that may read logs on this distribution. A daemon that is no
 * longer root cannot give files away, so there it is left to the daemon.
 */
export function logGroup(distro: Distro, model: RsyslogModel): string | undefined {
  return unprivilegedUser(model) !== undefined || distro.logGroup === "root" ? undefined : distro.logGroup;
}

/**
 * Directories for log files that are not there yet, each after the one that it is in, owned so that rsyslogd
 * can write into them.
 */
export function logDirectories(
  rules: readonly StoreRule[],
  observed: ObservedHost,
  distro: Distro,
  model: RsyslogModel,
): DirectoryChange[] {
  const wanted = new Map<string, DirectoryChange>();
  const user = unprivilegedUser(model);
  for (const { pieces, declared } of rules) {
    const path = fixedDirectory(pieces);
    const seen = observed.files[path]?.kind;
    if (path === "/" || path === "/var/log" || seen === "directory" || seen === "symlink") continue;
    const missing = directoriesAbove(path).filter((one) => observed.files[one]?.kind === "missing");
    for (const one of [...missing, path]) {
      if (wanted.has(one)) continue;
      wanted.set(one, {
        path: one,
        // Set-group-id: a daemon that is no longer root hands the group on to what it creates.
        mode: user === undefined ? "0750" : "2750",
        owner: user ?? declared.owner ?? distro.logOwner,
        group: declared.group ?? distro.logGroup,
        reason: "for received messages",
      });
    }
  }
  return [...wanted.values()];
}

/** `/a/b/c` → `/a`, `/a/b`. */
function directoriesAbove(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_name, index) => `/${names.slice(0, index + 1).join("/")}`);
}
