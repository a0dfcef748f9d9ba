import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { escapeControls } from "../../../src/core/byte-text.ts";
import { LfceError } from "../../../src/core/errors.ts";
import { redactSecrets } from "../../../src/core/redact.ts";
import { ntpEvidence, syslogEvidence } from "../../../src/remote/evidence.ts";
import { parseFrames } from "../../../src/remote/frames.ts";
import { installPackages } from "../../../src/remote/install.ts";
import { createLineQueue } from "../../../src/remote/line-queue.ts";
import { observe } from "../../../src/remote/observe.ts";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { addFrame, emptyReport, parseTransactionFrame } from "../../../src/remote/transaction-frames.ts";
import { localChannel } from "../../ssh/local-transport.ts";
import { observedOf } from "../remote/observed-of.ts";
import { RUNS } from "./runs.ts";

const block = (key: string, text: string): string => `${key}:${text.length}\n${text}\n`;

/** The clock and the user of the scripts, as the script's own process shows them. */
const SELF = "stat 0:416d:9:1766000000.123456789:1.5:0:root:root:/proc/self/\n";
/** A file as `head -v` prints it, and its metadata. */
const titled = (path: string, text: string): string => `==> ${path} <==\n${text}`;
const stat = (path: string, size: number): string => `stat ${size}:81a4:1:1.5:1.5:0:root:root:${path}\n`;
const OS_RELEASE = 'ID=debian\nPRETTY_NAME="Debian 12"\n';
const BOUNDARY = "0123456789abcdef01234567";

/** What an honest host says: the start of every mutation. */
const OBSERVED = [
  SELF,
  "unit chrony\n",
  block("units", "Id=chrony.service\nLoadState=loaded\nActiveState=active\nSubState=running\n"),
  "glob /etc/chrony/conf.d/*.conf\nmatch /etc/chrony/conf.d/a.conf\nmissing /etc/x\n",
  "link /etc/l\ntarget /etc/m\nunwritable /etc/m\nlist /var/log/*\nlisted /var/log/a\n",
  stat("/etc/chrony/chrony.conf", 4),
  stat("/etc/os-release", OS_RELEASE.length),
  "os-release-file /etc/os-release\ncontent /etc/chrony/chrony.conf\ncontent /etc/os-release\n",
  `contents<${BOUNDARY}\n`,
  [
    titled("/etc/chrony/chrony.conf", "abc\n"),
    titled("/etc/os-release", OS_RELEASE),
    titled("/proc/uptime", "12345.67 1.0\n"),
    titled("/proc/sys/kernel/random/boot_id", "0b0b\n"),
    titled("/proc/net/tcp", "  sl\n   0: 00000000:0202 00000000:0000 0A 0 0 0 0 0 1\n"),
  ].join("\n"),
  `\n${BOUNDARY}\n`,
  "name time1 192.0.2.1 192.0.2.1\nprogram chronyd /usr/sbin/chronyd\n",
  block("ss-listeners", 'tcp LISTEN 0 25 0.0.0.0:514 0.0.0.0:* users:(("rsyslogd",pid=1,fd=2))\n'),
  block("chronyc", "^,*,192.0.2.1,10,6,377,1,0.1,0.1,0.1\nC0000201,192.0.2.1,3,1.5,0,0,0,0,0,0,0,0,Normal\n"),
  "transaction open abc\nrestart chrony\n",
  block("restart-record", "boot-id x\nstarted-at 1\n"),
  block("firewalld", "default-zone: public\npublic\n  services: ssh\n"),
  "selected-after 3\nunit-state active\nresult ok\n",
  block("journal", "line one\nline two\n"),
  "end\n",
].join("");
const APPLIED =
  "lfce phase lock\nlfce notice hello\nlfce error disk-full no room\nlfce detail x\nlfce recovering a\n" +
  "lfce restored /etc/x\nlfce restarted chrony\nlfce broken y\nlfce recovered yes a\nlfce healthy\n" +
  "lfce rolled-back yes because\nlfce committed\nlfce kept z\n";

