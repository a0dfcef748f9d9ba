import { posix } from "node:path";
import { LfceError, type Warning } from "../../../core/errors.ts";
import type { ConfigStatement } from "./document.ts";
import { placeOf, positionOf } from "./lines.ts";

/** Whether a file is the user's own or the system's: an inventory that names it has not brought it along. */
export function isOwnConfig(path: string, home: string): boolean {
  const file = posix.normalize(path);
  return [posix.join(home, ".ssh"), "/etc/ssh"].some((directory) => file.startsWith(`${directory}/`));
}

/**
 * What is left of a file that comes with an inventory, which may say no more there than in its variables: nothing
 * runs as a command, and host keys are checked. Throws `ssh-config-unsupported` for a ProxyCommand.
 */
export function limitToInventory(
  statements: readonly ConfigStatement[],
  warn: (warning: Warning) => void,
): ConfigStatement[] {
  return statements.flatMap((statement): ConfigStatement[] => {
    if (statement.kind === "include") {
      return [{ kind: "include", files: statement.files.map((file) => limitToInventory(file, warn)) }];
    }
    if (statement.kind !== "set") return [statement];
    const { keyword, value, line } = statement;
    if (keyword === "proxycommand" && value !== "") {
      throw new LfceError({
        code: "ssh-config-unsupported",
        message:
          "an inventory names this file by -F, and nothing of an inventory runs as a command: ProxyCommand",
        hint: "use ProxyJump, or give the file yourself: lfce -F FILE",
        ...positionOf(line),
      });
    }
    if (!switchesCheckingOff(statement)) return [statement];
    warn({
      code: "ssh-config-unheeded",
      message: `${keyword === "stricthostkeychecking" ? "StrictHostKeyChecking no" : "UserKnownHostsFile without a file"} has no effect in a file that an inventory names: lfce always checks host keys (${placeOf(line)})`,
      hint: "take it away, and trust the keys once: lfce trust PLAYBOOK",
    });
    return [];
  });
}

function switchesCheckingOff({ keyword, value }: ConfigStatement & { kind: "set" }): boolean {
  if (keyword === "stricthostkeychecking") return value === "no";
  if (keyword !== "userknownhostsfile") return false;
  return (value as string[]).every((file) => posix.normalize(file) === "/dev/null");
}
