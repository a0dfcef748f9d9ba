import { escapeLine } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { playbookDirectory, type RecordedPlaybook, recordedPlaybooks } from "../history/places.ts";

/**
 * The history of the playbook that was named; without a name, of the only one that has a history.
 * @param name how the command is told which one: `--playbook PATH`
 * @throws LfceError `nothing-recorded`, `several-playbooks`, `history-not-read`
 */
export function recordedPlaybook(
  state: string,
  playbook: string | undefined,
  name: string,
): RecordedPlaybook {
  const recorded = readable(state);
  if (playbook !== undefined) {
    const directory = playbookDirectory(state, playbook);
    const named = recorded.find((one) => one.directory === directory);
    if (!named) throw nothingRecorded(playbook, recorded);
    return named;
  }
  const [only] = recorded;
  if (!only) throw nothingRecorded(undefined, recorded);
  if (recorded.length > 1) {
    throw new LfceError({
      code: "several-playbooks",
      message: `runs of several playbooks are recorded: ${names(recorded)}`,
      hint: `say which one: ${name}`,
    });
  }
  return only;
}

function readable(state: string): RecordedPlaybook[] {
  try {
    return recordedPlaybooks(state);
  } catch (error) {
    throw new LfceError({
      code: "history-not-read",
      message: `the history in ${escapeLine(state)} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      hint: "name a directory that you may read by --state-dir",
    });
  }
}

function nothingRecorded(playbook: string | undefined, recorded: readonly RecordedPlaybook[]): LfceError {
  const drift = `lfce drift ${playbook === undefined ? "PLAYBOOK" : escapeLine(playbook)}`;
  return new LfceError({
    code: "nothing-recorded",
    message: `no run${playbook === undefined ? "" : ` of ${escapeLine(playbook)}`} is recorded`,
    hint:
      recorded.length > 0
        ? `recorded are runs of ${names(recorded)}`
        : `run \`${drift}\` first, with the same --state-dir`,
  });
}

function names(recorded: readonly RecordedPlaybook[]): string {
  return recorded.map(({ playbook }) => escapeLine(playbook)).join(", ");
}