/** Cuts, repeats, moves and changes pieces of a text, and writes wrong lengths into it. */
function mutated(text: string): fc.Arbitrary<Buffer> {
  const place = fc.nat(text.length);
  const change = fc.oneof(
    fc.record({ at: place, drop: fc.nat(40), put: fc.constant("") }),
    fc.record({ at: place, drop: fc.nat(3), put: fc.string({ unit: "binary", maxLength: 20 }) }),
    fc.record({
      at: place,
      drop: fc.nat(8),
      put: fc.constantFrom(
        "\n",
        "\0",
        "\x1b[2J",
        ":",
        ":999999999\n",
        ":0\n",
        ":-1\n",
        "end\n",
        "__proto__",
        "\u202e",
        " ",
      ),
    }),
    fc.record({ at: place, drop: fc.constant(0), put: place.map((from) => text.slice(from, from + 200)) }),
    fc.record({ at: place, drop: fc.nat(10), put: fc.bigInt({ min: -1n, max: 10n ** 30n }).map(String) }),
  );
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    let result = text;
    for (const { at, drop, put } of changes) result = result.slice(0, at) + put + result.slice(at + drop);
    return Buffer.from(result, "latin1");
  });
}

/** A channel to a host that says this, whatever it is asked. */
const saying = (stdout: Buffer): ScriptChannel => ({
  ...localChannel(),
  host: "web1",
  run: async () => ({ code: 0, stderr: "", stdout }),
});

async function onlyLfceErrors(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof LfceError, error instanceof Error ? error.stack : String(error));
  }
}

function holdsControls(value: unknown): boolean {
  return typeof value === "string" && /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/.test(value);
}

const numRuns = Math.min(10 * RUNS, 20_000);
const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
const ntp = { unit: "chrony", waitSeconds: 0, acceptable: [], burst: false, accessChecks: [], names: [] };
const syslog = { unit: "rsyslog", targets: [], names: [], spoolDirectory: "/x", searchDirectories: [] };
const readers: Record<string, (channel: ScriptChannel) => Promise<unknown>> = {
  observe: (channel) => observe(channel, nothing),
  ntpEvidence: (channel) => ntpEvidence(channel, ntp),
  syslogEvidence: (channel) =>
    syslogEvidence(channel, { ...syslog, nonces: [], files: [], configurations: [] }),
  installPackages: (channel) => installPackages(channel, "apt-get", ["chrony"]),
};

describe("answers of a hostile host", () => {
  test("the honest answer, from which the mutations start, is read", () => {
    const seen = observedOf(OBSERVED);
    assert.equal(seen.files["/etc/chrony/chrony.conf"]?.content, "abc\n");
    assert.equal(seen.listeners.length, 1);
  });

  for (const [name, read] of Object.entries(readers)) {
    test(`${name} reads or refuses whatever the host says`, async () => {
      const output = fc.oneof(mutated(OBSERVED), fc.uint8Array({ maxLength: 300 }).map(Buffer.from));
      await fc.assert(
        fc.asyncProperty(output, (stdout) => onlyLfceErrors(() => read(saying(stdout)))),
        { numRuns },
      );
    });
  }

  test("the lines of a change are read or passed over, whatever they say", () => {
    fc.assert(
      fc.property(mutated(APPLIED), (output) => {
        let report = emptyReport();
        for (const line of output.toString("latin1").split("\n")) {
          const frame = parseTransactionFrame(line);
          if (frame) report = addFrame(report, frame);
        }
        JSON.stringify(report, (_, value) => {
          assert.ok(!holdsControls(value), JSON.stringify(value));
          return value;
        });
      }),
      { numRuns },
    );
  });

  test("lines come out of the queue as they were sent, however they were cut", async () => {
    const cut = fc.array(fc.uint8Array({ maxLength: 20 }).map(Buffer.from), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cut, async (chunks) => {
        const queue = createLineQueue();
        for (const chunk of chunks) queue.push(chunk);
        queue.end();
        const lines: string[] = [];
        for await (const line of queue.lines) lines.push(line);
        assert.deepEqual(lines, Buffer.concat(chunks).toString("latin1").split("\n").slice(0, -1));
      }),
      { numRuns },
    );
  });
});

