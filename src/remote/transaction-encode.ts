import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { ByteText } from "../core/byte-text.ts";
import { checksumOf } from "../core/checksum.ts";
import { LfceError } from "../core/errors.ts";
import type { FileChange, StagedTree } from "../core/host-plan.ts";
import type { Transaction } from "../core/transaction.ts";

/** Where lfce keeps its lock, records and backups on a host (mode 0700). */
export const STATE_DIRECTORY = "/var/lib/lfce";
/** Where administrators' units lie (systemd.unit(5)). */
export const BOOT_UNITS = "/etc/systemd/system";

export interface EncodeOptions {
  stateDirectory: string;
  /** Who holds the lock, as another lfce will read it. */
  who: string;
  /** Where systemd looks for units at boot; other than /etc/systemd/system only in tests. */
  bootUnits: string;
  /** The source of what puts the change back without a controller; kept on the host while it is open. */
  recovery: string;
}

/**
 * The transaction as scripts/apply.sh reads it from stdin: lines `keyword values`, the path always last,
 * contents as lines `=TEXT` ended by a dot, `go` at the end. Throws an LfceError `bad-transaction` for a value
 * that would break the lines (a path with a line break) or that the script would refuse.
 */
export function encodeTransaction(transaction: Transaction, options: EncodeOptions): Buffer {
  const lines = [
    "lfce-transaction 1",
    `state ${absolutePath(options.stateDirectory)}`,
    `id ${matching(transaction.id, /^[A-Za-z0-9][A-Za-z0-9-]*$/, "transaction identifier")}`,
    `who ${oneLine(options.who)}`,
    `playbook ${oneLine(transaction.playbook)}`,
    `boot-units ${absolutePath(options.bootUnits)}`,
    ...madeByLines(transaction),
    `lease ${Math.max(1, Math.ceil(transaction.leaseSeconds))}`,
    ...(transaction.keepFailed ? ["keep-failed"] : []),
    ...roomLines(transaction.staged),
    "lock",
    ...transaction.expect.map(({ path, sha256 }) => `expect ${sha256 ?? "absent"} ${absolutePath(path)}`),
    ...(transaction.expectMatches ?? []).map(
      ({ pattern, paths }) => `matches ${sumOfNames(paths)} ${absolutePath(pattern)}`,
    ),
    ...transaction.directories.map(
      ({ mode, owner, group, path }) => `directory ${access(mode, owner, group)} ${absolutePath(path)}`,
    ),
    ...transaction.files.flatMap(fileLines),
    ...transaction.staged.flatMap(treeLines),
    ...transaction.units.map(({ action, unit }) => `unit ${action} ${unitName(unit)}`),
    ...transaction.health.map((check) =>
      check.kind === "active"
        ? `health active ${unitName(check.unit)}`
        : `health listening ${check.protocol} ${check.port}`,
    ),
    ...Object.entries(transaction.loadedFiles).flatMap(([unit, paths]) =>
      paths.map((path) => `loaded ${unitName(unit)} ${absolutePath(path)}`),
    ),
    "recovery",
    ...contentLines(options.recovery),
    "go",
    "",
  ];
  return Buffer.from(lines.join("\n"), "utf8");
}

/** The verdict `rollback` as a line; a reason of several lines becomes one. */
export function rollbackLine(reason: string): string {
  return `rollback ${oneLine(reason) || "no reason was given"}\n`;
}

function madeByLines({ madeBy, undoes }: Transaction): string[] {
  return [
    ...Object.entries(madeBy ?? {}).map(([name, value]) => `made-by ${name} ${oneLine(value)}`),
    ...(undoes ?? []).map((id) => `made-by undoes ${oneLine(id)}`),
  ];
}

/** Of the names as the script lists them: sorted by byte, a line each. */
function sumOfNames(paths: readonly string[]): string {
  const lines = paths.map((path) => Buffer.from(`${path}\n`, "utf8")).sort(Buffer.compare);
  return createHash("sha256").update(Buffer.concat(lines)).digest("hex");
}

function fileLines(file: FileChange): string[] {
  const before = file.before?.sha256 ?? "absent";
  const path = absolutePath(file.path);
  if (file.after === null) return [`remove ${before} absent - - - ${path}`];
  const rights = access(file.mode ?? "0644", file.owner ?? "root", file.group ?? "root");
  const after = checksumOf(file.after);
  return [`write ${before} ${after} ${rights} ${path}`, ...contentLines(file.after)];
}

/** Directories of the staged trees, told before all else: the host makes them all at once. */
function roomLines(trees: readonly StagedTree[]): string[] {
  const rooms = trees.flatMap(({ files }, index) => {
    const names = Object.keys(files).map(pathBelow);
    const parents = names.filter((name) => name.includes("/")).map((name) => `/${posix.dirname(name)}`);
    return ["", ...parents].map((parent) => `tree-room ${index + 1}/files${parent}`);
  });
  return [...new Set(rooms)];
}

function treeLines(tree: StagedTree): string[] {
  return [
    `tree ${tree.service}`,
    `tree-main ${absolutePath(tree.main)}`,
    `tree-directory ${absolutePath(tree.directory)}`,
    `tree-staged-main ${pathBelow(tree.stagedMain)}`,
    ...Object.entries(tree.files).flatMap(([path, content]) => [
      `tree-file ${pathBelow(path)}`,
      ...contentLines(content),
    ]),
  ];
}

/** What the %b of a shell's printf reads as something else, what `read` cannot take from a line, and what is not ASCII. */
const ESCAPED = /[^\x01-\x09\x0b-\x5b\x5d-\x7f]/g;

/** Bytes as the shell's own printf undoes them, in lines of a length that every shell reads without trouble. */
function contentLines(content: ByteText): string[] {
  const chunks = content.match(/[\s\S]{1,4000}/g) ?? [];
  return [...chunks.map((chunk) => `=${chunk.replace(ESCAPED, escapeByte)}`), "."];
}

function escapeByte(byte: string): string {
  if (byte === "\\") return "\\\\";
  if (byte === "\n") return "\\n";
  return `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

function access(mode: string, owner: string, group: string): string {
  const name = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/;
  return [
    matching(mode, /^[0-7]{3,4}$/, "mode"),
    matching(owner, name, "owner"),
    matching(group, name, "group"),
  ].join(" ");
}

function unitName(unit: string): string {
  return matching(unit, /^[A-Za-z0-9@._:][A-Za-z0-9@._:-]*$/, "unit name");
}

function absolutePath(path: string): string {
  const plain = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return matching(plain, /^\/[^\n\r\0]*$/, "absolute path");
}

function pathBelow(path: string): string {
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw bad("path below the staging directory", path);
  }
  return matching(path, /^[^\n\r\0]+$/, "path below the staging directory");
}

function matching(value: string, pattern: RegExp, what: string): string {
  if (!pattern.test(value)) throw bad(what, value);
  return value;
}

function bad(what: string, value: string): LfceError {
  return new LfceError({
    code: "bad-transaction",
    message: `${JSON.stringify(value)} cannot be used as ${what} in a change`,
    hint: "rename it: lfce refuses names with line breaks and other characters that no such name needs",
  });
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}
