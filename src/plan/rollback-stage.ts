import type { FileChange, ServiceName, StagedTree } from "../core/host-plan.ts";
import type { ObservedFile, ObservedHost } from "../core/observed.ts";
import type { Distro } from "../distros/distro.ts";
import { observedContents } from "../services/chrony/observation.ts";
import { stageTree as stageChrony } from "../services/chrony/stage.ts";
import { modelOf, treeOf } from "../services/rsyslog/in-force/in-force.ts";
import { includeMatcher } from "../services/rsyslog/in-force/include.ts";
import { stageTree as stageRsyslog } from "../services/rsyslog/stage.ts";

/** What a service loads once files were put back: for its daemon to judge first, and for its restart record. */
export interface StagedService {
  unit: string;
  loadedFiles: string[];
  staged: StagedTree;
}

/** The tree of each service as it will be. Whatever of the files no daemon loads is in none of them. */
export function stageRollback(
  services: readonly ServiceName[],
  files: readonly FileChange[],
  observed: ObservedHost,
  distro: Distro,
): StagedService[] {
  const after = withFiles(observed, files);
  return services.flatMap((service): StagedService[] => {
    const { unit, mainFile } = distro.services[service];
    if (after.files[mainFile]?.content === undefined) return [];
    if (service === "chrony") {
      const contents = observedContents(mainFile, after);
      return [
        { unit, loadedFiles: [...contents.keys()], staged: stageChrony(mainFile, contents, after.globs) },
      ];
    }
    const tree = treeOf(after);
    const model = modelOf(tree, mainFile);
    return [{ unit, loadedFiles: [...model.files], staged: stageRsyslog(model, tree.texts) }];
  });
}

function withFiles(observed: ObservedHost, changes: readonly FileChange[]): ObservedHost {
  const files: Record<string, ObservedFile> = { ...observed.files };
  const globs = Object.fromEntries(
    Object.entries(observed.globs).map(([pattern, paths]) => [pattern, [...paths]]),
  );
  for (const { path, after } of changes) {
    if (after === null) delete files[path];
    else files[path] = { ...(files[path] ?? { path, kind: "file" }), kind: "file", content: after };
    for (const [pattern, paths] of Object.entries(globs)) {
      const others = paths.filter((one) => one !== path);
      const matches = after !== null && includeMatcher(pattern)(path);
      globs[pattern] = matches ? [...others, path].sort() : others;
    }
  }
  return { ...observed, files, globs };
}
