import type { ByteText } from "../../src/core/byte-text.ts";
import type { CorpusFile } from "./corpus-files.ts";
import type { EditedService, HostFiles, RoleSetting } from "./edited-service.ts";

/** A promise that was not kept. */
export interface Violation {
  file: string;
  /** Name of the setting, or of both for a pair; "-" where none is concerned. */
  setting: string;
  rule: string;
  detail: string;
}

/** What was tried, and what came of it. */
export interface Tally {
  violations: Violation[];
  /** Edits that were made and compared. */
  edits: number;
  /** Files with a setting for which the plan is an error that such a file deserves. */
  refused: number;
}

/** A host whose only configuration file is this one. */
export function hostOf(service: EditedService, content: ByteText): HostFiles {
  return new Map([[service.mainFile, content]]);
}

/**
 * Reads the file without loss, and carries out each setting on it: twice is once, what is not owned stays byte
 * for byte, and `absent` gives back the original.
 */
export function checkEdits(service: EditedService, { name, content }: CorpusFile): Tally {
  const tally: Tally = { violations: [], edits: 0, refused: 0 };
  const violate = (setting: string, rule: string, detail = "") =>
    tally.violations.push({ file: name, setting, rule, detail });
  const printed = service.reprint(content);
  if (printed !== content) violate("-", "print(parse(x)) = x", firstDifference(content, printed));
  for (const setting of service.settings) {
    const result = checkSetting(service, setting, hostOf(service, content));
    if (result.kind === "refused") tally.refused += 1;
    else tally.edits += 1;
    for (const { rule, detail } of result.broken) violate(setting.name, rule, detail);
  }
  return tally;
}

interface SettingResult {
  kind: "edited" | "refused";
  broken: { rule: string; detail: string }[];
}

/** The rules for one setting on one host; a plan with an error that the file deserves breaks none. */
export function checkSetting(service: EditedService, setting: RoleSetting, before: HostFiles): SettingResult {
  const broken: SettingResult["broken"] = [];
  const same = (rule: string, expected: HostFiles, actual: HostFiles) => {
    const difference = differenceOf(expected, actual);
    if (difference !== undefined) broken.push({ rule, detail: difference });
  };
  const once = setting.apply(before);
  if (once.errors.length > 0) {
    const undeserved = once.errors.filter((code) => !service.deservedErrors.has(code));
    if (undeserved.length > 0) broken.push({ rule: "can be edited", detail: undeserved.join(", ") });
    return { kind: "refused", broken };
  }
  same("twice is once", once.files, setting.apply(once.files).files);
  same("absent gives back the original", before, setting.undo(once.files).files);
  same("another absent role changes nothing", once.files, setting.applyAlone(before).files);
  broken.push(...checkOtherLines(service, before, once.files));
  const text = before.get(service.mainFile) ?? "";
  const staged = once.stagedMain;
  if (staged !== undefined && !/include|confdir|sourcedir/i.test(once.files.get(service.mainFile) + text)) {
    same(
      "what is validated is what is written",
      new Map([["main", staged]]),
      new Map([["main", once.files.get(service.mainFile) ?? ""]]),
    );
  }
  return { kind: "edited", broken };
}

/** Without lfce's blocks and marks the file is the original, and only owned lines have a mark. */
function checkOtherLines(
  service: EditedService,
  before: HostFiles,
  after: HostFiles,
): SettingResult["broken"] {
  const broken: SettingResult["broken"] = [];
  const rule = "other lines are unchanged";
  for (const [path, original] of before) {
    const now = after.get(path);
    const rest = now === undefined ? undefined : service.withoutLfce(now);
    // A final newline that a block needed goes away with the block: `absent` is compared byte for byte.
    const needed = original.endsWith("\n") ? [] : [`${original}\n`, `${original}\r\n`];
    if (rest === undefined) broken.push({ rule, detail: `${path} is gone` });
    else if (![original, ...needed].includes(rest))
      broken.push({ rule, detail: firstDifference(original, rest) });
    for (const [run] of (now ?? "").matchAll(/^#lfce# [^\n]*(?:\n#lfce# [^\n]*)*/gm)) {
      if (service.isOwned(run.replaceAll(/^#lfce# /gm, ""))) continue;
      broken.push({ rule: "only owned lines are switched off", detail: JSON.stringify(run) });
    }
  }
  for (const path of after.keys()) {
    if (!before.has(path) && !/\/(?:00-)?lfce[-.]/.test(path))
      broken.push({ rule: "new files bear lfce's name", detail: path });
  }
  return broken;
}

/** Which pairs of settings are tried on a file: every ordered one, or each setting with the next few. */
export interface PairChoice {
  next: number | "every";
}

/**
 * A then B then A ends at A's result, byte for byte; and B after A says what B says alone, though a block may
 * stand where A's stood.
 */
export function checkPairs(service: EditedService, { name, content }: CorpusFile, choice: PairChoice): Tally {
  const tally: Tally = { violations: [], edits: 0, refused: 0 };
  const host = hostOf(service, content);
  const { settings } = service;
  const direct = settings.map((setting) => setting.applyAlone(host));
  for (const [index, first] of settings.entries()) {
    const start = direct[index];
    if (!start || start.errors.length > 0) continue;
    const distances = Math.min(choice.next === "every" ? Infinity : choice.next, settings.length - 1);
    for (let distance = 1; distance <= distances; distance += 1) {
      const second = settings[(index + distance) % settings.length];
      const alone = direct[(index + distance) % settings.length];
      if (!second || !alone) continue;
      const there = second.applyAlone(start.files);
      if (there.errors.length > 0 && alone.errors.length > 0) {
        tally.refused += 1;
        continue;
      }
      tally.edits += 1;
      const back = first.applyAlone(there.files);
      const violate = (setting: string, rule: string, detail: string | undefined) => {
        if (detail !== undefined) tally.violations.push({ file: name, setting, rule, detail });
      };
      const way = `${first.name} → ${second.name}`;
      const lost = differenceOf(start.files, back.files);
      violate(`${way} → ${first.name}`, "a setting and back ends where it was", lost);
      const moved = differenceOf(parts(service, alone.files), parts(service, there.files));
      violate(way, "what is said does not depend on the way", moved);
    }
  }
  return tally;
}

/** The files with the main file's blocks beside the rest of it: wherever they stand in it. */
function parts(service: EditedService, files: HostFiles): HostFiles {
  const text = files.get(service.mainFile) ?? "";
  const blocks = service
    .blocks(text)
    .sort()
    .map((block) => block.replace(/\r?\n$/, ""));
  return new Map([
    ...files,
    [service.mainFile, service.withoutLfce(text).replace(/\r?\n$/, "")],
    ["blocks", blocks.join("\n")],
  ]);
}

/** Where two sets of files differ first; undefined when they are the same. */
export function differenceOf(expected: HostFiles, actual: HostFiles): string | undefined {
  for (const [path, text] of expected) {
    const other = actual.get(path);
    if (other === undefined) return `${path} is gone`;
    if (other !== text) return `${path}: ${firstDifference(text, other)}`;
  }
  const added = [...actual.keys()].find((path) => !expected.has(path));
  return added === undefined ? undefined : `${added} is new`;
}

function firstDifference(expected: ByteText, actual: ByteText): string {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at += 1;
  const line = expected.slice(0, at).split("\n").length;
  const part = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 60));
  return `line ${line}: expected ${part(expected)}, got ${part(actual)}`;
}
