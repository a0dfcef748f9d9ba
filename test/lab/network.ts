import { isThere, type LabPaths, network } from "./paths.ts";
import { must, run } from "./processes.ts";

/** A command that runs in a lab's network namespace. */
export function inNamespace(paths: LabPaths, argv: readonly string[]): string[] {
  return ["nsenter", `--net=${paths.namespace}`, "--", ...argv];
}

/** Makes a lab's network: a namespace with a bridge, the controller's address on it, and no route out. */
export async function createNetwork(paths: LabPaths): Promise<void> {
  await must(["ip", "netns", "add", paths.namespaceName]);
  const batch = [
    "link set lo up",
    `link add ${network.bridge} address ${network.controllerMac} type bridge`,
    `addr add ${network.controller}/${network.prefix} dev ${network.bridge}`,
    `link set ${network.bridge} up`,
  ];
  await must(inNamespace(paths, ["ip", "-batch", "-"]), { stdin: `${batch.join("\n")}\n` });
}

/** Removes a lab's network, with every link in it. */
export async function removeNetwork(paths: LabPaths): Promise<void> {
  if (isThere(paths.namespace)) await must(["ip", "netns", "delete", paths.namespaceName]);
}

/** Finds the bridge's end of the cable to the machine whose init is `pid`. */
export async function findLink(paths: LabPaths, pid: number): Promise<string | undefined> {
  const [inside, outside] = await Promise.all([
    must(["nsenter", "--net", "--target", String(pid), "--", "ip", "-json", "link", "show", "host0"]),
    must(inNamespace(paths, ["ip", "-json", "link", "show", "master", network.bridge])),
  ]);
  const peer = links(inside)[0]?.link_index;
  return links(outside).find((link) => link.ifindex === peer)?.ifname;
}

/** Plugs a machine's cable in or pulls it; the machine keeps its address. */
export async function setLink(paths: LabPaths, link: string, state: "up" | "down"): Promise<void> {
  await must(inNamespace(paths, ["ip", "link", "set", link, state]));
}

/** Removes a cable that a killed machine may have left. */
export async function removeLink(paths: LabPaths, link: string): Promise<void> {
  if (isThere(paths.namespace)) await run(inNamespace(paths, ["ip", "link", "delete", link]));
}

type Link = { readonly ifindex: number; readonly ifname: string; readonly link_index?: number };

function links(json: string): Link[] {
  // ip prints empty objects for links that the filter leaves out.
  return (JSON.parse(json || "[]") as Partial<Link>[]).filter(
    (link): link is Link => link.ifname !== undefined,
  );
}
