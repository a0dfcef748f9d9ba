import { Listr, type ListrTaskWrapper } from "listr2";
import { escapeLine } from "../core/byte-text.ts";
import type { Command, HostFinished, LfceEvent } from "../core/events.ts";
import { groupHosts } from "./grouping.ts";
import { hostText } from "./host-text.ts";
import type { Paint } from "./paint.ts";
import type { Output, Reporter } from "./reporter.ts";
import { heightOf, type ScreenSize, USUAL_SCREEN } from "./screen.ts";
import { isProblem } from "./summary-selection.ts";
import { summaryText } from "./summary-text.ts";
import { finishHost, slowestText, startWave, type WaveProgress, waveTitle } from "./wave-progress.ts";

const SHOWN_GROUPS = 25;
const REFRESH_MS = 200;
/** A summary without problems, the lines around it, and the prompt. */
const SUMMARY_ROWS = 4;

type WaveTask = ListrTaskWrapper<unknown, never, never>;

/** One wave on the screen: a listr2 task that lives until `end` is called. */
interface WaveOnScreen {
  progress: WaveProgress;
  end(): void;
}

/**
 * Live progress on a terminal: one listr2 task a wave (never one a host: drawing 500 tasks takes over a
 * minute), then what happened, equal hosts together, then the summary.
 */
export function ttyReporter(
  output: Output,
  paint: Paint,
  { now, verbose }: { now: () => number; verbose: boolean },
): Reporter {
  const finished: HostFinished[] = [];
  // A run that never started has nothing to sum up: its errors were told where they were found.
  let command: Command | undefined;
  let onScreen: WaveOnScreen | undefined;
  let drawn: Promise<unknown> = Promise.resolve();

  function endWave() {
    onScreen?.end();
    onScreen = undefined;
  }

  function beginWave(progress: WaveProgress) {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const previous = drawn;
    drawn = previous.then(() => drawWave(progress, ended));
    onScreen = { progress, end };
  }

  async function drawWave(progress: WaveProgress, ended: Promise<void>) {
    await new Listr(
      [
        {
          title: waveTitle(progress, paint),
          task: (_context, task) => follow(task as WaveTask, progress, ended),
        },
      ],
      {
        // listr2's own would end the process at Ctrl-C, in the middle of what the run has to finish.
        registerSignalListeners: false,
        rendererOptions: { collapseSubtasks: false, showSubtasks: true },
      },
    ).run();
  }

  async function follow(task: WaveTask, progress: WaveProgress, ended: Promise<void>) {
    const draw = () => {
      task.title = waveTitle(progress, paint);
      task.output = slowestText(progress, now());
    };
    const timer = setInterval(draw, REFRESH_MS);
    try {
      await ended;
    } finally {
      clearInterval(timer);
      draw();
    }
  }

  async function showEnd(summary: Extract<LfceEvent, { event: "summary" }>) {
    if (command === undefined) return;
    endWave();
    await drawn;
    const groups = groupHosts(finished).filter((group) => verbose || isWorthShowing(group.event));
    const shown = groups.slice(0, SHOWN_GROUPS).map(({ hosts, event }) => hostText(hosts, event, paint));
    if (groups.length > SHOWN_GROUPS) {
      shown.push(
        paint.dim(`… ${groups.length - SHOWN_GROUPS} more groups of hosts; -o plain shows them all`),
      );
    }
    const story = shown.map((text) => `\n${text}\n`).join("");
    output.write(story);
    const screen = { ...USUAL_SCREEN, ...size(output) };
    // What still stands on the screen need not be said twice.
    const stands = heightOf(story, screen.columns) + SUMMARY_ROWS <= screen.rows;
    const problems = stands ? [] : finished.filter(isProblem);
    output.write(`\n${summaryText(summary, problems, paint, command, screen)}\n`);
  }

  let end: Promise<void> = Promise.resolve();
  return {
    handle(event: LfceEvent) {
      switch (event.event) {
        case "run-started":
          command = event.command;
          output.write(`${paint.bold(event.command)} ${escapeLine(event.playbook)}\n`);
          break;
        case "wave-started":
          endWave();
          beginWave(startWave(event.wave, event.of, event.hosts.length));
          break;
        case "host-started":
          onScreen?.progress.running.set(event.host, now());
          break;
        case "host-finished":
          if (onScreen) finishHost(onScreen.progress, event);
          finished.push(event);
          break;
        case "summary":
          end = showEnd(event);
          break;
      }
    },
    finish: () => end,
  };
}

/** A host that is as declared and says nothing else needs no lines of its own. */
function isWorthShowing(event: HostFinished): boolean {
  return event.status !== "unchanged" || event.warnings.length > 0 || event.checks.some(notPassed);
}

function notPassed({ result }: HostFinished["checks"][number]): boolean {
  return result !== "passed";
}

function size({ columns, rows }: Output): Partial<ScreenSize> {
  return { ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) };
}
