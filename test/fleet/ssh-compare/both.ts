import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import { LfceError } from "../../../src/core/errors.ts";
import { realTools } from "../../../src/remote/ssh/attempts.ts";
import { createConnector } from "../../../src/remote/ssh/connect.ts";
import { processEnvironment } from "../../../src/remote/ssh/environment.ts";
import { machineSshConfig } from "../../../src/remote/ssh/ssh-config/source.ts";

/** How a login ended: as whom, by which key and from which address, as the target's sshd says; or why not. */
export type Outcome =
  | `${string} by ${string} from ${string}`
  | "host key"
  | "denied"
  | "configuration"
  | "other";

export interface Ended {
  outcome: Outcome;
  /** What was said about it, for people. */
  said: string;
}

export interface Login {
  /** ssh's first argument, the inventory's ansible_host. */
  host: string;
  /** `-F`; without it the files of the home directory and the system. */
  config?: string;
  agent?: string | undefined;
  /** The same, as ssh's arguments and as the inventory's settings. */
  arguments?: readonly string[];
  settings?: Partial<ConnectionSettings>;
}

/** Names for what sshd tells: its keys and the addresses that logins come from. */
export interface Names {
  keys: Record<string, string>;
  places: Record<string, string>;
}

/** sshd writes into $SSH_USER_AUTH what let the user in (ExposeAuthInfo). */
const COMMAND = 'id -un; cat "$SSH_USER_AUTH"; echo "$SSH_CONNECTION"';

/** What `ssh -o BatchMode=yes` makes of it. */
export async function asSsh(login: Login, names: Names): Promise<Ended> {
  const { SSH_AUTH_SOCK: _own, ...variables } = process.env;
  const env = { ...variables, ...(login.agent ? { SSH_AUTH_SOCK: login.agent } : {}) };
  const child = spawn("ssh", sshArguments(login), { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return endOfSsh(out, said, names);
}

export function sshArguments(login: Login): string[] {
  const file = login.config === undefined ? [] : ["-F", login.config];
  const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", ...file, ...(login.arguments ?? [])];
  return [...options, "--", login.host, COMMAND];
}

export function endOfSsh(out: string, said: string, names: Names): Ended {
  if (out !== "") return { outcome: loggedIn(out, names), said };
  if (/Host key verification failed|host key .*revoked|no matching host key type/i.test(said))
    return { outcome: "host key", said };
  if (/Permission denied|Too many authentication failures/.test(said)) return { outcome: "denied", said };
  const refused = /configuration option|jumphost loop|Bad owner|Bad Match/.test(said);
  return { outcome: refused ? "configuration" : "other", said };
}

/** What lfce makes of it. */
export async function asLfce(login: Login, names: Names): Promise<Ended> {
  const { SSH_AUTH_SOCK: _own, ...variables } = process.env;
  const environment = {
    ...processEnvironment({ ...variables, ...(login.agent ? { SSH_AUTH_SOCK: login.agent } : {}) }),
    sshConfig: machineSshConfig(variables, login.config, () => {}),
  };
  const connector = createConnector(environment, { ...realTools, wait: async () => {} });
  const settings = { host: "inventory-name", address: login.host, become: false, ...login.settings };
  try {
    const transport = await connector.connect(settings, new AbortController().signal);
    try {
      const { stdin, stdout, stderr } = await transport.exec(COMMAND);
      stdin.end();
      stderr.resume();
      return { outcome: loggedIn(await text(stdout), names), said: "" };
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof LfceError)) throw error;
    const said = `${error.code}: ${error.message}`;
    if (error.code.startsWith("host-key-")) return { outcome: "host key", said };
    if (error.code === "authentication-failed" || error.code === "too-many-keys")
      return { outcome: "denied", said };
    if (/^(ssh-config|proxy-jump)-/.test(error.code)) return { outcome: "configuration", said };
    return { outcome: "other", said };
  } finally {
    connector.close();
  }
}

function loggedIn(output: string, { keys, places }: Names): Outcome {
  const [user = "", authenticated = "", connection = ""] = output.trim().split("\n");
  const [method, , key = ""] = authenticated.split(" ");
  const from = connection.split(" ")[0] ?? "";
  const by = method === "publickey" ? (keys[key] ?? key) : authenticated;
  return `${user} by ${by} from ${places[from] ?? "here"}`;
}
