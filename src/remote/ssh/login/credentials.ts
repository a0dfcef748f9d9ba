import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { escapeControls } from "../../../core/byte-text.ts";
import { LfceError } from "../../../core/errors.ts";
import type { Secret } from "../../../core/secrets.ts";
import { type PasswordGate, passwordGate } from "../../password-gate.ts";
import type { SshEnvironment } from "../environment.ts";
import type { LoginRules } from "../hop.ts";
import { fingerprint } from "../host-keys/host-key.ts";
import { acceptedKeyTypes } from "../host-keys/host-key-algorithms.ts";
import { type AgentKey, listAgentKeys } from "./agent.ts";
import { readKeyFile } from "./key-files.ts";

/** A key to offer, and what messages call it. `agentSocket`: the agent that signs, where the key itself is not here. */
export interface OfferedKey {
  key: ParsedKey;
  label: string;
  agentSocket?: string;
}

/** What one machine is offered, and what is told when that was not enough. */
export interface Credentials {
  /** In the order in which ssh(1) would offer them. */
  keys: OfferedKey[];
  /** Answers the methods `password` and `keyboard-interactive`. */
  password?: { value: Secret; gate: PasswordGate };
  /** What was found and cannot be used, with the reason, for the message when authentication fails. */
  unusable: string[];
}

/** What of a hop decides what is offered to it. */
export type CredentialRules = Pick<
  LoginRules,
  | "identityFiles"
  | "identityRequired"
  | "identitiesOnly"
  | "certificateFiles"
  | "agentSocket"
  | "password"
  | "publicKeyAlgorithms"
> & { user: string };

/**
 * What to log in with. The order is ssh's own (pubkey_prepare in sshconnect2.c): keys of the agent that are
 * among the identity files, the agent's other keys, identity files that the agent does not have. Rejects
 * (key-file-missing, key-file-unreadable, key-file-encrypted, key-file-wrong-passphrase,
 * key-file-open-to-others) when a file that the inventory names cannot be used, by the agent neither.
 */
export async function collectCredentials(
  rules: CredentialRules,
  environment: SshEnvironment,
): Promise<Credentials> {
  const unusable: string[] = [];
  const files = await Promise.all(rules.identityFiles.map((path) => readKeyFile(path, environment)));
  const agent = await agentKeys(rules.agentSocket, environment, unusable);
  const isNamed = (key: AgentKey) => files.some((file) => file.publicKey?.equals(key.publicKey));
  const [named, others] = [agent.filter(isNamed), agent.filter((key) => !isNamed(key))];
  if (!rules.identitiesOnly && !rules.identityRequired) named.push(...others);
  const keys = named.flatMap((key) => offerOfAgent(key, rules.agentSocket, unusable));
  const offered = new Set(keys.map(({ key }) => key.getPublicSSH().toString("latin1")));

  for (const file of files) {
    if (file.certificate) unusable.push(notForCertificates(file.certificate));
    if (file.publicKey && offered.has(file.publicKey.toString("latin1"))) continue;
    if (file.key) keys.push({ key: file.key, label: `${file.path} ${described(file.key)}` });
    else if (rules.identityRequired) throw file.problem ?? missingKey(file.path);
    else if (file.problem) unusable.push(`${file.problem.message} (${file.problem.hint})`);
  }
  for (const path of rules.certificateFiles) unusable.push(notForCertificates(path));
  const { password } = rules;
  const types = acceptedKeyTypes(rules.publicKeyAlgorithms);
  return {
    keys: rules.publicKeyAlgorithms === undefined ? keys : keys.filter(({ key }) => types.has(key.type)),
    ...(password
      ? { password: { value: password, gate: passwordGate(environment, rules.user, password) } }
      : {}),
    unusable: [...new Set(unusable)],
  };
}

/** What agents have answered, as long as the environment lives, which is a run: all hosts of a fleet ask the same. */
const agentsAsked = new WeakMap<SshEnvironment, Map<string, Promise<AgentKey[]>>>();

async function agentKeys(
  socket: string | undefined,
  environment: SshEnvironment,
  unusable: string[],
): Promise<AgentKey[]> {
  if (socket === undefined) return [];
  const asked = agentsAsked.get(environment) ?? new Map<string, Promise<AgentKey[]>>();
  agentsAsked.set(environment, asked);
  const answer = asked.get(socket) ?? listAgentKeys(socket);
  asked.set(socket, answer);
  try {
    return await answer;
  } catch (error) {
    // ssh goes on without an agent that is gone, too.
    unusable.push(`ssh-agent (${socket}) failed: ${(error as Error).message}`);
    return [];
  }
}

/** Certificates and security keys are of types that ssh2 does not know; it could neither offer nor sign with them. */
function offerOfAgent(agentKey: AgentKey, agentSocket = "", unusable: string[]): OfferedKey[] {
  const { type, publicKey } = agentKey;
  const comment = escapeControls(agentKey.comment).slice(0, 100);
  const parsed = ssh2.utils.parseKey(publicKey) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key && !(key instanceof Error)) {
    return [{ key, label: `${comment} ${described(key)} from ssh-agent`.trim(), agentSocket }];
  }
  const name = `${escapeControls(type)} "${comment}" in ssh-agent`;
  unusable.push(
    type.includes("-cert-")
      ? notForCertificates(name)
      : `the key ${name} is of a type that lfce cannot use${type.startsWith("sk-") ? ": only ssh itself can ask a security key" : ""}`,
  );
  return [];
}

function described(key: ParsedKey): string {
  return `(${key.type} ${fingerprint(key.getPublicSSH())})`;
}

function notForCertificates(name: string): string {
  return `the certificate ${name} was not offered: lfce logs in by plain keys and passwords, not by user certificates`;
}

function missingKey(path: string): LfceError {
  return new LfceError({
    code: "key-file-missing",
    message: `there is no private key file ${path}`,
    hint: "correct ansible_ssh_private_key_file, or leave it out to use ssh-agent and ~/.ssh/id_*",
  });
}
