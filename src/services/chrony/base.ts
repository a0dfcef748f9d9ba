import type { ByteText } from "../../core/byte-text.ts";
import { displayText } from "../../core/byte-text.ts";
import { errorData, type LfceErrorData, type Position } from "../../core/errors.ts";
import { ACCESS_NAMES, type Claims, type NtpRole, SOURCE_NAMES } from "./claims.ts";
import type { DesiredChrony } from "./desired.ts";
import { isDirective } from "./directives.ts";
import { type ConfigLine, parseShared, readLine, SWITCHED_OFF_MARK } from "./parse.ts";

/** A line of a file as it would be without this playbook's roles. */
export interface BaseLine extends ConfigLine {
  file: string;
  /** Number of the line in the file as observed, from 1. */
  number: number;
  /** Whether it is switched off now by one of this playbook's roles. */
  marked: boolean;
  /** Whether it stands in a block of a role that this playbook does not give the host: not ours to edit. */
  foreign: boolean;
}

/** Where a block of ours stands: before base line `index`. */
export interface FoundBlock {
  role: NtpRole;
  index: number;
  /** Directive names that it holds. */
  names: string[];
}

/**
 * A file as it would be without this playbook's roles: their blocks taken out, their switched-off lines
 * switched on, and a final newline taken away that only a block had brought. Everything that is planned is
 * a function of this and of what is desired, so a plan never depends on what earlier runs did.
 */
export interface BaseFile {
  path: string;
  lines: BaseLine[];
  blocks: FoundBlock[];
}

/** The files as they are now, whoever's lines they hold. */
export function filesNow(contents: ReadonlyMap<string, ByteText>): Map<string, BaseFile> {
  return new Map(
    [...contents].map(([path, content]) => {
      const lines = parseShared(content).lines.map((line, index) => baseLine(line, path, index + 1));
      return [path, { path, lines, blocks: [] }];
    }),
  );
}

/** Takes this playbook's roles out of the files. Errors: blocks of another playbook, blocks without an end. */
export function takeRolesOut(
  contents: ReadonlyMap<string, ByteText>,
  desired: DesiredChrony,
  claims: Claims,
): { files: Map<string, BaseFile>; errors: LfceErrorData[] } {
  const errors: LfceErrorData[] = [];
  const files = new Map<string, BaseFile>();
  const foreignRoles = new Set<string>();
  for (const [path, content] of contents) {
    const file = takeBlocksOut(path, content, desired, errors, foreignRoles);
    files.set(path, file);
  }
  const ownNames = new Set(
    [...files.values()].flatMap((file) => file.blocks.flatMap((block) => block.names)),
  );
  const ours = (name: string) => isOurs(name, desired, claims, foreignRoles, ownNames);
  for (const file of files.values()) {
    for (const line of file.lines) {
      if (line.kind !== "switched-off" || line.foreign || !ours(line.name)) continue;
      Object.assign(line, readLine(line.text.slice(SWITCHED_OFF_MARK.length), line.ending), { marked: true });
    }
  }
  return { files, errors };
}

/** The place of a line, for errors and warnings. */
export function positionOf(line: { file: string; number: number; text: ByteText }): Position {
  return { file: line.file, line: line.number, column: 1, source: displayText(line.text) };
}

