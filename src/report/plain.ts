import { escapeLine } from "../core/byte-text.ts";
import type { HostFinished, LfceEvent, RunStarted } from "../core/events.ts";
import { hostText } from "./host-text.ts";
import type { Paint } from "./paint.ts";
import type { Output, Reporter } from "./reporter.ts";
import { isProblem, saysSomething } from "./summary-selection.ts";
import { problemGroups, summaryText } from "./summary-text.ts";

/** Above so many hosts those with nothing to say are counted and not listed. */
const LISTED_HOSTS = 100;
/** In so many steps the progress of a wave is told then. */
const STEPS = 10;

/** Lines as things happen: for logs and pipes, nothing is ever redrawn. */
export function plainReporter(
  output: Output,
  paint: Paint,
  { verbose = false }: { verbose?: boolean } = {},
): Reporter {
  const problems = problemGroups();
  // A run that never started has nothing to sum up: its errors were told where they were found.
  let started: RunStarted | undefined;
  let wave = { hosts: 0, finished: 0 };
  const isListed = (event: HostFinished) =>
    verbose || (started?.hosts ?? 0) <= LISTED_HOSTS || (saysSomething(event) && event.status !== "skipped");
  const tellProgress = () => {
    wave.finished += 1;
    if (verbose || (started?.hosts ?? 0) <= LISTED_HOSTS || wave.hosts <= STEPS) return;
    const step = Math.floor((wave.finished * STEPS) / wave.hosts);
    if (step === Math.floor(((wave.finished - 1) * STEPS) / wave.hosts)) return;
    output.write(`${paint.dim(`… ${wave.finished} of ${hostCount(wave.hosts)}`)}\n`);
  };
  return {
    handle(event: LfceEvent) {
      switch (event.event) {
        case "run-started":
          started = event;
          output.write(`${event.command} ${escapeLine(event.playbook)}: ${hostCount(event.hosts)}\n`);
          break;
        case "wave-started":
          wave = { hosts: event.hosts.length, finished: 0 };
          output.write(`${paint.dim(`wave ${event.wave}/${event.of}: ${hostCount(event.hosts.length)}`)}\n`);
          break;
        case "host-started":
          break;
        case "host-finished":
          if (isListed(event)) output.write(`${hostText([event.host], event, paint)}\n`);
          tellProgress();
          // What a single host says stands right above the summary.
          if (isProblem(event) && started?.hosts !== 1) problems.add(event);
          break;
        case "summary":
          if (started) output.write(`\n${summaryText(event, problems.list(), paint, started.command)}\n`);
          break;
      }
    },
    async finish() {},
  };
}

function hostCount(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}
