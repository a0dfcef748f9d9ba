import { type ByteText, byteText, decodedText } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import type { ObservedHost } from "../core/observed.ts";
import { includesOf } from "./include-lines.ts";
import { setOwn } from "./own-property.ts";

/** What a host told of files, by the patterns that it was asked for. */
type Looked = Pick<ObservedHost, "files" | "globs">;

/** What daemons' main files lead to, as far as it was looked at. */
export interface Followed {
  /** Every pattern that an include led to, absolute, each once. */
  patterns: ByteText[];
  /** Those of them that the host was not asked for: what they lead to is not known yet. */
  unasked: ByteText[];
  /** Include as written → paths of the files that it matched. */
  globs: Record<string, string[]>;
}

const DEEPEST = 10;
/** Far more than any host's files have; each costs a look into a directory. */
const MOST_PATTERNS = 1000;

/**
 * Follows main files through everything that they include, at most ten levels deep and each file once, by what the
 * files hold now: what was asked for beyond that changes nothing.
 * @param asked patterns that the host was asked for with content, besides the main files
 * @throws LfceError file-too-large when there are more includes than any configuration has
 */
export function followIncludes(
  follow: ObserveRequest["follow"],
  { files, globs }: Looked,
  asked: ReadonlySet<ByteText>,
): Followed {
  const followed: Followed = { patterns: [], unasked: [], globs: {} };
  const patterns = new Set<ByteText>();
  for (const service of ["chrony", "rsyslog"] as const) {
    let level = new Set(follow.filter((one) => one.service === service).map(({ path }) => path));
    const read = new Set<string>();
    for (let depth = 0; depth <= DEEPEST && level.size > 0; depth += 1) {
      const next = new Set<string>();
      for (const path of level) {
        if (read.has(path)) continue;
        read.add(path);
        const content = Object.hasOwn(files, path) ? files[path]?.content : undefined;
        for (const { key, pattern } of includesOf(service, content ?? "")) {
          patterns.add(pattern);
          if (patterns.size > MOST_PATTERNS) throw tooMany();
          const found = asked.has(pattern) ? matchesOf(pattern, { files, globs }) : [];
          if (!Object.hasOwn(followed.globs, key)) setOwn(followed.globs, key, found);
          // chronyd takes nothing but sources from *.sources.
          for (const match of found) if (service !== "chrony" || !match.endsWith(".sources")) next.add(match);
        }
      }
      level = next;
    }
  }
  followed.patterns = [...patterns];
  followed.unasked = followed.patterns.filter((pattern) => !asked.has(pattern));
  return followed;
}

/** Whether a pattern may match more than the path that it is. */
function isGlob(pattern: string): boolean {
  return /[[\]*?]/.test(pattern);
}

/** The files that a pattern matched. */
function matchesOf(pattern: ByteText, { files, globs }: Looked): string[] {
  const text = decodedText(pattern);
  if (isGlob(pattern)) return Object.hasOwn(globs, text) ? [...(globs[text] as string[])] : [];
  // Regular files, and links to them, have a size.
  return Object.hasOwn(files, text) && files[text]?.size !== undefined ? [text] : [];
}

/**
 * What was looked at without the paths that only includes which are none (any more) would have led to, and with what
 * the true ones matched.
 */
export function leaveOut<Read extends Looked & Pick<ObservedHost, "lists">>(
  read: Read,
  request: Pick<ObserveRequest, "files" | "stat" | "follow">,
  followed: Followed,
  asked: ReadonlySet<ByteText>,
): Read {
  const plain = request.files.map(byteText);
  const wanted = new Set([...plain, ...followed.patterns]);
  const kept = new Set([
    ...request.stat,
    ...request.follow.map(({ path }) => path),
    ...Object.values(read.lists ?? {}).flat(),
    ...[...wanted].flatMap((pattern) => pathsOf(pattern, read)),
  ]);
  const files = { ...read.files };
  for (const pattern of asked) {
    if (wanted.has(pattern)) continue;
    for (const path of pathsOf(pattern, read)) if (!kept.has(path)) delete files[path];
  }
  const globs: Record<string, string[]> = {};
  for (const pattern of plain.filter(isGlob)) setOwn(globs, decodedText(pattern), matchesOf(pattern, read));
  for (const [key, found] of Object.entries(followed.globs))
    if (!Object.hasOwn(globs, key)) setOwn(globs, key, found);
  return { ...read, files, globs };
}

/** Everything that asking for a pattern adds to `files`: its matches, and what tells that one of them has gone. */
function pathsOf(pattern: ByteText, { globs }: Pick<Looked, "globs">): string[] {
  const text = decodedText(pattern);
  if (!isGlob(text)) return [text];
  return [text.slice(0, text.lastIndexOf("/")), ...(Object.hasOwn(globs, text) ? (globs[text] ?? []) : [])];
}

function tooMany(): LfceError {
  return new LfceError({
    code: "file-too-large",
    message: `the configuration files of the host include more than ${MOST_PATTERNS} others by name or pattern; lfce follows no more`,
    hint: "correct the file that includes itself under ever new names, or include directories in place of files",
  });
}
