import { posix } from "node:path";
import { LfceError } from "../../../core/errors.ts";
import { sshKeyword, UNUSED_SSH_KEYWORDS } from "../../../core/ssh-keywords.ts";
import { patternListMatches } from "../wildcard.ts";
import type { ConfigStatement } from "./document.ts";
import { expandGlob } from "./glob.ts";
import { type ConfigLine, invalidLine, parseConfigLines, placeOf, positionOf } from "./lines.ts";
import { parseMatch } from "./match.ts";
import type { ConfigFile, SshConfigSource } from "./source.ts";
import { expandTokens } from "./tokens.ts";
import { isConfigKeyword, READERS } from "./values.ts";

const SYSTEM_FILE = "/etc/ssh/ssh_config";
/** As deep as ssh follows Include. */
const MAX_DEPTH = 16;

/**
 * The files that ssh would read, in its order, with what they include: `-F FILE` alone, else ~/.ssh/config and
 * /etc/ssh/ssh_config. Rejects with `ssh-config-missing`, `ssh-config-permissions`, `ssh-config-unreadable` or
 * `ssh-config-invalid` where ssh refuses to go on.
 */
export async function readSshConfig(source: SshConfigSource, home: string): Promise<ConfigStatement[][]> {
  const { file } = source;
  if (file?.toLowerCase() === "none") return [];
  if (file !== undefined) {
    const content = await readOr(source, file);
    if (content === undefined) throw missingFile(file);
    return [await parseFile(content, { source, home, file, ofUser: true, depth: 0, ignored: [] })];
  }
  const files: ConfigStatement[][] = [];
  for (const [path, ofUser] of [
    [posix.join(home, ".ssh/config"), true],
    [SYSTEM_FILE, false],
  ] as const) {
    const content = await readOr(source, path);
    if (content === undefined) continue;
    if (ofUser) checkPermissions(content, path, source.userId);
    files.push(await parseFile(content, { source, home, file: path, ofUser, depth: 0, ignored: [] }));
  }
  return files;
}

interface Reading {
  source: SshConfigSource;
  home: string;
  file: string;
  /** The user's own file or one that it includes: `~` and ~/.ssh are allowed there. */
  ofUser: boolean;
  depth: number;
  /** Patterns of IgnoreUnknown so far. */
  ignored: string[];
}

async function parseFile(content: ConfigFile, reading: Reading): Promise<ConfigStatement[]> {
  const statements: ConfigStatement[] = [];
  for (const line of parseConfigLines(content.text, reading.file)) {
    const statement = await parseStatement(line, reading);
    if (statement) statements.push(statement);
  }
  return statements;
}

async function parseStatement(line: ConfigLine, reading: Reading): Promise<ConfigStatement | undefined> {
  const { keyword, words } = line;
  if (keyword === "host") {
    if (words.includes("")) throw invalidLine(line, "has an empty pattern");
    return { kind: "host", patterns: words };
  }
  if (keyword === "match") return { kind: "match", criteria: parseMatch(line), line };
  if (keyword === "include") return { kind: "include", files: await readIncluded(line, reading) };
  if (isConfigKeyword(keyword)) {
    const value = READERS[keyword](line);
    if (keyword === "ignoreunknown") reading.ignored.push(value as string);
    return { kind: "set", keyword, value, line };
  }
  if (
    !UNUSED_SSH_KEYWORDS.has(keyword) &&
    !reading.ignored.some((list) => patternListMatches(list, keyword))
  ) {
    reading.source.warn({
      code: "ssh-config-keyword",
      message: `lfce does not know ${sshKeyword(keyword)} and passes it over`,
      hint: "correct the spelling if ssh refuses it, too",
      ...positionOf(line),
    });
  }
  return undefined;
}

async function readIncluded(line: ConfigLine, reading: Reading): Promise<ConfigStatement[][]> {
  const { source, home, ofUser, depth } = reading;
  const included: ConfigStatement[][] = [];
  for (const word of line.words) {
    for (const file of await expandGlob(includedPath(word, line, reading), source.list)) {
      const content = await readOr(source, file, line);
      if (content === undefined) continue;
      if (depth + 1 > MAX_DEPTH) throw invalidLine(line, `includes files more than ${MAX_DEPTH} deep`);
      checkPermissions(content, file, source.userId);
      const inner = { source, home, file, ofUser, depth: depth + 1, ignored: reading.ignored };
      included.push(await parseFile(content, inner));
    }
  }
  return included;
}

/** Relative names start at ~/.ssh, those of the system's files at /etc/ssh. */
function includedPath(word: string, line: ConfigLine, { source, home, ofUser }: Reading): string {
  if (word === "") throw invalidLine(line, "has an empty file name");
  const path = word.includes("${")
    ? expandTokens(word.replaceAll("%", "%%"), {}, placeOf(line), source.variable)
    : word;
  if (!path.startsWith("~"))
    return posix.isAbsolute(path) ? path : posix.join(ofUser ? posix.join(home, ".ssh") : "/etc/ssh", path);
  if (!ofUser) throw invalidLine(line, "cannot name a home directory in the system's configuration");
  if (path !== "~" && !path.startsWith("~/")) {
    throw invalidLine(
      line,
      "names another user's home directory, which lfce does not look up",
      "write the whole path",
    );
  }
  return posix.join(home, path.slice(1));
}

/**
 * A file that can be read. ssh passes over a default file that it may not read, and stops at an included one; so
 * does this, but says so.
 */
async function readOr(
  source: SshConfigSource,
  path: string,
  includedBy?: ConfigLine,
): Promise<ConfigFile | undefined> {
  try {
    return await source.read(path);
  } catch (error) {
    const problem = `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "error"}`;
    const hint = `look at its owner and mode: ls -l ${path}`;
    if (includedBy) throw invalidLine(includedBy, problem, hint);
    if (source.file !== undefined)
      throw new LfceError({ code: "ssh-config-unreadable", message: problem, hint });
    source.warn({ code: "ssh-config-unreadable", message: `${problem}; it is passed over`, hint });
    return undefined;
  }
}

/** Whoever can write the file can choose the machine, the key and the commands that are run. */
function checkPermissions({ ownerId, mode }: ConfigFile, path: string, userId: number): void {
  if ((ownerId === 0 || ownerId === userId) && (mode & 0o022) === 0) return;
  throw new LfceError({
    code: "ssh-config-permissions",
    message: `bad owner or permissions on ${path}: ssh reads it only when nobody but you and root can write it`,
    hint: `chmod go-w ${path}, and make it your own or root's`,
  });
}

function missingFile(file: string): LfceError {
  return new LfceError({
    code: "ssh-config-missing",
    message: `there is no ssh configuration ${file}`,
    hint: "correct -F, or leave it out to use ~/.ssh/config",
  });
}
