import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { publishedInventorySchema, publishedPlaybookSchema } from "../src/config/published-schema.ts";
import { roleReference } from "./role-reference.ts";

/** Writes the JSON Schemas that editors use into schema/, and docs/roles.md. Run it after a change to a role's parameters. */
const directory = new URL("../schema/", import.meta.url);
await mkdir(directory, { recursive: true });
const published = {
  "playbook.schema.json": publishedPlaybookSchema(),
  "inventory.schema.json": publishedInventorySchema(),
};
for (const [name, schema] of Object.entries(published)) {
  const file = new URL(name, directory);
  await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`wrote ${fileURLToPath(file)}`);
}
const reference = new URL("../docs/roles.md", import.meta.url);
await writeFile(reference, roleReference());
console.log(`wrote ${fileURLToPath(reference)}`);
