import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aptSettings, debianSources } from "./apt.ts";
import { mountOverlay, unmountBelow } from "./mounts.ts";
import { isThere } from "./paths.ts";
import { dyingWithUs, must } from "./processes.ts";
import type { Setup } from "./progress.ts";
import { type Layer, offlinePackages } from "./recipes.ts";

const imageFiles = join(import.meta.dirname, "image");

/** What mmdebstrap leaves out: nothing on a machine reads them. */
const leftOut = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*"];

/** Builds one layer in a new folder below `directory` and returns where its files are. */
export async function buildLayer(
  layer: Layer,
  below: readonly string[],
  directory: string,
  setup: Setup,
): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const place = mkdtempSync(join(directory, `${layer.name}-`));
  return "below" in layer ? buildUpon(layer, below, place, setup) : buildBase(layer, place, setup);
}

/** Removes what builds left below `directory`; nobody may be building. Returns what it removed. */
export async function discardBuilds(directory: string): Promise<string[]> {
  if (!isThere(directory)) return [];
  const left = readdirSync(directory).map((name) => join(directory, name));
  await unmountBelow(directory);
  // A killed builder may take a moment to let go.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  return left;
}

async function buildBase(
  layer: Extract<Layer, { release: string }>,
  place: string,
  setup: Setup,
): Promise<string> {
  const root = join(place, "root");
  setup.say(`image ${layer.name}: Debian ${layer.release} from its packages (about 25 s)`);
  const hook = `sh '${join(imageFiles, "base.sh")}' "$1" ${offlinePackages.join(" ")}`;
  const argv = [
    "mmdebstrap",
    "--mode=root",
    "--format=directory",
    "--variant=minbase",
    ...aptSettings(await must(["apt-config", "dump"])).map((setting) => `--aptopt=${setting}`),
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--include=${layer.packages.join(",")}`,
    `--customize-hook=${hook}`,
    layer.release,
    root,
    ...(await debianSources(layer.release)),
  ];
  const onErrorLine = (line: string) => {
    const step = /^I: (.*?)\.*$/.exec(line)?.[1];
    if (step && / packages|apt-get/.test(step)) setup.say(`image ${layer.name}: ${step}`);
  };
  await must(dyingWithUs(argv), { signal: setup.signal, killSignal: "SIGKILL", onErrorLine });
  return root;
}

async function buildUpon(
  layer: Extract<Layer, { below: Layer }>,
  below: readonly string[],
  place: string,
  setup: Setup,
): Promise<string> {
  setup.say(`image ${layer.name}: ${layer.script} upon ${layer.below.name}`);
  const at = (name: string) => join(place, name);
  const directories = { upper: at("upper"), work: at("work"), root: at("root") };
  for (const path of Object.values(directories)) mkdirSync(path);
  await mountOverlay(below, directories);
  const scripts = join(directories.root, "usr/share/lfce-lab/image");
  cpSync(imageFiles, scripts, { recursive: true });
  if (layer.files) {
    const target = join(directories.root, "usr/share/lfce-lab", layer.files);
    cpSync(join(import.meta.dirname, layer.files), target, { recursive: true });
  }
  const inside = ["chroot", directories.root, "sh", `/usr/share/lfce-lab/image/${layer.script}`];
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  await must(dyingWithUs(inside), { signal: setup.signal, killSignal: "SIGKILL", env });
  rmSync(scripts, { recursive: true });
  await unmountBelow(place);
  return directories.upper;
}
