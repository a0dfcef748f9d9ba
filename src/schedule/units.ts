import { hardening } from "./hardening.ts";
import type { NightlyRun } from "./nightly-run.ts";
import { environmentWord, execProgram, execWord, plainValue } from "./systemd-syntax.ts";

/** How long a run may take: one that hangs must not stop those of the nights to come. */
const LONGEST_RUN = "6h";

/** How long a run that is stopped may take to put back or finish what is in flight. */
const LONGEST_STOP = "2min";

/**
 * The service of a nightly run.
 * @throws LfceError `schedule-value` where a value can stand in no unit
 */
export function serviceUnit(run: NightlyRun): string {
  const isSystem = run.scope.kind === "system";
  return text([
    markerOf(run.playbook),
    "[Unit]",
    `Description=What has drifted from the playbook (${run.name})`,
    ...(isSystem ? ["Wants=network-online.target", "After=network-online.target time-sync.target"] : []),
    "",
    "[Service]",
    "# A oneshot that runs is not started a second time: a start by hand waits for the same run.",
    "Type=oneshot",
    ...(run.scope.kind === "system" ? [`User=${plainValue(run.scope.user)}`] : []),
    `WorkingDirectory=${plainValue(run.workingDirectory)}`,
    ...(run.agent === undefined ? [] : [`Environment=${environmentWord("SSH_AUTH_SOCK", run.agent)}`]),
    `ExecStart=${[execProgram(run.node), ...[run.lfce, ...run.words].map(execWord)].join(" ")}`,
    "# Drift that was found and told is no failure of the check.",
    "SuccessExitStatus=2",
    `TimeoutStartSec=${LONGEST_RUN}`,
    `TimeoutStopSec=${LONGEST_STOP}`,
    "KillMode=mixed",
    "Nice=10",
    ...stateDirectory(run),
    ...hardening(run),
  ]);
}

/** The timer of a nightly run. A night that the machine slept through is made up for. */
export function timerUnit(run: NightlyRun): string {
  const { hour, minute } = run.at;
  return text([
    markerOf(run.playbook),
    "[Unit]",
    `Description=Every night: what has drifted from the playbook (${run.name})`,
    "",
    "[Timer]",
    `OnCalendar=*-*-* ${twoDigits(hour)}:${twoDigits(minute)}:00`,
    `RandomizedDelaySec=${run.jitterSeconds}s`,
    "Persistent=yes",
    "",
    "[Install]",
    "WantedBy=timers.target",
  ]);
}

/** The first line of a unit of lfce's: whose it is. */
function markerOf(playbook: string): string {
  // JSON ends in a quote: never in a backslash, which would take the next line into the comment.
  return `${MARKER}${asciiJson(playbook)}`;
}

/** The playbook of a unit that lfce wrote; undefined if it was somebody else. */
export function playbookOfUnit(unit: string): string | undefined {
  const [first = ""] = unit.split("\n", 1);
  if (!first.startsWith(MARKER)) return undefined;
  try {
    const value: unknown = JSON.parse(first.slice(MARKER.length));
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

const MARKER = "# Written by lfce schedule for the playbook ";

function asciiJson(value: string): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function stateDirectory({ scope }: NightlyRun): string[] {
  if (scope.kind !== "system" || !scope.ownStateDirectory) return [];
  return [`StateDirectory=${plainValue(ownStateDirectory(scope.user).name)}`, "StateDirectoryMode=0700"];
}

/** Where a system's run as another user keeps what it remembers; systemd makes the directory. */
export function ownStateDirectory(user: string): { name: string; path: string } {
  const name = `lfce-${user}`;
  return { name, path: `/var/lib/${name}` };
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
