import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { ByteText } from "../../src/core/byte-text.ts";
import type { HostFiles } from "./edited-service.ts";

/** What a daemon said of configuration files. */
export interface Answer {
  /** Exit status; above 128 a signal ended it, 124 it took longer than 20 s. */
  status: number;
  stdout: ByteText;
  stderr: ByteText;
}

/** The daemons of one root, asked about one set of files after the other. */
export interface Judge {
  /** Runs a command (words without blanks) where `files` are all the configuration that there is. */
  ask(command: readonly string[], files: HostFiles): Promise<Answer>;
  stop(): Promise<void>;
}

const script = join(import.meta.dirname, "judge.sh");

/**
 * Starts a judge with the daemons of `root`: a directory, or "/" for this box's own. Needs a kernel that
 * gives this user namespaces and overlays. Throws with what went wrong.
 */
export async function startJudge(root: string): Promise<Judge> {
  const work = mkdtempSync(join(tmpdir(), "lfce-judge-"));
  const etc = join(work, "tree/etc");
  mkdirSync(etc, { recursive: true });
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const unshare = [...asRoot, "--mount", "--net", "--pid", "--fork", "--kill-child=KILL"];
  const argv = ["--pdeathsig", "KILL", "--", "unshare", ...unshare, "--", "sh", script, root, work];
  const child = spawn("setpriv", argv, { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  child.stdin.on("error", () => {
    // The judge is gone; reading from it says so.
  });
  const closed = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      complaint += error.message;
      resolve();
    });
    child.on("close", () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the judge of ${root} ended: ${complaint.trim() || "it said nothing"}`);
    return value;
  };
  const discard = () => rmSync(work, { recursive: true, force: true });
  // The judge itself dies with this process.
  process.once("exit", discard);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await closed;
    process.off("exit", discard);
    discard();
  };
  try {
    await nextLine();
  } catch (error) {
    await stop();
    throw error;
  }

  const answer = async (command: readonly string[], files: HostFiles): Promise<Answer> => {
    rmSync(etc, { recursive: true });
    for (const folder of ["rsyslog.d", "chrony"]) mkdirSync(join(etc, folder), { recursive: true });
    for (const [path, text] of files) {
      const place = join(work, "tree", path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text, "latin1");
    }
    child.stdin.write(`${command.join(" ")}\n`);
    const status = Number(await nextLine());
    const output = (name: string) => readFileSync(join(work, name), "latin1");
    return { status, stdout: output("stdout"), stderr: output("stderr") };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask: (command, files) => {
      const mine = last.then(() => answer(command, files));
      last = mine.catch(() => undefined);
      return mine;
    },
    stop,
  };
}
