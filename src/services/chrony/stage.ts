import type { ByteText } from "../../core/byte-text.ts";
import type { StagedTree } from "../../core/host-plan.ts";
import { patternsOf } from "./load-order.ts";
import { parse } from "./parse.ts";

/**
 * Where a candidate configuration is checked: Debian's and Ubuntu's AppArmor profile lets chronyd read
 * /etc/chrony/** and no other new directory; elsewhere a directory beside the main file.
 */
export function stagingDirectory(mainFile: string): string {
  return mainFile.startsWith("/etc/chrony/") ? "/etc/chrony/.lfce-stage" : "/etc/.lfce-stage-chrony";
}

/**
 * The tree for `chronyd -p`: every loaded file below the staging directory under its own path, with the
 * include and confdir paths of staged files pointing there. Paths of which nothing is staged stay live, so
 * that what fails or is empty on the host does the same in the check. `chronyd -p` does not read source
 * directories, so their lines stay as they are.
 */
export function stageTree(
  main: string,
  contents: ReadonlyMap<string, ByteText>,
  globs: Readonly<Record<string, readonly string[]>>,
): StagedTree {
  const directory = stagingDirectory(main);
  const files: Record<string, ByteText> = {};
  const isStaged = (name: string, path: string) =>
    path.startsWith("/") &&
    patternsOf({ name, arguments: [path] })
      .flatMap((pattern) => globs[pattern] ?? [pattern])
      .some((match) => contents.has(match));
  for (const [path, content] of contents) files[relative(path)] = rewrite(content, directory, isStaged);
  return { service: "chrony", main, directory, stagedMain: relative(main), files };
}

function relative(path: string): string {
  return path.replace(/^\/+/, "");
}

function rewrite(
  content: ByteText,
  directory: string,
  isStaged: (name: string, path: string) => boolean,
): ByteText {
  return parse(content)
    .lines.map((line) => {
      if (line.kind !== "directive" || (line.name !== "include" && line.name !== "confdir")) {
        return line.text + line.ending;
      }
      const moved = line.arguments.map((path) => (isStaged(line.name, path) ? directory + path : path));
      return `${[line.name, ...moved].join(" ")}${line.ending}`;
    })
    .join("");
}
