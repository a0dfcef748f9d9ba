import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { type CaseDocument, desiredOf } from "./desired-of.ts";
import { observe } from "./virtual-host.ts";

const { mainFile } = debian.services.chrony;

/** The file after the plan; the block of this playbook is shortened to `BLOCK`. */
function planned(document: CaseDocument, text: string): string {
  const observed = observe({ files: { [mainFile]: text }, distro: debian });
  const plan = planChrony(desiredOf(document), observed, debian);
  assert.deepEqual(plan.errors, []);
  const after = plan.files[0]?.after ?? "";
  return after.replace(/# lfce: begin \w+, playbook lab[\s\S]*?# lfce: end \w+/, "BLOCK");
}

const client: CaseDocument = { client: { servers: ["10.0.0.1"], exclusive: false } };
const server: CaseDocument = { server: { allow: ["10.0.0.0/8"] } };

/** Commented lines that are examples of a directive, and such that are prose. */
const examples: [CaseDocument, string, string[], string[]][] = [
  [
    client,
    "a source",
    [
      "# server ntp1.example.com iburst",
      "#server 10.0.0.9",
      "! server foo.example.net iburst",
      ";pool 2001:db8::1",
      "%peer\tfoo.example",
      " \t## \tPOOL ntp.ubuntu.com",
      "# server a.b\tiburst",
      "#!  server  \t a.b  iburst",
    ],
    [
      "# server lines follow",
      "# servers ntp.example.com",
      "# the server ntp.example.com is ours",
      "# peer.",
      "# pool ntp.example.com, our own",
      "# server see chrony.conf(5).",
      "server_ foo.example",
      "# server a.:",
    ],
  ],
  [
    server,
    "an allowed network",
    [
      "#allow 192.168.0.0/16",
      "# allow",
      "! allow all",
      "; deny 10",
      "%DENY all 2001:db8::/32",
      "\t## allow\t192.168/16 \t",
      "# allow 1.2.3.4",
      "#allow  all",
      "#allow \t 10/8",
      "#deny  all  10/8  ",
    ],
    [
      "# allow these clients",
      "# allow NTP client access from local network.",
      "# allowed 10.0.0.0/8",
      "# we allow 10.0.0.0/8",
      "# allow 10.0.0.0/8 here",
      "# allow all clients",
      "# allow :",
      "# allow10",
      "# allow all all",
    ],
  ],
];

describe("where a block goes", () => {
  for (const [document, what, yes, no] of examples) {
    for (const comment of yes) {
      it(`"${comment}" is an example of ${what}`, () =>
        assert.equal(planned(document, `${comment}\nrtcsync\n`), `${comment}\nBLOCK\nrtcsync\n`));
    }
    for (const comment of no) {
      it(`"${comment}" is no example of ${what}`, () =>
        assert.equal(planned(document, `${comment}\nrtcsync\n`), `${comment}\nrtcsync\nBLOCK\n`));
    }
  }

  const local: [string, boolean][] = [
    ["#local stratum 10", true],
    ["##  local \t stratum \t 10", true],
    [" ! Local\tstratum  8 orphan", true],
    ["# local stratum is ten", false],
    ["# the local stratum 10", false],
    ["#local stratum10", false],
    ["# locals stratum 10", false],
  ];
  for (const [comment, isExample] of local) {
    it(`"${comment}" is ${isExample ? "an" : "no"} example of local`, () => {
      const text = `${comment}\nrtcsync\n`;
      assert.equal(planned(server, text), isExample ? `${comment}\nBLOCK\nrtcsync\n` : `${text}BLOCK\n`);
    });
  }

  const places: [string, CaseDocument, string, string][] = [
    [
      "the last source before an example",
      client,
      "pool a.b\nrtcsync\n#pool c.d\n",
      "pool a.b\nBLOCK\nrtcsync\n#pool c.d\n",
    ],
    [
      "behind the last of several sources",
      client,
      "pool a.b\npeer c.d\nrtcsync\n",
      "pool a.b\npeer c.d\nBLOCK\nrtcsync\n",
    ],
    [
      "behind the last of several examples",
      client,
      "#pool a.b\n#pool c.d\nrtcsync\n",
      "#pool a.b\n#pool c.d\nBLOCK\nrtcsync\n",
    ],
    [
      "a directive before an example of one",
      server,
      "deny 11/8\n#allow 1/8\n",
      "#lfce# deny 11/8\nBLOCK\n#allow 1/8\n",
    ],
    [
      "an allow example before a local line",
      server,
      "local\n#allow 1/8\nrtcsync\n",
      "#lfce# local\n#allow 1/8\nBLOCK\nrtcsync\n",
    ],
    [
      "a local line before an example of it",
      server,
      "local\nrtcsync\n#local stratum 8\n",
      "#lfce# local\nBLOCK\nrtcsync\n#local stratum 8\n",
    ],
    [
      "the sources say nothing of a server's place",
      server,
      "pool a.b\nrtcsync\n",
      "pool a.b\nrtcsync\nBLOCK\n",
    ],
    [
      "access says nothing of a client's place",
      client,
      "allow 1/8\n#allow 2/8\nrtcsync\n",
      "allow 1/8\n#allow 2/8\nrtcsync\nBLOCK\n",
    ],
    [
      "another playbook's block is no place",
      client,
      "rtcsync\n# lfce: begin ntp_server, playbook other\npool a.b\n# pool c.d\n# lfce: end ntp_server\nlog tracking\n",
      "rtcsync\n# lfce: begin ntp_server, playbook other\npool a.b\n# pool c.d\n# lfce: end ntp_server\nlog tracking\nBLOCK\n",
    ],
  ];
  for (const [name, document, text, expected] of places) {
    it(name, () => assert.equal(planned(document, text), expected));
  }

  const endings: [string, string, string][] = [
    ["LF before it", "pool a.b\nrtcsync\r\n", "pool a.b\nBLOCK\nrtcsync\r\n"],
    ["CRLF before it", "pool a.b\r\nrtcsync\n", "pool a.b\r\nBLOCK\r\nrtcsync\n"],
    ["no line before it", "", "BLOCK\n"],
    ["no final newline", "rtcsync\r\npool a.b", "rtcsync\r\npool a.b\r\nBLOCK"],
    ["a single line without an end", "pool a.b", "pool a.b\nBLOCK"],
  ];
  for (const [name, text, expected] of endings) {
    it(`line ends: ${name}`, () => assert.equal(planned(client, text), expected));
  }
});
