import type { Warning } from "../core/errors.ts";
import { processEnvironment, type SshEnvironment } from "../remote/ssh/environment.ts";
import { checkSshConfig } from "../remote/ssh/route.ts";
import { machineSshConfig } from "../remote/ssh/ssh-config/source.ts";

/** Options that say how ssh_config is read. */
export interface SshOptions {
  /** `-F`: the ssh_config to read in place of the user's and the system's. */
  sshConfig?: string;
}

/**
 * The machine that lfce runs on, with the ssh_config that ssh would read. Rejects with `ssh-config-…` when ssh
 * would refuse that file: one error then, before any host is contacted, in place of one a host.
 */
export async function sshEnvironment(
  options: SshOptions,
  tell: (warning: Warning) => void,
): Promise<SshEnvironment> {
  const sshConfig = machineSshConfig(process.env, options.sshConfig, tell);
  const environment = { ...processEnvironment(process.env), sshConfig };
  await checkSshConfig(environment);
  return environment;
}
