import { Listr, type ListrTaskWrapper } from "listr2";
import { escapeLine } from "../core/byte-text.ts";
import type { Command, HostFinished, LfceEvent } from "../core/events.ts";
import { hostGroups, sameStory } from "./grouping.ts";
import { hostText } from "./host-text.ts";
import type { Paint } from "./paint.ts";
import type { Output, Reporter, Spool } from "./reporter.ts";
import { heightOf, type ScreenSize, USUAL_SCREEN } from "./screen.ts";
import { isProblem, saysSomething } from "./summary-selection.ts";
import { problemGroups, summaryText } from "./summary-text.ts";
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
  { now, verbose, spool }: { now: () => number; verbose: boolean; spool: Spool },
): Reporter {
  // Names stay in memory, what was said does not: at the end only some of it is shown.
  const stories = hostGroups(sameStory, (event) => spool.put(JSON.stringify(event)));
  const problems = problemGroups();
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
    const groups = stories.list();
    const shown = groups
      .slice(0, SHOWN_GROUPS)
      .map(({ hosts, kept }) => hostText(hosts, JSON.parse(spool.get(kept)) as HostFinished, paint));
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
    const repeated = stands ? [] : problems.list();
    output.write(`\n${summaryText(summary, repeated, paint, command, screen)}\n`);
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
          if (verbose || saysSomething(event)) stories.add(event);
          if (isProblem(event)) problems.add(event);
          break;
        case "summary":
          end = showEnd(event);
          break;
      }
    },
    finish: () => end,
  };
}

function size({ columns, rows }: Output): Partial<ScreenSize> {
  return { ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) };
}
