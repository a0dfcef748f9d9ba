import pc from "picocolors";
import type { CheckResult } from "../core/checks.ts";
import type { HostStatus } from "../core/events.ts";

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours that can be switched off: the same functions, which then return their text as it is. */
export function createPaint(enabled: boolean): Paint {
  return pc.createColors(enabled);
}

/** Whether to colour: `--no-color` and NO_COLOR (any value, no-color.org) win over the terminal. */
export function wantsColour(options: {
  isTerminal: boolean;
  noColour: boolean;
  environment: NodeJS.ProcessEnv;
}) {
  if (options.noColour || (options.environment.NO_COLOR ?? "") !== "") return false;
  return options.isTerminal && options.environment.TERM !== "dumb";
}

/** A host's status in its colour: green as declared, yellow changed or to change, red wrong, dim not looked at. */
export function paintStatus(paint: Paint, status: HostStatus, text: string = status): string {
  switch (status) {
    case "unchanged":
      return paint.green(text);
    case "changed":
    case "pending":
    case "drifted":
      return paint.yellow(text);
    case "failed":
    case "rolled-back":
    case "unreachable":
      return paint.red(text);
    case "skipped":
      return paint.dim(text);
  }
}

/** The mark before a check: a letter form as well as a colour, so that it reads without colour. */
export function paintResult(paint: Paint, result: CheckResult): string {
  switch (result) {
    case "passed":
      return paint.green("✔");
    case "failed":
      return paint.red("✖");
    case "unproven":
      return paint.yellow("?");
  }
}

/** Colours a unified diff: removed red, added green, hunk headers cyan. */
export function paintDiff(paint: Paint, diff: string): string {
  return diff
    .split("\n")
    .map((line) => {
      if (line.startsWith("--- ") || line.startsWith("+++ ")) return paint.bold(line);
      if (line.startsWith("@@")) return paint.cyan(line);
      if (line.startsWith("-")) return paint.red(line);
      if (line.startsWith("+")) return paint.green(line);
      return line;
    })
    .join("\n");
}
