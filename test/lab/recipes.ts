import { labError } from "./errors.ts";

/** A Debian release that images are made from. */
export type Release = "bullseye" | "bookworm" | "trixie";

/**
 * One layer of an image. `base` is a fresh Debian root; every other layer is what `script` (in image/)
 * changes when it runs inside the layer `below`, with the folder `files` at /usr/share/lfce-lab/FILES.
 */
export type Layer =
  | { readonly name: string; readonly release: Release; readonly packages: readonly string[] }
  | { readonly name: string; readonly below: Layer; readonly script: string; readonly files?: string };

/** What every machine has. ca-certificates, cron and an interpreter for Python are left out on purpose. */
const basePackages = [
  "dbus",
  "e2fsprogs",
  "iproute2",
  "logrotate",
  "nftables",
  "openssh-server",
  "procps",
  "sudo",
  "systemd",
  "systemd-sysv",
  "tcsh",
];

/** What the machine's own package repository offers, with what these depend on. */
export const offlinePackages = ["chrony", "rsyslog", "rsyslog-gnutls"];

function base(release: Release): Layer {
  return { name: `${release}-base`, release, packages: basePackages };
}

function withDaemons(release: Release): Layer {
  return { name: release, below: base(release), script: "daemons.sh" };
}

/** Other tools that the benchmarks compare with need an interpreter on every machine; lfce needs none. */
const pythonBase: Layer = {
  name: "bookworm-python-base",
  release: "bookworm",
  packages: [...basePackages, "python3", "python3-apt"],
};

const topLayers = {
  debian11: withDaemons("bullseye"),
  debian12: withDaemons("bookworm"),
  debian13: withDaemons("trixie"),
  "debian12-python": { name: "bookworm-python", below: pythonBase, script: "daemons.sh" },
  el9: { name: "el9", below: withDaemons("bookworm"), script: "el9.sh", files: "el9" },
  "debian11-bare": base("bullseye"),
  "debian12-bare": base("bookworm"),
  "debian13-bare": base("trixie"),
  "el9-bare": { name: "el9-bare", below: base("bookworm"), script: "el9-bare.sh", files: "el9" },
} as const satisfies Record<string, Layer>;

/** An image by its name; the `-bare` ones have neither chrony nor rsyslog installed. */
export type ImageName = keyof typeof topLayers;

/** The names of all images. */
export const imageNames = Object.keys(topLayers) as ImageName[];

/** Checks a name that somebody typed. */
export function imageName(text: string): ImageName {
  const name = imageNames.find((known) => known === text);
  if (!name) throw labError(`there is no image "${text}"`, `Images: ${imageNames.join(", ")}.`);
  return name;
}

/** The layers of an image, the lowest first. */
export function layersOf(image: ImageName): Layer[] {
  const layers: Layer[] = [];
  for (
    let layer: Layer | undefined = topLayers[image];
    layer;
    layer = "below" in layer ? layer.below : undefined
  )
    layers.unshift(layer);
  return layers;
}
