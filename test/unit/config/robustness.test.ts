import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { errorsOf, inventoryOf } from "./sources.ts";

const playbook = `- name: Time server
  hosts: time
  vars: {net: 10.0.0.0/8}
  roles:
    - role: ntp_server
      allow: ["{{ net }}", {group: web}]
      local_stratum: 10
- hosts: web
  serial: [1, 10%]
  roles:
    - role: ntp_client
      servers: [{server: a.example, minpoll: 4}, {pool: b.example}]
    - role: syslog_server
      store: [{from: any, file: "/var/log/{host}.log", rotate: {keep: 30d}}]
    - role: syslog_client
      servers: [{host: time1, port: 514, queue: false}]
      selector: mail.info
`;
const inventory = `all:
  children:
    time:
      hosts: {time1: {ansible_host: 10.0.0.1}}
    web:
      hosts:
        web[1:2]: {ansible_port: 22}
      vars: {ansible_user: "{{ who }}", who: root}
`;

/** Text with a few places overwritten, taken out or repeated. */
function damaged(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      " ",
      "\n",
      "\t",
      ":",
      "- ",
      "{",
      "}",
      "[",
      "]",
      '"',
      "'",
      "*x",
      "&x ",
      "!t ",
      "{{",
      "}}",
      "#",
      "|",
    ),
    fc.constantFrom(
      "null",
      "-1",
      "1e99",
      ".nan",
      "~",
      "<<: ",
      "---\n",
      "? ",
      "__proto__: 1",
      "\u0000",
      "\ufeff",
      "\r\n",
    ),
    fc.string({ maxLength: 4 }),
  );
  const slip = fc.record({ start: fc.nat(text.length), length: fc.nat(12), piece });
  return fc
    .array(slip, { minLength: 1, maxLength: 4 })
    .map((slips) =>
      slips.reduce(
        (now, { start, length, piece }) => now.slice(0, start) + piece + now.slice(start + length),
        text,
      ),
    );
}

/** Errors are data with places that exist; nothing else is ever thrown. */
function check(text: string, action: () => unknown): void {
  for (const error of errorsOf(action)) {
    assert.ok(error.message.length > 0 && !/\bundefined\b|\[object/.test(error.message), error.message);
    if (!error.at || !("line" in error.at)) continue;
    const line = text.split("\n")[error.at.line - 1];
    assert.ok(line !== undefined, JSON.stringify(error));
    assert.ok(error.at.column >= 1 && error.at.column <= line.length + 1, JSON.stringify(error));
  }
}

describe("whatever is written", () => {
  it("in a playbook gives a playbook or errors with their places", () => {
    const hosts = inventoryOf(inventory);
    fc.assert(
      fc.property(damaged(playbook), (text) => {
        check(text, () => expandPlaybook(loadPlaybook({ path: "lab.yml", text }), hosts));
      }),
      { numRuns: 500, includeErrorInReport: true },
    );
  });

  it("in an inventory gives an inventory or errors with their places", () => {
    fc.assert(
      fc.property(damaged(inventory), (text) => {
        check(text, () => {
          for (const host of inventoryOf(text).hosts.values())
            assert.ok(host.connection && host.serviceAddress);
        });
      }),
      { numRuns: 500, includeErrorInReport: true },
    );
  });

  it("with CRLF line ends and a byte order mark means the same", () => {
    const plain = loadPlaybook({ path: "lab.yml", text: playbook });
    const other = loadPlaybook({ path: "lab.yml", text: `\ufeff${playbook.replaceAll("\n", "\r\n")}` });
    assert.deepEqual(
      other.plays.map((play) => play.roles.map((use) => use.parameters)),
      plain.plays.map((play) => play.roles.map((use) => use.parameters)),
    );
    assert.equal(other.plays[1]?.roles[0]?.positions.servers?.line, 12);
    assert.doesNotMatch(other.plays[1]?.roles[0]?.positions.servers?.source ?? "\r", /\r/);
  });
});
