import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { localChannel } from "../../ssh/local-transport.ts";
import type { scriptShells } from "../../ssh/shells.ts";

const STAND_IN = fileURLToPath(new URL("./evidence-stand-ins/answer", import.meta.url));
/** What a host has and tests must not ask the machine that they run on. */
const PROGRAMS = [
  "chronyc",
  "firewall-cmd",
  "getent",
  "iptables-save",
  "journalctl",
  "logger",
  "nft",
  "ss",
  "systemctl",
  "ufw",
];
/** What busybox has of its own, so that scripts meet its variants as well. */
const APPLETS =
  "cat cut date find grep head kill ln mkdir mktemp rm sed sleep sort stat tail timeout tr uniq".split(" ");

/** A make-believe host: a real shell, and programs that answer what a test wrote. */
export interface EvidenceHost {
  channel: ScriptChannel;
  /** A directory for the test's own files. */
  directory: string;
  /** What a command line prints from now on; with `once`, the first times one after the other. */
  answer(commandLine: string, lasting: string, ...once: string[]): void;
  calls(): string[];
  remove(): void;
}

/** `more`: further programs that answer what the test wrote, such as `date`. */
export function evidenceHost(
  shell: (typeof scriptShells)[number],
  more: readonly string[] = [],
): EvidenceHost {
  const root = mkdtempSync(join(tmpdir(), "lfce-evidence-"));
  const [bin, answers, directory] = ["bin", "answers", "files"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, answers, directory]) mkdirSync(path);
  symlinkSync(shell.path(), join(bin, "sh"));
  for (const program of [...PROGRAMS, ...more]) symlinkSync(STAND_IN, join(bin, program));
  if (shell.program === "busybox") {
    for (const applet of APPLETS) if (!more.includes(applet)) symlinkSync(shell.path(), join(bin, applet));
  }
  writeFileSync(join(answers, "calls"), "");
  const environment = { ...process.env, ANSWERS: answers, PATH: `${bin}:${process.env.PATH}` };
  return {
    channel: localChannel([join(bin, "sh")], environment),
    directory,
    answer(commandLine, lasting, ...once) {
      const file = join(answers, commandLine.replaceAll("/", "_"));
      writeFileSync(file, lasting);
      for (const [index, text] of once.entries()) writeFileSync(`${file}.${index + 1}`, text);
    },
    calls: () => readFileSync(join(answers, "calls"), "utf8").trimEnd().split("\n"),
    remove: () => rmSync(root, { recursive: true }),
  };
}