function takeBlocksOut(
  path: string,
  content: ByteText,
  desired: DesiredChrony,
  errors: LfceErrorData[],
  foreignRoles: Set<string>,
): BaseFile {
  const lines: BaseLine[] = [];
  const blocks: FoundBlock[] = [];
  let open: { block: FoundBlock; begin: BaseLine } | undefined;
  let foreign: BaseLine | undefined;
  let lastEnding: ConfigLine["ending"] = "\n";
  /** The line end of the blocks, which is also what a last line without one was given. */
  let ending: ConfigLine["ending"] = "\n";
  for (const [index, parsed] of parseShared(content).lines.entries()) {
    const line = baseLine(parsed, path, index + 1);
    lastEnding = parsed.ending;
    const marker = parsed.marker;
    if (
      marker &&
      ((marker.edge === "begin") === Boolean(open ?? foreign) || mismatch(open, foreign, marker.role))
    ) {
      errors.push(brokenBlock(line, marker.edge, marker.role));
      return { path, lines, blocks: [] };
    }
    const role = marker ? roleOf(marker.role, desired) : undefined;
    if (marker?.edge === "begin" && role) {
      if (marker.playbook !== desired.playbook) errors.push(otherPlaybook(line, role, marker.playbook));
      open = { block: { role, index: lines.length, names: [] }, begin: line };
      ending = parsed.ending;
    } else if (marker && open) {
      blocks.push(open.block);
      open = undefined;
    } else if (open) {
      if (line.name !== "") open.block.names.push(line.name);
    } else {
      if (marker?.edge === "begin") {
        foreign = line;
        foreignRoles.add(marker.role);
      }
      line.foreign = foreign !== undefined;
      lines.push(line);
      if (marker?.edge === "end") foreign = undefined;
    }
  }
  const unclosed = open?.begin ?? foreign;
  if (unclosed) errors.push(brokenBlock(unclosed, "begin", unclosed.marker?.role ?? ""));
  const last = lines.at(-1);
  if (lastEnding === "" && last) {
    // The newline that was added has made a line end of a carriage return that was the file's last byte.
    const text = last.ending === "\r\n" && ending === "\n" ? `${last.text}\r` : last.text;
    lines[lines.length - 1] = { ...last, text, ending: "" };
  }
  return { path, lines, blocks };
}

// Field by field: spreading the parsed line costs ten times as much, and files have thousands of lines.
function baseLine(parsed: ConfigLine, file: string, number: number): BaseLine {
  const { text, ending, kind, name, marker } = parsed;
  return {
    text,
    ending,
    kind,
    name,
    arguments: parsed.arguments,
    marker,
    file,
    number,
    marked: false,
    foreign: false,
  };
}

function mismatch(
  open: { block: FoundBlock } | undefined,
  foreign: BaseLine | undefined,
  role: string,
): boolean {
  const expected = open?.block.role ?? foreign?.marker?.role;
  return expected !== undefined && expected !== role;
}

function roleOf(role: string, desired: DesiredChrony): NtpRole | undefined {
  if (role === "ntp_server" && desired.server) return role;
  if (role === "ntp_client" && desired.client) return role;
  return undefined;
}

/**
 * Whether a switched-off line of this name is for this playbook's roles to switch on. A role that the
 * playbook does not give the host may belong to another playbook; its block is the sign of that.
 */
function isOurs(
  name: string,
  desired: DesiredChrony,
  claims: Claims,
  foreignRoles: ReadonlySet<string>,
  ownNames: ReadonlySet<string>,
): boolean {
  if (!isDirective(name)) return false;
  if (ACCESS_NAMES.has(name)) return desired.server !== undefined;
  if (SOURCE_NAMES.has(name) || name === "sourcedir") {
    const own = [...SOURCE_NAMES].some((source) => ownNames.has(source));
    return claims.sources !== undefined || desired.client !== undefined || own || foreignRoles.size === 0;
  }
  return claims.directives.has(name) || ownNames.has(name) || foreignRoles.size === 0;
}

function brokenBlock(line: BaseLine, edge: string, role: string): LfceErrorData {
  return errorData(
    "chrony-block-broken",
    `the lines "# lfce: begin ${role}" and "# lfce: end ${role}" do not pair up at this ${edge} line`,
    "restore the missing line, or delete what is left of the block; lfce then writes it anew",
    positionOf(line),
  );
}

function otherPlaybook(line: BaseLine, role: NtpRole, playbook: string | undefined): LfceErrorData {
  return errorData(
    "chrony-role-of-another-playbook",
    `the block of ${role} belongs to ${playbook === undefined ? "an unnamed playbook" : `the playbook ${displayText(playbook)}`}`,
    `apply that playbook with "state: absent" on ${role} first, or keep ${role} out of this playbook`,
    positionOf(line),
  );
}
