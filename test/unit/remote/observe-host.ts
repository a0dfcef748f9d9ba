import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fromBytes, toBytes } from "../../../src/core/byte-text.ts";
import type { ObserveRequest } from "../../../src/core/host-session.ts";
import type { ObservedHost } from "../../../src/core/observed.ts";
import { type ObserveOptions, observe } from "../../../src/remote/observe.ts";
import type { RunningScript, ScriptChannel } from "../../../src/remote/run-script.ts";
import { localChannel } from "../../ssh/local-transport.ts";
import { which } from "../../ssh/shells.ts";

/** A directory that plays a host: files below it, and programs that stand before the real ones. */
export interface StandInHost {
  root: string;
  /** Writes a file below the root; `@ROOT@` in text becomes the root's path. */
  write(path: string, content: string | Buffer): string;
  /** Puts a program before the real one of that name. */
  program(name: string, script: string): void;
  /** Makes `sh` and, for busybox, every command another implementation's. */
  useShell(program: string): void;
  observe(request: Partial<ObserveRequest>, options?: ObserveOptions): Promise<ObservedHost>;
  /** How often it was looked at. */
  looks: number;
  /** Shells that were not to end with their answer. */
  shells: RunningScript[];
  /** How many of them there were at the same time, at most. */
  shellsAtOnce: number;
  /** Alters what the host says, one character a byte. */
  alter: (answer: string) => string;
}

export function standInHost(): StandInHost {
  const root = mkdtempSync(join(tmpdir(), "lfce-observe-"));
  const bin = join(root, "bin");
  mkdirSync(bin);
  let running = 0;
  const self: StandInHost = {
    root,
    looks: 0,
    shells: [],
    shellsAtOnce: 0,
    alter: (answer) => answer,
    write: (path, content) => {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, typeof content === "string" ? content.replaceAll("@ROOT@", root) : content);
      return full;
    },
    program: (name, script) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    },
    useShell: (program) => {
      const path = which(program) as string;
      if (program !== "busybox") return symlinkSync(path, join(bin, "sh"));
      for (const applet of execFileSync(path, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
        symlinkSync(path, join(bin, applet));
      }
    },
    observe: (request, options = {}) => {
      const local = localChannel(["sh"], { ...process.env, PATH: `${bin}:${process.env.PATH}` });
      const channel: ScriptChannel = {
        ...local,
        run: async (script, options) => {
          self.looks += 1;
          const result = await local.run(script, options);
          return { ...result, stdout: toBytes(self.alter(fromBytes(result.stdout))) };
        },
        open: async (script, options) => {
          const shell = await local.open(script, options);
          self.shells.push(shell);
          running += 1;
          self.shellsAtOnce = Math.max(self.shellsAtOnce, running);
          shell.done.finally(() => {
            running -= 1;
          });
          return shell;
        },
      };
      const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
      return observe(
        channel,
        { ...nothing, ...request },
        {
          stateDirectory: join(root, "state"),
          unitDirectory: "any",
          ...options,
        },
      );
    },
  };
  return self;
}

/** Replaces the root's path in everything, so that expectations can be written without it. */
export function withoutRoot<T>(host: StandInHost, value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(host.root, "")) as T;
}
