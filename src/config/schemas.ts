import { InventorySchema, VariableFileSchema } from "./inventory-schema.ts";
import { PlaybookSchema, roleSchemas } from "./playbook-schema.ts";

/** Every JSON Schema that lfce validates with, by what it describes. */
export const schemas = {
  playbook: PlaybookSchema,
  inventory: InventorySchema,
  variable_file: VariableFileSchema,
  ...roleSchemas,
} as const;

export type SchemaName = keyof typeof schemas;
