import { type Command, InvalidArgumentError, Option } from "commander";

/** A whole number from 1. */
export function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return number;
}

/** `10`, `10s`, `1m`, `500ms` in seconds. */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (!match) throw new InvalidArgumentError("Write a time such as 10s.");
  return Number(match[1]) * ({ ms: 0.001, s: 1, m: 60 }[match[2] ?? "s"] ?? 1);
}

/** `--lease`, of the commands that change hosts. */
export function leaseOption(): Option {
  return new Option(
    "--lease <time>",
    "how long a host waits for the verdict on its change before it puts it back; default: as long as its proofs may take",
  ).argParser(seconds);
}

/** Values of an option that can be given several times. */
export const collect = (value: string, known: string[] = []) => [...known, value];

const FORMATS = ["tty", "plain", "json"] as const;
const RUN_FORMATS = [...FORMATS, "junit", "markdown"] as const;

/** Options of every command that reads an inventory. */
export function withProject(command: Command, formats: readonly string[] = FORMATS): Command {
  return command
    .option(
      "-i, --inventory <path>",
      "inventory file or directory (repeatable; default: inventories/NAME.yml or hosts.yml)",
      collect,
    )
    .option("-e, --extra-vars <name=value>", "variable that wins over all others (repeatable)", collect)
    .addOption(
      new Option("-o, --output <format>", "how to print; default: tty on a terminal, else plain").choices(
        formats,
      ),
    )
    .option("--no-color", "no colours (NO_COLOR does the same)")
    .option("--debug", "print stack traces");
}

/** Options of the commands that contact hosts. */
export function withHosts(command: Command, formats: readonly string[] = FORMATS): Command {
  return withProject(command, formats)
    .option("-l, --limit <pattern>", "only these hosts: a pattern as in a play's hosts, @failed, or @FILE")
    .option("-f, --forks <number>", "hosts at once", positiveInteger, 64)
    .option(
      "-F, --ssh-config <file>",
      "ssh_config to use in place of ~/.ssh/config and the system's; or none",
    )
    .addOption(
      new Option(
        "--timeout <time>",
        "limit for connecting to a host (default: ssh_config's ConnectTimeout, else 10s)",
      ).argParser(seconds),
    )
    .option(
      "--state-dir <path>",
      "where lfce remembers its runs (default: $XDG_STATE_HOME/lfce, else ~/.local/state/lfce)",
    )
    .option("-v, --verbose", "show hosts that are as declared, too");
}

/** Options of the commands that log in to hosts and become root there. */
export function withPasswords(command: Command): Command {
  return withLogin(command)
    .option("-k, --ask-pass", "ask for the SSH password, once for the run")
    .option("-K, --ask-become-pass", "ask for the sudo password, once for the run");
}

/** The same without what asks: for runs that nobody watches. */
export function withLogin(command: Command): Command {
  return withHosts(command, RUN_FORMATS).addOption(
    new Option("--become-password-file <path>", "file whose first line is the sudo password").conflicts(
      "askBecomePass",
    ),
  );
}

/** Options that write reports to files, whatever is printed. */
export function withReports(command: Command): Command {
  return command
    .option("--junit <file>", "write JUnit XML, for CI servers, to this file as well")
    .option("--markdown <file>", "write Markdown, for chat and mail, to this file as well");
}

/** Options of `lfce drift` that say how closely it looks, what it does, who hears of it, and how much is kept. */
export function withDriftOptions(command: Command): Command {
  return command
    .option("--probe", "prove as apply does, too: send a message from each client and look for it")
    .option("--fix", "apply what drifted, as `lfce apply` would, and look again")
    .option(
      "--prometheus <file>",
      "write metrics for node_exporter's textfile collector to this file (….prom)",
    )
    .option(
      "--notify <target>",
      "tell somebody: command:PROGRAM ARGS, webhook:URL, slack:URL, mail:ADDRESS (repeatable; URL may be env:NAME or file:PATH)",
      collect,
    )
    .addOption(
      new Option("--notify-on <when>", "tell only of a change, whenever there is drift, or always")
        .choices(["change", "drift", "always"])
        .default("change"),
    )
    .option("--no-history", "compare with the earlier runs, but keep no record of this one")
    .option("--keep-runs <number>", "how many runs the history holds at most (default: 200)", positiveInteger)
    .option("--keep-days <number>", "for how many days it holds them (default: 180)", positiveInteger);
}
