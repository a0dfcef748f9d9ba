import { displayText } from "../core/byte-text.ts";
import type { Backup, BackupReference, CommittedChange, CommittedFile } from "../core/committed-change.ts";
import { LfceError } from "../core/errors.ts";
import type { ServiceName } from "../core/host-plan.ts";
import { type Frame, parseFrames } from "./frames.ts";
import type { ScriptChannel } from "./run-script.ts";
import { loadScript } from "./scripts.ts";
import { STATE_DIRECTORY } from "./transaction-encode.ts";

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

export interface CommittedOptions {
  /** Other than /var/lib/lfce only in tests. */
  stateDirectory?: string;
}

/**
 * The committed changes that a host has kept, newest first, and of `wanted` what it still has. Changes nothing.
 * Rejects with an LfceError: committed-failed, garbled-output, or as RunScript does.
 */
export async function committedChanges(
  channel: ScriptChannel,
  wanted: readonly BackupReference[],
  options: CommittedOptions = {},
): Promise<{ changes: CommittedChange[]; backups: Backup[] }> {
  const lines = [
    `state ${options.stateDirectory ?? STATE_DIRECTORY}`,
    ...wanted.map(({ kind, id, number }) => `${kind} ${id} ${number}`),
    "end",
    "",
  ];
  const result = await channel.run(loadScript("frames", "committed"), {
    stdin: Buffer.from(lines.join("\n")),
    holdStdin: true,
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  if (result.code !== 0) {
    throw new LfceError({
      code: "committed-failed",
      message:
        `the committed changes of ${channel.host} could not be read: ${result.stderr.slice(-500)}`.trim(),
      hint: "look at /var/lib/lfce/transactions on the host",
      at: { host: channel.host, phase: "observe" },
    });
  }
  return parseCommitted(parseFrames(result.stdout));
}

/** Puts the answer of scripts/committed.sh together. */
export function parseCommitted(frames: readonly Frame[]): { changes: CommittedChange[]; backups: Backup[] } {
  const changes: CommittedChange[] = [];
  const backups: Backup[] = [];
  for (const [index, { key, value }] of frames.entries()) {
    const body = (offset: number, name: string): string[] => {
      const frame = frames[index + offset];
      return frame?.key === name ? displayText(frame.value).split("\n").filter(Boolean) : [];
    };
    if (key === "change") {
      changes.push({
        ...metaOf(value, body(1, "meta")),
        files: body(2, "files").flatMap(fileOf),
        units: body(3, "units").map((line) => {
          const [action = "", unit = ""] = line.split(" ");
          return { action, unit };
        }),
        unitsBefore: body(4, "units-before").map((line) => {
          const [active = "", enabled = "", , unit = ""] = line.split(" ");
          return { unit, active, enabled };
        }),
        created: body(5, "created"),
        services: body(6, "services") as ServiceName[],
      });
    } else if (key === "content") {
      const [kind = "", id = "", number = "", mode = "", owner = "", group = ""] = value.split(" ");
      const content = Buffer.from(frames[index + 1]?.value ?? "", "base64").toString("latin1");
      const rights = { mode: mode.padStart(4, "0"), owner, group };
      backups.push({ kind: kind as Backup["kind"], id, number: Number(number), content, ...rights });
    }
  }
  return { changes: changes.sort((one, other) => other.serial - one.serial), backups };
}

function metaOf(id: string, lines: readonly string[]) {
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const known = Object.fromEntries(
    (["who", "command", "run", "version"] as const).flatMap((key) =>
      all(key)
        .slice(0, 1)
        .map((text) => [key, text]),
    ),
  );
  const [madeAt] = all("made-at");
  return {
    id,
    serial: Number(all("serial")[0] ?? 0),
    playbook: all("playbook")[0] ?? "",
    ...(madeAt === undefined ? {} : { madeAt }),
    ...known,
    undoes: all("undoes"),
  };
}

/** `NUMBER write|remove BEFORE AFTER MODE OWNER GROUP PATH`, as apply-input.sh keeps it. */
function fileOf(line: string): CommittedFile[] {
  const match = /^(\d+) (?:write|remove) (\S+) (\S+) \S+ \S+ \S+ (\/.*)$/.exec(line);
  if (!match) return [];
  const [, number, before, after, path = ""] = match;
  const sum = (text = "") => (text === "absent" ? null : text);
  return [{ number: Number(number), path, before: sum(before), after: sum(after) }];
}
