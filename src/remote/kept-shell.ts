import type { RunningScript, ScriptChannel } from "./run-script.ts";

/** How long a shell may take to end once it is told to, in milliseconds. */
const END_GRACE_MS = 5000;

/** A shell that waits for lines on its stdin (scripts/log-nonce.sh) after what it was started for. */
export interface KeptShell {
  /**
   * Hands it `line` and waits until it answers with the line `answer`. Where it ended first, or was late, nobody can say
   * what became of the line. Never rejects.
   */
  tell(line: Buffer, answer: string, timeoutMs: number): Promise<"answered" | "ended" | "late">;
  /** Ends it; what it was told before is done first. Never rejects. */
  end(): Promise<void>;
}

/** A script that waits for lines as the shell that is talked with. */
export function keptShell(script: RunningScript): KeptShell {
  const waiting = new Map<string, () => void>();
  const read = async (): Promise<void> => {
    for await (const line of script.lines) waiting.get(line)?.();
  };
  read().catch(() => {}); // `done` rejects alike
  const end = () => "ended" as const;
  const ended = script.done.then(end, end);
  return {
    tell: async (line, answer, timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const answered = new Promise<"answered">((resolve) => waiting.set(answer, () => resolve("answered")));
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), timeoutMs);
      });
      script.write(line).catch(() => {}); // `ended` comes of it
      const how = await Promise.race([answered, ended, late]);
      clearTimeout(timer);
      waiting.delete(answer);
      return how;
    },
    end: async () => {
      script.end();
      const timer = setTimeout(() => script.kill(), END_GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** At most one kept shell of a host. */
export interface ShellKeeper {
  keep(script: RunningScript): void;
  /** The shell that is kept, while it lives. */
  kept(): KeptShell | undefined;
  /** The same channel, but that whatever is started over it ends the shell first: no host has both at once. */
  inPlace(channel: ScriptChannel): ScriptChannel;
}

export function createShellKeeper(): ShellKeeper {
  let shell: KeptShell | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  // Whoever comes while it ends waits for that, too.
  const release = async (): Promise<void> => {
    if (shell) ending = Promise.all([ending, shell.end()]);
    shell = undefined;
    await ending;
  };
  return {
    keep: (script) => {
      void release();
      const mine = keptShell(script);
      shell = mine;
      const gone = (): void => {
        if (shell === mine) shell = undefined;
      };
      script.done.then(gone, gone);
    },
    kept: () => shell,
    inPlace: (channel) => ({
      host: channel.host,
      run: async (script, options) => {
        await release();
        return channel.run(script, options);
      },
      open: async (script, options) => {
        await release();
        return channel.open(script, options);
      },
    }),
  };
}
