import assert from "node:assert/strict";
import { describe, test } from "node:test";
import ipaddr from "ipaddr.js";
import { roleSchemas } from "../../../src/config/playbook-schema.ts";
import { stringPlaces } from "./parameters.ts";
import { type Attempt, type Outcome, passAll, planned } from "./passage.ts";
import { RUNS, SEED } from "./runs.ts";
import { stockHost } from "./stock-host.ts";
import { hostileStrings } from "./strings.ts";
import { shapeOf, standsLiterally } from "./written.ts";

/** Values that people write; each place takes at least one of them, or has a list of words of its own. */
const ORDINARY = [
  "192.0.2.1",
  "10.0.0.0/8",
  "2001:db8::/32",
  "time.example.net",
  "other1",
  "others",
  "any",
  "all",
  "tcp",
  "/var/log/remote/all.log",
  "/var/log/remote/{hostname}.log",
  "/var/log/remote/{date}/{program}.log",
  "0640",
  "syslog",
  "30d",
  "mail.info",
  "*.*;auth.none",
  "forward",
  "2g",
  "50ms",
  "1 3",
  "maxupdateskew",
  "F323",
];

const strings = hostileStrings(RUNS, SEED);
const attempts = (role: string, put: (text: string) => unknown, texts: readonly string[]): Attempt[] =>
  texts.map((text) => ({ text, roles: [{ role, ...needed(role, put(text) as object) }] }));

/** What a role cannot be without. */
function needed(role: string, parameters: object): object {
  return role === "ntp_server" ? { allow: ["10.0.0.0/8"], ...parameters } : parameters;
}

function* batches<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

function shapesOf(outcomes: readonly Outcome[]): Set<string> {
  return new Set(
    outcomes.flatMap((one) =>
      one.kind === "planned" && one.result.errors.length === 0 ? [shapeOf(one.result)] : [],
    ),
  );
}

/** What is wrong with what became of a string; undefined when it was refused with its place or written as it is. */
function wrong(text: string, outcome: Outcome, ordinary: ReadonlySet<string>): string | undefined {
  // passAll throws for a refusal that names no line of the attempt.
  if (outcome.kind === "refused") return undefined;
  const { declaration, result } = outcome;
  const [error] = result.errors;
  if (error)
    return error.at && "file" in error.at ? undefined : `refused without a position: ${error.message}`;
  const shape = shapeOf(result);
  if (!ordinary.has(shape)) return `adds other statements than any ordinary value: ${shape}`;
  // Addresses and networks are written in their own form, tokens of a file name as the daemon has them.
  const translated = ipaddr.isValid(text) || ipaddr.isValidCIDR(text) || /[{}]/.test(text);
  if (!translated && !standsLiterally(text, result)) return "is not there as it was given";
  const inForce = stockHost(result.observed.names, result.after);
  const again = planned(declaration, { inventoryNames: new Set() }, inForce);
  return again.transaction.files.length === 0 ? undefined : "is not read back as what was declared";
}

for (const [role, schema] of Object.entries(roleSchemas)) {
  describe(`hostile strings in ${role}`, () => {
    const places = stringPlaces(schema);
    for (const { path, put } of places) {
      test(`${path}: refused with its position, or written literally and read back`, () => {
        const ordinary = shapesOf(passAll(attempts(role, put, ORDINARY)));
        const found: string[] = [];
        for (const texts of batches(strings, 250)) {
          for (const [index, outcome] of passAll(attempts(role, put, texts)).entries()) {
            const text = texts[index] as string;
            const problem = wrong(text, outcome, ordinary);
            if (problem) found.push(`${JSON.stringify(text.slice(0, 100))} ${problem}`);
          }
        }
        assert.deepEqual(found.slice(0, 5), []);
      });
    }
  });
}

test("the places that take strings are those of the roles' schemas", () => {
  const paths = Object.entries(roleSchemas).flatMap(([role, schema]) =>
    stringPlaces(schema).map(({ path }) => `${role}.${path}`),
  );
  for (const known of [
    "ntp_client.servers[].server",
    "syslog_server.store.file",
    "syslog_client.queue.file",
  ]) {
    assert.ok(paths.includes(known), known);
  }
  assert.ok(paths.length > 70, String(paths.length));
});
