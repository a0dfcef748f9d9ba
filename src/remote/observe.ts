import { type ByteText, byteText } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import type { ObservedHost } from "../core/observed.ts";
import { type Followed, followIncludes, leaveOut } from "./follow-includes.ts";
import type { Frame } from "./frames.ts";
import { isOfKernel } from "./include-lines.ts";
import { keptShell } from "./kept-shell.ts";
import { type Look, lookOnce } from "./look-once.ts";
import { changed, type FileFrames } from "./observe-files.ts";
import { learntPrograms, observedHost } from "./observe-host.ts";
import { bounded, type LookMemory, type ProgramVersions, questionOf } from "./observe-memory.ts";
import type { ObserveFrame } from "./observe-request.ts";
import type { RunningScript, ScriptChannel } from "./run-script.ts";
import {
  isSettled,
  type RememberedUnits,
  rememberable,
  rememberedAnswer,
  stillHolds,
  unitStamp,
} from "./unit-stamp.ts";

/** Includes lead at most ten levels deep, and each may take a look of its own where nothing was known of them. */
const MOST_LOOKS = 14;

export interface ObserveOptions
  extends Pick<ObserveFrame, "stateDirectory" | "unitDirectory" | "systemdRoot"> {
  /** Versions that need not be asked for, and who hears of others. */
  programs?: ProgramVersions;
  /** What earlier looks at this host showed, and who hears of this one. */
  looks?: LookMemory;
  /** Gets the shell that a request asks to keep. Without it none is kept. */
  keep?: (shell: RunningScript) => void;
}

/**
 * Looks at a host, in one exec where nothing but the usual is included and units are as they were the last time, or
 * nothing is known of them; changes nothing there. Every part of the result is what the host said in the last exec,
 * but for systemd's answer where everything that it hangs on is the same. Rejects with an LfceError: file-too-large,
 * file-changed, garbled-output, observe-failed, or as RunScript does.
 */
export async function observe(
  channel: ScriptChannel,
  request: ObserveRequest,
  options: ObserveOptions = {},
): Promise<ObservedHost> {
  const { programs, looks, keep, ...frame } = options;
  const question = questionOf(request);
  const remembered = looks?.of(question);
  const usual = request.follow.flatMap((one) => one.usual ?? []).map(byteText);
  /** Where includes may lead to. */
  let guesses = [...usual, ...(remembered?.includes ?? []).filter((one) => !isOfKernel(one))];
  /** Where they have led to, by now. */
  const found = new Set<ByteText>();
  const includes = (): Set<ByteText> => new Set([...guesses, ...found]);
  const plain = request.files.map(byteText);
  let units = remembered?.units;
  const ask = (): Promise<Look> =>
    lookOnce(channel, request, {
      ...frame,
      knownPrograms: programs?.known() ?? [],
      includes: includes(),
      unitsKnown: units !== undefined,
      keep: keep !== undefined && request.keepForMessages === true,
    });
  const askWithGuesses = async (): Promise<Look> => {
    try {
      return await ask();
    } catch (error) {
      // Perhaps no file that the host includes is at fault: a wrong guess must not fail it, and now least of all for good.
      if (guesses.length > 0 && isOfFiles(error)) {
        guesses = [];
        return ask();
      }
      // It may have hung on one (a network file system that is gone). To try again takes as long: the next run does.
      if (remembered && isTimeOut(error)) looks?.learn({ question, includes: [] });
      throw error;
    }
  };
  let waiting: RunningScript | undefined;
  try {
    for (let number = 1; number <= MOST_LOOKS; number += 1) {
      const { frames, read, ...look } = await askWithGuesses();
      waiting = look.waiting;
      const asked = new Set([...plain, ...includes()]);
      const followed = followIncludes(request.follow, read, asked);
      for (const pattern of followed.unasked) found.add(pattern);
      const stamp = unitStamp(frames, read);
      const unitsChanged = units !== undefined && !stillHolds(units, frames, stamp);
      if (unitsChanged) units = undefined;
      if (unitsChanged || followed.unasked.length > 0) {
        // Nothing runs beside it: sshd may allow one session a connection.
        if (waiting) await keptShell(waiting).end();
        continue;
      }

      if (units) frames.push({ key: "units", value: rememberedAnswer(units.units) });
      const observed = observedHost(frames, request, leaveOut(read, request, followed, asked));
      programs?.learn(learntPrograms(frames, read));
      const learnt = units ?? learntUnits(frames, read, stamp);
      looks?.learn(
        bounded({ question, includes: beside(followed, usual), ...(learnt && { units: learnt }) }),
      );
      if (waiting) keep?.(waiting);
      return observed;
    }
    throw changed(request.follow[0]?.path ?? "");
  } catch (error) {
    waiting?.end();
    if (!(error instanceof LfceError) || error.at) throw error;
    throw new LfceError({ ...error.data, at: { host: channel.host, phase: "observe" } }, { cause: error });
  }
}

function isTimeOut(error: unknown): boolean {
  return error instanceof LfceError && error.code === "script-timeout";
}

/** Whether a look failed by what it found in some file. */
function isOfFiles(error: unknown): boolean {
  return (
    error instanceof LfceError && ["file-too-large", "file-changed", "garbled-output"].includes(error.code)
  );
}

function learntUnits(
  frames: readonly Frame[],
  read: FileFrames,
  stamp: string | undefined,
): RememberedUnits | undefined {
  if (stamp === undefined || !isSettled(read)) return undefined;
  const units = rememberable(frames);
  return units && { stamp, units };
}

function beside({ patterns }: Followed, usual: readonly ByteText[]): ByteText[] {
  return patterns.filter((pattern) => !usual.includes(pattern));
}
