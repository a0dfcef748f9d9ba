import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { type Ended, endOfSsh, type Login, type Names, sshArguments } from "./both.ts";

/** Files of a home directory with their modes (600 when left out), and the system's ssh_config. */
export interface Home {
  files: Record<string, string | { text: string; mode: number }>;
  system?: string;
}

/**
 * Mounts a directory over the user's home and a file over /etc/ssh/ssh_config, for one command only: ssh takes the
 * home directory from passwd, whatever HOME says.
 */
const IN_HOME = 'mount --bind "$1" "$2" && mount --bind "$3" /etc/ssh/ssh_config && shift 3 && exec "$@"';

export function makeHome(directory: string, home: Home): string[] {
  const place = mkdtempSync(join(directory, "home-"));
  const files: Home["files"] = { ".ssh/known_hosts2": "", ...home.files };
  for (const [name, content] of Object.entries(files)) {
    const path = join(place, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, typeof content === "string" ? content : content.text);
    chmodSync(path, typeof content === "string" ? 0o600 : content.mode);
  }
  const system = `${place}-system`;
  writeFileSync(system, home.system ?? "", { mode: 0o644 });
  return ["-m", "sh", "-c", IN_HOME, "sh", place, userInfo().homedir, system];
}

export async function asSshAtHome(login: Login, home: readonly string[], names: Names): Promise<Ended> {
  const { out, err } = await run([...home, "ssh", ...sshArguments(login)], "");
  return endOfSsh(out, err, names);
}

export async function asLfceAtHome(login: Login, home: readonly string[], names: Names): Promise<Ended> {
  const child = join(import.meta.dirname, "login-child.ts");
  const command = [...home, process.execPath, "--import", "tsx", child];
  const { out, err } = await run(command, JSON.stringify({ login, names }));
  if (out === "") throw new Error(err);
  return JSON.parse(out) as Ended;
}

async function run(args: readonly string[], input: string): Promise<{ out: string; err: string }> {
  const { SSH_AUTH_SOCK: _own, ...env } = process.env;
  const child = spawn("unshare", args, { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err };
}
