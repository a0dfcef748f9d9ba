import { LfceError } from "../core/errors.ts";
import type { NightlyRun } from "./nightly-run.ts";

/**
 * A line for `crontab -e` that does the same without systemd; flock(1) on the playbook keeps a second run from
 * starting beside the first.
 * @throws LfceError `schedule-value` where a value holds a line break, which no line of cron can
 */
export function cronLine(run: NightlyRun): string {
  const agent = run.agent === undefined ? [] : ["env", `SSH_AUTH_SOCK=${run.agent}`];
  const command = [...agent, "flock", "--nonblock", run.playbook, run.node, run.lfce, ...run.words];
  const line = `cd ${shellWord(run.workingDirectory)} && ${command.map(shellWord).join(" ")}`;
  if (/[\u0000-\u001f\u007f]/.test(line)) {
    throw new LfceError({
      code: "schedule-value",
      message: "a line of cron cannot hold a control character, which a path or an option has",
      hint: "rename it, or call lfce from a script of your own",
    });
  }
  // crontab(5): an unescaped % ends the command, also within quotes.
  return `${run.at.minute} ${run.at.hour} * * * ${line.replaceAll("%", "\\%")}`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
