import type { ConnectionSettings, SshOption } from "../core/connection.ts";
import { errorData, LfceError, type Position, type Warning } from "../core/errors.ts";
import { secret } from "../core/secrets.ts";
import { sshKeyword } from "../core/ssh-keywords.ts";
import { isAddress, isHostName } from "./address.ts";
import { shown } from "./schema-words.ts";
import { parseSshArguments, resolvePath } from "./ssh-arguments.ts";
import { type Scope, substitute } from "./template.ts";

/** What the connection of one host is worked out from. */
export interface ConnectionContext {
  host: string;
  /** The host's variables. */
  scope: Scope;
  home: string;
  /** Only where the command line says it. */
  connectTimeoutMs?: number;
  /** Directory that relative paths start at. */
  directory: string;
  warn(warning: Warning): void;
}

/**
 * The address at which other hosts reach this one: `service_address`, else `ansible_host`, else the name.
 * Throws `LfceError` when it cannot be evaluated or is neither an address nor a name.
 */
export function evaluateServiceAddress(context: ConnectionContext): string {
  const given = textOf(context, "service_address") ?? textOf(context, "ansible_host", "ansible_ssh_host");
  const address = given?.value ?? context.host;
  if (isAddress(address) || isHostName(address)) return address;
  const name = given?.name ?? "the host's name";
  const message = `${name} of ${context.host} is neither an address nor a host name: ${shown(address)}`;
  const hint = `set service_address of ${context.host} to the address at which other hosts reach it`;
  throw new LfceError(errorData("inventory.value", message, hint, given?.at()));
}

/** How lfce reaches a host. Throws `LfceError` for what is not supported or cannot be evaluated. */
export function evaluateConnection(context: ConnectionContext): ConnectionSettings {
  refuseUnsupported(context);
  const key = textOf(context, "ansible_ssh_private_key_file", "ansible_private_key_file");
  const password = textOf(context, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password");
  const become = textOf(context, "ansible_become_password", "ansible_become_pass");
  const port = portOf(context);
  const user = textOf(context, "ansible_user", "ansible_ssh_user");
  return {
    host: context.host,
    address: textOf(context, "ansible_host", "ansible_ssh_host")?.value ?? context.host,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user: user.value }),
    ...(key === undefined ? {} : { privateKeyFile: pathOf(context, key) }),
    ...sshArguments(context),
    ...(password === undefined ? {} : { password: secret(password.value) }),
    become: booleanOf(context, "ansible_become"),
    ...becomeMethod(context),
    ...(become === undefined ? {} : { becomePassword: secret(become.value) }),
    ...(context.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: context.connectTimeoutMs }),
  };
}

interface Given<T> {
  name: string;
  value: T;
  /** Where it was given; searched for in the file, so asked only by what tells it. */
  at(): Position | undefined;
}

/** The first of the given spellings that is set, evaluated; an empty value counts as not set. */
function evaluated(context: ConnectionContext, ...names: string[]): Given<unknown> | undefined {
  const name = names.find((candidate) => context.scope.has(candidate));
  if (name === undefined) return undefined;
  const at = () => context.scope.origin(name);
  const value = substitute(`{{ ${name} }}`, context.scope);
  return value === null || value === "" ? undefined : { name, value, at };
}

function refuse(context: ConnectionContext, given: Given<unknown>, problem: string, hint: string): never {
  const message = `${given.name} of ${context.host} ${problem}`;
  throw new LfceError(errorData("inventory.value", message, hint, given.at()));
}

function textOf(context: ConnectionContext, ...names: string[]): Given<string> | undefined {
  const given = evaluated(context, ...names);
  if (given === undefined) return undefined;
  if (typeof given.value !== "string" && typeof given.value !== "number") {
    refuse(context, given, `must be a text, not ${shown(given.value)}`, "put it in quotes");
  }
  const value = String(given.value);
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    refuse(context, given, "has a line break or control character in it", "write it on one line");
  }
  return { ...given, value };
}

