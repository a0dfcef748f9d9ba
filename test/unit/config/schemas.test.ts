import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import { roleReference } from "../../../scripts/role-reference.ts";
import { publishedInventorySchema, publishedPlaybookSchema } from "../../../src/config/published-schema.ts";

const root = join(import.meta.dirname, "../../..");
type Json = Record<string, unknown>;

function written(name: string): unknown {
  return JSON.parse(readFileSync(join(root, "schema", name), "utf8"));
}

/** Every property of a schema, at any depth, as `path` and the property's own schema. */
function properties(schema: unknown, path = ""): [string, Json][] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const own: [string, Json][] = key === "properties" ? Object.entries(value as Record<string, Json>) : [];
    return [
      ...own.map(([name, item]): [string, Json] => [`${path}/${name}`, item]),
      ...properties(value, `${path}/${key}`),
    ];
  });
}

describe("the published schemas", () => {
  it("say what the source says (npm run schema writes them)", () => {
    assert.deepEqual(written("playbook.schema.json"), JSON.parse(JSON.stringify(publishedPlaybookSchema())));
    assert.deepEqual(
      written("inventory.schema.json"),
      JSON.parse(JSON.stringify(publishedInventorySchema())),
    );
  });

  it("are what docs/roles.md says (npm run schema writes it)", () => {
    assert.equal(readFileSync(join(root, "docs/roles.md"), "utf8"), roleReference());
  });

  it("describe every property, because editors show that", () => {
    for (const schema of [publishedPlaybookSchema(), publishedInventorySchema()]) {
      const definitions = schema.definitions as Record<string, Json>;
      const silent = properties(schema).filter(([, property]) => {
        const name = String(property.$ref ?? "").replace("#/definitions/", "");
        return property.description === undefined && definitions[name]?.description === undefined;
      });
      assert.deepEqual(
        silent.map(([path]) => path),
        [],
      );
    }
  });

  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });

  it("let a variable stand for any parameter, and nothing for a role's name", () => {
    const validate = ajv.compile(publishedPlaybookSchema());
    const play = (role: Json) => [{ hosts: "all", roles: [role] }];
    const fine = [
      {
        role: "ntp_server",
        allow: "{{ nets }}",
        local_stratum: "{{ stratum }}",
        sources: [{ server: "{{ a }}", minpoll: "{{ b }}" }],
      },
      {
        role: "syslog_client",
        queue: "{{ q }}",
        servers: [{ host: "log1", port: "{{ p }}", queue: { max_disk: "{{ m }}" } }],
      },
      { role: "ntp_client", directives: { makestep: "{{ m }}" }, state: "{{ s }}" },
    ];
    for (const role of fine) assert.ok(validate(play(role)), JSON.stringify(validate.errors));
    const wrong = [
      { role: "{{ r }}" },
      { role: "ntp_server", allow: "everyone" },
      { role: "ntp_server", local_stratm: 10 },
      { role: "ntp_client", servers: [{ server: "a", minpoll: 99 }] },
    ];
    for (const role of wrong) assert.ok(!validate(play(role)), JSON.stringify(role));
  });

  it("accept an inventory as Ansible writes it", () => {
    const validate = ajv.compile(publishedInventorySchema());
    assert.ok(
      validate({
        all: { children: { web: { hosts: { "web[1:3]": null, db: { x: 1 } }, vars: { y: [1] } } } },
      }),
    );
    assert.ok(!validate({ all: { hosts: ["web1"] } }));
  });
});