describe("a host that talks for ever", () => {
  test("thousands of parts are refused before they fill the memory", () => {
    assert.throws(() => parseFrames(Buffer.from("a\n".repeat(200_000))), { code: "garbled-output" });
  });

  test("a line that does not end is cut off", async () => {
    let cutOff = 0;
    const queue = createLineQueue(() => {
      cutOff += 1;
    });
    for (let count = 0; count < 3000; count += 1) queue.push(Buffer.alloc(1000, "x"));
    assert.equal(cutOff, 1);
    await assert.rejects(queue.lines[Symbol.asyncIterator]().next(), { code: "output-too-large" });
  });

  test("lines that nobody reads are cut off", async () => {
    let cutOff = 0;
    const queue = createLineQueue(() => {
      cutOff += 1;
    });
    for (let count = 0; count < 100; count += 1) queue.push(Buffer.from("\n".repeat(1000)));
    assert.equal(cutOff, 1);
    await assert.rejects(queue.lines[Symbol.asyncIterator]().next(), { code: "output-too-large" });
  });

  test("a report of a change keeps a thousand things of a kind", () => {
    let report = emptyReport();
    for (let count = 0; count < 5000; count += 1) report = addFrame(report, { kind: "notice", text: "x" });
    assert.equal(report.notices.length, 1000);
  });

  test("a file whose size is a lie, or beyond a megabyte, is refused", () => {
    const said = (size: number) =>
      `${SELF}${stat("/etc/x", size)}content /etc/x\ncontents<${BOUNDARY}\n==> /etc/x <==\nabc\n\n${BOUNDARY}\nend\n`;
    assert.equal(observedOf(said(4)).files["/etc/x"]?.content, "abc\n");
    assert.throws(() => observedOf(said(3)), { code: "file-changed" });
    assert.throws(() => observedOf(said(99_999_999_999)), {
      code: "file-too-large",
    });
  });

  // Without an end in seconds these would take hours.
  for (const piece of [" ", "a", "-", "\n", "pwd", "$pwd", 'pwd="', ":ommysql:", "1:", "."]) {
    test(`a megabyte of ${JSON.stringify(piece)} is read in one go`, { timeout: 60_000 }, () => {
      const text = `ID=${piece.repeat(1_000_000 / piece.length)}!`;
      const file = `${stat("/etc/os-release", text.length)}os-release-file /etc/os-release\ncontent /etc/os-release\n`;
      const contents = `contents<${BOUNDARY}\n${titled("/etc/os-release", text)}\n${BOUNDARY}\n`;
      const rest = [
        block("ss-listeners", text),
        block("chronyc", text),
        block("units", text),
        "unit chrony\n",
      ];
      const said = [SELF, file, contents, ...rest, "end\n"].join("");
      observedOf(said);
      redactSecrets(text);
      escapeControls(text);
    });
  }

  test("keys that JavaScript knows are keys like any other", () => {
    const said = `${SELF}name __proto__ 192.0.2.1\nglob __proto__\nmissing __proto__\nend\n`;
    const seen = observedOf(said);
    assert.ok(Object.hasOwn(seen.names, "__proto__") && Object.hasOwn(seen.files, "__proto__"));
    assert.deepEqual(Object.entries(seen.names), [["__proto__", ["192.0.2.1"]]]);
    assert.equal(({} as Record<string, unknown>).kind, undefined);
  });
});
