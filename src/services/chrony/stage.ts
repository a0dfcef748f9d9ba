import type { ByteText } from "../../core/byte-text.ts";
import type { StagedTree } from "../../core/host-plan.ts";
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
export function stageTree(main: string, contents: ReadonlyMap<string, ByteText>): StagedTree {
  const directory = stagingDirectory(main);
  const files: Record<string, ByteText> = {};
  for (const [path, content] of contents) files[relative(path)] = rewrite(content, directory, contents);
  return { service: "chrony", main, directory, stagedMain: relative(main), files };
}

function relative(path: string): string {
  return path.replace(/^\/+/, "");
}

function rewrite(content: ByteText, directory: string, contents: ReadonlyMap<string, ByteText>): ByteText {
  return parse(content)
    .lines.map((line) => {
      if (line.kind !== "directive" || (line.name !== "include" && line.name !== "confdir")) {
        return line.text + line.ending;
      }
      const moved = line.arguments.map((path) =>
        holdsStaged(line.name, path, contents) ? directory + path : path,
      );
      return `${[line.name, ...moved].join(" ")}${line.ending}`;
    })
    .join("");
}

function holdsStaged(name: string, path: string, contents: ReadonlyMap<string, ByteText>): boolean {
  if (!path.startsWith("/")) return false;
  const parent = name === "confdir" ? path.replace(/\/+$/, "") : path.slice(0, path.lastIndexOf("/"));
  return [...contents.keys()].some(
    (staged) => staged === path || staged.slice(0, staged.lastIndexOf("/")) === parent,
  );
}