function portOf(context: ConnectionContext): number | undefined {
  const given = evaluated(context, "ansible_port", "ansible_ssh_port");
  if (given === undefined) return undefined;
  const port = /^[0-9]+$/.test(String(given.value)) ? Number(given.value) : Number.NaN;
  if (port >= 1 && port <= 65535) return port;
  return refuse(
    context,
    given,
    `must be a port from 1 to 65535, not ${shown(given.value)}`,
    "for example 22",
  );
}

/** Ansible takes yes, on, 1 and their like, in quotes too. */
function booleanOf(context: ConnectionContext, name: string): boolean {
  const given = evaluated(context, name);
  if (given === undefined) return false;
  const text = String(given.value).toLowerCase();
  if (["true", "yes", "on", "1", "y", "t"].includes(text)) return true;
  if (["false", "no", "off", "0", "n", "f"].includes(text)) return false;
  return refuse(context, given, `must be true or false, not ${shown(given.value)}`, "write true or false");
}

function refuseUnsupported(context: ConnectionContext): void {
  const user = textOf(context, "ansible_become_user");
  if (user && user.value !== "root") {
    refuse(context, user, `is ${user.value}, but only root can change these services`, "use root");
  }
  const connection = textOf(context, "ansible_connection");
  if (connection && !["ssh", "smart"].includes(connection.value)) {
    refuse(context, connection, `is ${connection.value}; lfce reaches hosts by ssh only`, "use ssh");
  }
}

function becomeMethod(context: ConnectionContext): Pick<ConnectionSettings, "becomeMethod"> {
  const method = textOf(context, "ansible_become_method");
  if (method === undefined || method.value === "sudo") return {};
  if (method.value === "doas") return { becomeMethod: "doas" };
  // su's prompt cannot be chosen, so that a password for it might answer any other question.
  return refuse(context, method, `is ${shown(method.value)}, which lfce does not use`, "use sudo or doas");
}

/** Keywords of which the value is a file beside the inventory. */
const FILE_KEYWORDS = new Set(["identityfile", "certificatefile"]);

type SshSettings = Pick<ConnectionSettings, "proxyJump" | "knownHostsFiles" | "sshOptions" | "sshConfigFile">;

/** What is given first counts, as for ssh, which Ansible hands the variables in this order. */
function sshArguments(context: ConnectionContext): SshSettings {
  const result: SshSettings = {};
  const options: SshOption[] = [];
  for (const name of ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"]) {
    const given = textOf(context, name);
    if (given === undefined) continue;
    const path = (value: string): string => pathOf(context, { ...given, value });
    const parsed = parseSshArguments(given.value);
    for (const { argument, reason } of parsed.ignored) {
      const message = `${argument} in ${name} is ignored: ${reason}`;
      const hint = "docs/ssh.md lists what lfce obeys of ssh's options";
      context.warn({ code: "inventory.ssh-argument", message, hint, at: given.at() });
    }
    for (const { argument, reason } of parsed.refused) {
      refuse(
        context,
        given,
        `holds ${argument}: ${reason}`,
        "use ProxyJump, or put the ProxyCommand into a Host block of ~/.ssh/config",
      );
    }
    if (parsed.proxyJump) result.proxyJump ??= parsed.proxyJump;
    if (parsed.knownHostsFiles) result.knownHostsFiles ??= parsed.knownHostsFiles.map(path);
    if (parsed.configFile !== undefined) {
      result.sshConfigFile ??= parsed.configFile === "none" ? "none" : path(parsed.configFile);
    }
    for (const { keyword, value } of parsed.options) {
      const isFile = FILE_KEYWORDS.has(sshKeyword(keyword)) && value !== "none";
      options.push({ option: `${keyword} ${isFile ? quoted(path(value)) : value}`, from: name });
    }
  }
  return options.length === 0 ? result : { ...result, sshOptions: options };
}

/** As one word of ssh_config. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** What the command line gives starts at the working directory; everything else beside the inventory. */
function pathOf(context: ConnectionContext, given: Given<string>): string {
  return resolvePath(given.value, context.home, given.at() === undefined ? "" : context.directory);
}
