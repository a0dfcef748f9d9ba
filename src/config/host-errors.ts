import { LfceError, type LfceErrorData } from "../core/errors.ts";

/**
 * Collects errors that hold for certain hosts: the same one for five hundred hosts is said once, with the
 * name of the first and the number of the others.
 */
export interface HostErrors {
  add(host: string, errors: readonly LfceErrorData[]): void;
  /** Runs something that may throw an `LfceError`, which is then collected; undefined when it did. */
  attempt<T>(host: string, action: () => T): T | undefined;
  list(): LfceErrorData[];
}

export function hostErrors(): HostErrors {
  const found = new Map<string, { error: LfceErrorData; hosts: Set<string> }>();
  const add = (host: string, errors: readonly LfceErrorData[]) => {
    for (const error of errors) {
      const key = JSON.stringify([error.code, error.message, error.at]);
      const entry = found.get(key) ?? { error, hosts: new Set<string>() };
      found.set(key, entry);
      entry.hosts.add(host);
    }
  };
  return {
    add,
    attempt(host, action) {
      try {
        return action();
      } catch (error) {
        if (!(error instanceof LfceError)) throw error;
        add(host, [error.data]);
        return undefined;
      }
    },
    list: () =>
      [...found.values()].map(({ error, hosts }) => ({ ...error, message: error.message + suffix(hosts) })),
  };
}

function suffix(hosts: Set<string>): string {
  const [first = "", ...rest] = [...hosts].filter((host) => host !== "");
  if (first === "") return "";
  return rest.length === 0 ? ` (host ${first})` : ` (host ${first} and ${rest.length} more)`;
}
