import { loadInventory } from "../../../src/config/inventory.ts";
import type { Inventory } from "../../../src/config/inventory-model.ts";
import type { SourceFile } from "../../../src/config/source-file.ts";
import type { LfceErrorData } from "../../../src/core/errors.ts";
import { LfceError, LfceErrors } from "../../../src/core/errors.ts";

const environment = { home: "/home/operator", connectTimeoutMs: 10_000 };

/** An inventory from text: the main file, and files beside it by their relative path. */
export function inventoryOf(
  text: string,
  beside: Record<string, string> = {},
  extraVariables: Record<string, unknown> = {},
): Inventory {
  return loadInventory({
    inventories: [{ file: { path: "inv/hosts.yml", text }, variableFiles: filesOf(beside) }],
    extraVariables,
    environment,
  });
}

/** Several inventories, each with the files beside it. */
export function inventoriesOf(...given: { path: string; text: string; beside?: Record<string, string> }[]) {
  return loadInventory({
    inventories: given.map(({ path, text, beside = {} }) => ({
      file: { path, text },
      variableFiles: filesOf(beside, path.replace(/[^/]*$/, "")),
    })),
    extraVariables: {},
    environment,
  });
}

function filesOf(beside: Record<string, string>, directory = "inv/"): SourceFile[] {
  return Object.entries(beside).map(([path, text]) => ({ path: directory + path, text }));
}

/** What an action throws, as plain data; an empty list when it throws nothing. */
export function errorsOf(action: () => unknown): readonly LfceErrorData[] {
  try {
    action();
    return [];
  } catch (error) {
    if (error instanceof LfceErrors) return error.errors;
    if (error instanceof LfceError) return [error.data];
    throw error;
  }
}

/** One error as one line: `LINE:COLUMN+LENGTH message | hint`, for expectations in files. */
export function errorLine(error: LfceErrorData): string {
  const at = error.at;
  const place =
    at && "line" in at ? `${at.line}:${at.column}${at.length === undefined ? "" : `+${at.length}`} ` : "";
  return `${place}${error.message}${error.hint === undefined ? "" : ` | ${error.hint}`}`;
}
