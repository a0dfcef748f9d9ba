import type { InitializeHook, ResolveHook } from "node:module";

/** What the hooks are told when they are registered. */
export interface HookData {
  /** File URL of the directory, with a final slash, that holds the mutated copy of the project. */
  sandbox: string;
  /** Specifier → file URL of the module that stands in for it there. */
  standIns: Readonly<Record<string, string>>;
}

let data: HookData;

export const initialize: InitializeHook<HookData> = (given) => {
  data = given;
};

/**
 * Gives the tests in the sandbox what stands in for node:test and fast-check, and passes a module's `?generation=N` on to
 * what it imports: so a test file that is imported with a new number runs on new modules altogether.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const { parentURL = "" } = context;
  const inSandbox = parentURL.startsWith(data.sandbox) && !parentURL.includes("/node_modules/");
  const standIn = inSandbox ? data.standIns[specifier] : undefined;
  if (standIn) return { url: standIn, shortCircuit: true };
  const resolved = await nextResolve(specifier, context);
  const generation = /[?&](generation=\d+)/.exec(parentURL)?.[1];
  const { url } = resolved;
  if (!inSandbox || !generation || !url.startsWith(data.sandbox) || url.includes("/node_modules/")) {
    return resolved;
  }
  return url.includes("generation=")
    ? resolved
    : { ...resolved, url: `${url}${url.includes("?") ? "&" : "?"}${generation}` };
};
