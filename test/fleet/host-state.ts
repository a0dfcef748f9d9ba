import type { Lab } from "../lab/lab.ts";

/** Every file that lfce could touch on a machine: its checksum, inode and modification time. */
export async function snapshot(lab: Lab, machine: string): Promise<Map<string, string>> {
  const { stdout } = await lab.run(machine, [
    "sh",
    "-c",
    "find /etc /var/lib/lfce /var/spool/rsyslog /var/lib/rsyslog -xdev ! -name imjournal.state -type f " +
      "-printf '%i %T@ %m %u:%g ' -exec sha256sum {} \\; 2>/dev/null; true",
  ]);
  return new Map(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [state = "", path = ""] = line.split("  ");
        return [path, state];
      }),
  );
}

/** Paths in which two snapshots differ. */
export function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}

/** When each unit's main process was started, as systemd tells it; a restart changes it. */
export async function startTimes(lab: Lab, machine: string, units: readonly string[]): Promise<string> {
  const { stdout } = await lab.run(machine, [
    "systemctl",
    "show",
    "--property=Id,MainPID,ExecMainStartTimestampMonotonic",
    ...units,
  ]);
  return stdout;
}

/** The content of a file on a machine, one character a byte. */
export async function contentOf(lab: Lab, machine: string, path: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(machine, ["base64", "-w0", path]);
  if (code !== 0) throw new Error(`${machine}: ${path}: ${stderr}`);
  return Buffer.from(stdout, "base64").toString("latin1");
}

/** What is left of a file when lfce's blocks and marks are taken out of it by hand. */
export function withoutLfce(content: string): string {
  return content
    .replace(/^# lfce: begin (.*?),[^\n]*\n[\s\S]*?^# lfce: end \1\n/gm, "")
    .replace(/^#lfce# /gm, "");
}
