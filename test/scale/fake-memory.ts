import type { HostMemories } from "../../src/cli/host-memory.ts";
import type { HostMemory, RememberedLook } from "../../src/remote/observe-memory.ts";

const unit = { enabled: "enabled", started: "Mon 2026-11-23 13:00:00.123456 UTC", monotonic: "36816075113" };

/** What a host with both daemons is remembered by, with the stamp of one boot. */
function look(stamp: string): RememberedLook {
  return {
    question: "0123456789abcdef",
    includes: ["/etc/chrony/site/*.conf"],
    units: {
      stamp,
      units: [
        { ...unit, unit: "chrony" },
        { ...unit, unit: "rsyslog" },
      ],
    },
  };
}

/** As after a run in which every host was quiet. */
export function rememberAll(memories: HostMemories, hosts: Iterable<string>): void {
  for (const host of hosts) {
    memories.of(host).programs.learn([
      { name: "chronyd", size: 390_000, mtime: "1670000000.000000000", version: "4.3" },
      { name: "rsyslogd", size: 780_000, mtime: "1670000000.000000000", version: "8.2302.0" },
    ]);
    memories.of(host).looks.learn(look("a".repeat(64)));
  }
  memories.save();
}

/** What a look does with it, at a host that was booted since. Throws where nothing is remembered. */
export function lookAtRemembered({ programs, looks }: HostMemory): void {
  const known = looks.of(look("").question);
  if (!known || programs.known().length !== 2) throw new Error("the host is not remembered");
  looks.learn(look("b".repeat(64)));
}
