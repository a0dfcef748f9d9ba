import { escapeLine } from "../core/byte-text.ts";
import type { Change, HostFinished, LfceEvent, RunStarted } from "../core/events.ts";
import { hostText } from "./host-text.ts";
import type { Paint } from "./paint.ts";
import type { Output, Reporter } from "./reporter.ts";
import { isProblem } from "./summary-selection.ts";
import { summaryText } from "./summary-text.ts";

/** Lines as things happen: for logs and pipes, nothing is ever redrawn. */
export function plainReporter(output: Output, paint: Paint): Reporter {
  const problems: HostFinished[] = [];
  // A run that never started has nothing to sum up: its errors were told where they were found.
  let started: RunStarted | undefined;
  // What a single host says stands right above.
  const repeated = () => (started?.hosts === 1 ? [] : problems);
  return {
    handle(event: LfceEvent) {
      switch (event.event) {
        case "run-started":
          started = event;
          output.write(`${event.command} ${escapeLine(event.playbook)}: ${hostCount(event.hosts)}\n`);
          break;
        case "wave-started":
          output.write(`${paint.dim(`wave ${event.wave}/${event.of}: ${hostCount(event.hosts.length)}`)}\n`);
          break;
        case "host-started":
          break;
        case "host-finished":
          output.write(`${hostText([event.host], event, paint)}\n`);
          if (isProblem(event)) problems.push({ ...event, changes: event.changes.map(withoutDiff) });
          break;
        case "summary":
          if (started) output.write(`\n${summaryText(event, repeated(), paint, started.command)}\n`);
          break;
      }
    },
    async finish() {},
  };
}

/** Diffs stand above; kept for a whole fleet they would fill the memory. */
function withoutDiff({ kind, target, reason }: Change): Change {
  return { kind, target, reason };
}

function hostCount(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}
