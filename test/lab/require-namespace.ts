import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { labError } from "./errors.ts";
import { isThere, labOfNamespace, labPaths } from "./paths.ts";

/**
 * Refuses to go on unless this process is in a lab's network namespace (that of `lab`, or of any) and has no
 * default route: no packet of a test may leave the box. Returns the lab's name.
 */
export function requireNamespace(lab?: string): string {
  const here = statSync("/proc/self/ns/net").ino;
  const names = isThere("/run/netns") ? readdirSync("/run/netns") : [];
  const name = names.find((candidate) => statSync(join("/run/netns", candidate)).ino === here);
  const found = name === undefined ? undefined : labOfNamespace(name);
  if (found === undefined || (lab !== undefined && name !== labPaths(lab).namespaceName))
    throw labError(
      `this must run in the network namespace of ${lab === undefined ? "a lab" : `the lab "${lab}"`}`,
      `Run it so: npm run lab -- exec${lab === undefined ? "" : ` --name ${lab}`} -- COMMAND`,
    );
  if (hasDefaultRoute()) throw labError(`the network namespace of the lab "${found}" has a route out`);
  return found;
}

/** Looks into proc(5)'s routing tables: a destination of all zeros with an empty mask. */
function hasDefaultRoute(): boolean {
  const version4 = readFileSync("/proc/self/net/route", "utf8").split("\n").slice(1);
  if (version4.some((line) => /^\S+\t0{8}\t\S+\t\S+\t\S+\t\S+\t\S+\t0{8}\t/.test(line))) return true;
  if (!isThere("/proc/self/net/ipv6_route")) return false;
  const version6 = readFileSync("/proc/self/net/ipv6_route", "utf8").split("\n");
  // The kernel's own reject entry on lo is no way out.
  return version6.some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line));
}
