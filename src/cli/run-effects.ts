import { randomUUID } from "node:crypto";
import { escapeControls } from "../core/byte-text.ts";
import type { Warning } from "../core/errors.ts";
import type { Connect } from "../core/host-session.ts";
import { createConnect } from "../remote/session.ts";
import type { SshEnvironment } from "../remote/ssh/environment.ts";
import type { RunEffects, UnstampedEvent } from "../run/effects.ts";
import { type GivenSecrets, gatherSecrets, type PasswordOptions, withGivenSecrets } from "./given-secrets.ts";
import { askHidden, hasTerminal } from "./hidden-prompt.ts";
import { hostMemories } from "./host-memory.ts";
import type { Project } from "./project.ts";
import { type SshOptions, sshEnvironment } from "./ssh-environment.ts";
import { stateDirectory } from "./state-directory.ts";
import { standardError } from "./terminal.ts";
import { wait } from "./wait.ts";

/** The machine that lfce runs on and what its user gave for this run: one of each, also for a run in two parts. */
export interface Access {
  environment: SshEnvironment;
  given: GivenSecrets;
}

/** Asks for what the run needs and nobody has given yet: passwords, passphrases. */
export async function askForAccess(
  project: Project,
  hosts: readonly string[],
  options: PasswordOptions & SshOptions,
  tell: (warning: Warning) => void,
): Promise<Access> {
  const machine = await sshEnvironment(options, tell);
  const connections = hosts.flatMap((host) => project.fleet.hosts.get(host)?.connection ?? []);
  const given = await gatherSecrets(options, connections, machine, process.env, askHidden, hasTerminal());
  return { environment: { ...machine, passphrase: (path) => given.passphrases.get(path) }, given };
}

/** The world, as the engine is handed it. */
export function runEffects(
  access: Access,
  signal: AbortSignal,
  emit: (event: UnstampedEvent) => void,
  options: { debug?: boolean; verbose?: boolean; stateDir?: string },
): RunEffects {
  const note = (text: string) => {
    if (options.verbose || options.debug) standardError.write(`${escapeControls(text)}\n`);
  };
  const memories = hostMemories(
    stateDirectory(options.stateDir, process.env),
    new Date().toISOString().slice(0, 10),
  );
  const open = createConnect(access.environment, note, memories.of);
  const connect: Connect = (settings, until) => open(withGivenSecrets(settings, access.given), until);
  connect.close = () => {
    open.close?.();
    memories.save();
  };
  return {
    connect,
    now: () => performance.now(),
    freshId: () => randomUUID(),
    wait,
    debug: (error) => {
      if (options.debug) standardError.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    },
    emit,
    signal,
  };
}
