import type { ByteText } from "../../src/core/byte-text.ts";
import type { HostFiles } from "./edited-service.ts";
import type { Answer } from "./judge.ts";

/** An edit that `rsyslogd -N1` was asked about. */
export interface JudgedEdit {
  mainFile: string;
  before: HostFiles;
  after: HostFiles;
}

/**
 * What `rsyslogd -N1` says of the edited files that it did not say of the original: messages are counted, and
 * a line number counts as the line of the original that stands there now.
 */
export function rsyslogObjections(edit: JudgedEdit, before: Answer, after: Answer): string[] {
  if (before.status > 100) return [];
  if (after.status > 100) return [`rsyslogd ends with status ${after.status}`];
  // Where a syntax error makes rsyslogd give up, what it says first depends on where it gives up.
  const givesUp = stopsEarly(before) && stopsEarly(after);
  const origin = originOfLines(edit.before.get(edit.mainFile) ?? "", edit.after.get(edit.mainFile) ?? "");
  const left = messagesOf(before, edit.mainFile, (line) => line);
  const objections: string[] = [];
  for (const message of messagesOf(after, edit.mainFile, origin)) {
    const at = left.indexOf(message);
    if (at >= 0) left.splice(at, 1);
    else objections.push(message);
  }
  return givesUp && objections.length <= left.length ? [] : objections;
}

/** Whether a syntax error makes rsyslogd give up: what stands behind it is never looked at. */
export function stopsEarly(answer: Answer): boolean {
  return answer.stderr.includes("could not interpret master config file");
}

/** Without any action rsyslogd stops before it looks at the rest. */
export function lacksActions(answer: Answer): boolean {
  return answer.stderr.includes("there are no active actions");
}

/** The messages, with the line numbers of the main file as `origin` has them. */
function messagesOf(answer: Answer, mainFile: string, origin: (line: number) => number | string): string[] {
  return answer.stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.includes("config validation run"))
    .map((line) => {
      if (!line.includes(mainFile)) return line;
      return line.replaceAll(/\bline (\d+)/g, (_, number) => `line ${origin(Number(number))}`);
    });
}

/** For each line of the edited file the number of the original line that it is; lfce's own lines are `new`. */
function originOfLines(before: ByteText, after: ByteText): (line: number) => number | string {
  const origins: (number | string)[] = [];
  let inBlock = false;
  let original = 0;
  for (const line of after.split("\n")) {
    if (/^# lfce: begin /.test(line)) inBlock = true;
    if (!inBlock) original += 1;
    origins.push(inBlock ? "of lfce" : original);
    if (/^# lfce: end /.test(line)) inBlock = false;
  }
  const last = before.split("\n").length;
  return (number) => {
    const origin = origins[number - 1];
    return typeof origin === "number" ? Math.min(origin, last) : (origin ?? last);
  };
}
