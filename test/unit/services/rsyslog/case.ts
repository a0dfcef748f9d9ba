import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Warning } from "../../../../src/core/errors.ts";
import type { DirectoryChange } from "../../../../src/core/host-plan.ts";
import type { Distro } from "../../../../src/distros/distro.ts";
import { distros } from "../../../../src/distros/recognise.ts";
import type { DesiredForward, DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import type { Files, HostTraits } from "./host.ts";

/**
 * One case is one directory:
 *
 *     before.conf    the main file
 *     before/…       other files of the host, under their absolute paths
 *     desired.yml    what is declared and what the host is like (see DesiredFile)
 *     after.conf     the main file afterwards; left out: no file changes
 *     after/…        other files that differ afterwards; a file with the ending .removed is gone
 *     warnings       codes of the expected warnings, one a line, with `:LINE` where one has a position
 *     errors         the same for errors
 */
export interface Case {
  name: string;
  directory: string;
  distro: Distro;
  mainFile: string;
  desired: DesiredRsyslog;
  traits: HostTraits;
  before: Files;
  expected: Files;
  warnings: string[];
  errors: string[];
  directories: string[];
  /** False when the files before hold lfce's own traces already: then absent does not give them back. */
  restores: boolean;
}

interface DesiredFile {
  /** Family; debian when left out. */
  distro?: string;
  version?: string;
  playbook?: string;
  host?: HostTraits;
  /** Directories that the plan is to make. */
  directories?: string[];
  /** The case starts from files that lfce has written to before. */
  written?: boolean;
  client?: { state?: "present" | "absent"; forwards?: (Partial<DesiredForward> & { address: string })[] };
  server?: DesiredRsyslog["server"];
}

export const caseDirectory = new URL("../../../../src/services/rsyslog/cases/", import.meta.url).pathname;

export function caseNames(): string[] {
  return readdirSync(caseDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export function loadCase(name: string): Case {
  const directory = join(caseDirectory, name);
  const declared = parse(readFileSync(join(directory, "desired.yml"), "utf8")) as DesiredFile;
  const distro = distros.find(({ family }) => family === (declared.distro ?? "debian"));
  if (!distro) throw new Error(`${name}: no distribution family ${declared.distro}`);
  const { mainFile } = distro.services.rsyslog;
  const before = filesOf(directory, "before", mainFile);
  const expected = new Map([...before, ...filesOf(directory, "after", mainFile)]);
  for (const path of [...expected.keys()].filter((one) => one.endsWith(".removed"))) {
    expected.delete(path);
    expected.delete(path.replace(/\.removed$/, ""));
  }
  return {
    name,
    directory,
    distro,
    mainFile,
    desired: desiredOf(declared),
    traits: {
      ...declared.host,
      versions: { rsyslog: declared.version ?? "8.2302.0" },
    },
    before,
    expected,
    warnings: linesOf(join(directory, "warnings")),
    errors: linesOf(join(directory, "errors")),
    directories: declared.directories ?? [],
    restores: declared.written !== true,
  };
}

function desiredOf(declared: DesiredFile): DesiredRsyslog {
  const { client, server, playbook = "site" } = declared;
  return {
    playbook,
    ...(client && {
      client: {
        state: client.state ?? "present",
        verifyTimeout: 60,
        forwards: (client.forwards ?? []).map((forward) => ({
          aliases: [],
          protocol: "tcp" as const,
          port: 514,
          selector: ["*.*"],
          retry: -1,
          ...forward,
          queue:
            forward.queue === false
              ? false
              : { file: "site", maxDisk: "1g", saveOnShutdown: true, written: [], ...forward.queue },
        })),
      },
    }),
    ...(server && { server }),
  };
}

function filesOf(directory: string, stage: "before" | "after", mainFile: string): Map<string, string> {
  const files = new Map<string, string>();
  const main = join(directory, `${stage}.conf`);
  if (existsSync(main)) files.set(mainFile, readFileSync(main, "latin1"));
  const root = join(directory, stage);
  if (!existsSync(root)) return files;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length), readFileSync(path, "latin1"));
  }
  return files;
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter(Boolean).sort();
}

/** A warning or error as the case files name it. */
export function asLine({ code, at }: Pick<Warning, "code" | "at">): string {
  return at && "line" in at ? `${code}:${at.line}` : code;
}

export function directoryPaths(directories: readonly DirectoryChange[]): string[] {
  return directories.map(({ path }) => path);
}

/** Writes what came out as the expectation, for a person to read before it is committed. */
export function writeExpectation(
  one: Case,
  after: Files,
  warnings: readonly string[],
  errors: readonly string[],
): void {
  for (const [path, text] of after) {
    if (one.before.get(path) === text) continue;
    const file =
      path === one.mainFile ? join(one.directory, "after.conf") : join(one.directory, "after", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, "latin1");
  }
  for (const path of one.before.keys()) {
    if (after.has(path)) continue;
    const file = join(one.directory, "after", `${path}.removed`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
  }
  if (warnings.length > 0) writeFileSync(join(one.directory, "warnings"), `${warnings.join("\n")}\n`);
  if (errors.length > 0) writeFileSync(join(one.directory, "errors"), `${errors.join("\n")}\n`);
}
