import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildLayer, discardBuilds } from "./build.ts";
import { withLock } from "./lock.ts";
import { mountsBelow, usedDirectories } from "./mounts.ts";
import { cacheDirectory, isThere } from "./paths.ts";
import type { Setup } from "./progress.ts";
import { type ImageName, type Layer, layersOf, offlinePackages } from "./recipes.ts";

const imageFiles = join(import.meta.dirname, "image");
const imageCache = () => join(cacheDirectory(), "images");
const buildDirectory = () => join(cacheDirectory(), "building");
const buildLock = () => join(cacheDirectory(), "locks", "images.lock");

/** Where each layer of an image lies, the lowest first; whether or not it is built. */
export function imageDirectories(image: ImageName): string[] {
  return layersOf(image).map((layer) => join(imageCache(), `${layer.name}-${hashOf(layer)}`));
}

/**
 * Builds the layers that are missing for `images`, one builder at a time on this box. A layer appears in
 * the cache by a rename when it is complete, under a hash of everything that went into it; older builds of
 * the same layer that no machine uses are removed.
 */
export async function ensureImages(images: readonly ImageName[], setup: Setup): Promise<void> {
  const missing = () => images.filter((image) => !imageDirectories(image).every(isThere));
  if (missing().length === 0) return;
  const waiting = () => setup.say("waiting for another builder of images");
  await withLock(buildLock(), { waiting }, async () => {
    await discardBuilds(buildDirectory());
    mkdirSync(imageCache(), { recursive: true });
    try {
      for (const image of missing()) {
        const directories = imageDirectories(image);
        for (const [depth, layer] of layersOf(image).entries()) {
          const directory = directories[depth];
          if (directory === undefined || isThere(directory)) continue;
          const built = await buildLayer(layer, directories.slice(0, depth), buildDirectory(), setup);
          renameSync(built, directory);
          prune(layer, directory);
        }
      }
    } finally {
      await discardBuilds(buildDirectory());
    }
  });
}

/** Removes all images, and what an interrupted build left. Returns undefined while somebody builds. */
export async function removeImages(): Promise<boolean> {
  const removed = await withLock(buildLock(), { impatient: true }, async () => {
    await discardBuilds(buildDirectory());
    if (usedDirectories(imageCache()).length > 0) return false;
    rmSync(imageCache(), { recursive: true, force: true });
    return true;
  });
  return removed === true;
}

/** Removes what an interrupted build left, unless somebody builds at the moment. Returns what it removed. */
export async function removeUnfinishedImages(): Promise<string[]> {
  const removed = await withLock(buildLock(), { impatient: true }, () => discardBuilds(buildDirectory()));
  return removed ?? [];
}

/** A hash of everything that decides what is in a layer. */
function hashOf(layer: Layer): string {
  const hash = createHash("sha256");
  if ("below" in layer) {
    hash.update(`${hashOf(layer.below)}\0`);
    hash.update(readFileSync(join(imageFiles, layer.script)));
    if (layer.script === "el9.sh") hash.update(readFileSync(join(imageFiles, "el9-bare.sh")));
    if (layer.files) {
      const folder = join(import.meta.dirname, layer.files);
      for (const name of readdirSync(folder).sort())
        hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
    }
  } else {
    hash.update([layer.release, ...layer.packages, "", ...offlinePackages].join("\0"));
    hash.update(readFileSync(join(imageFiles, "base.sh")));
    hash.update(readFileSync(join(import.meta.dirname, "build.ts")));
  }
  return hash.digest("hex").slice(0, 12);
}

function prune(layer: Layer, newest: string): void {
  const used = usedDirectories(imageCache());
  for (const name of readdirSync(imageCache())) {
    const directory = join(imageCache(), name);
    const isOld = name.slice(0, name.lastIndexOf("-")) === layer.name && directory !== newest;
    if (isOld && !used.includes(directory) && mountsBelow(directory).length === 0)
      rmSync(directory, { recursive: true, force: true });
  }
}
