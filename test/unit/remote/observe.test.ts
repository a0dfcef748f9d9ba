import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fromBytes } from "../../../src/core/byte-text.ts";
import { observe } from "../../../src/remote/observe.ts";
import type { KnownProgram } from "../../../src/remote/observe-request.ts";
import type { RemoteScript } from "../../../src/remote/scripts.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { type StandInHost, standInHost } from "./observe-host.ts";

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

for (const shell of scriptShells) {
  describe(`files under ${shell.name}`, () => {
    let host: StandInHost;
    beforeEach(() => {
      host = standInHost();
    });
    afterEach(() => rmSync(host.root, { recursive: true }));

    test("content, checksum and metadata of files of every kind", async (t) => {
      if (!usesShell(t, shell.program)) return;
      const binary = host.write("etc/binary.conf", everyByte);
      const empty = host.write("etc/empty.conf", "");
      const open = host.write("etc/open.conf", "no newline at the end");
      chmodSync(open, 0o4640);
      const link = join(host.root, "etc/link.conf");
      symlinkSync("open.conf", link);
      const dangling = join(host.root, "etc/dangling.conf");
      symlinkSync("nowhere", dangling);
      const missing = join(host.root, "etc/missing.conf");
      const directory = join(host.root, "etc");
      host.useShell(shell.program);
      const { files } = await host.observe({
        files: [binary, empty, open, link, dangling, missing],
        stat: [directory, binary],
      });

      assert.equal(files[binary]?.content, fromBytes(everyByte));
      assert.equal(files[binary]?.sha256, createHash("sha256").update(everyByte).digest("hex"));
      assert.equal(files[empty]?.content, "");
      assert.equal(files[open]?.content, "no newline at the end");
      assert.deepEqual([files[open]?.mode, files[open]?.kind, files[open]?.links], ["4640", "file", 1]);
      assert.deepEqual(
        [files[link]?.kind, files[link]?.target, files[link]?.content],
        ["symlink", open, "no newline at the end"],
      );
      assert.deepEqual([files[dangling]?.kind, files[dangling]?.content], ["symlink", undefined]);
      assert.deepEqual(files[missing], { path: missing, kind: "missing" });
      assert.deepEqual([files[directory]?.kind, files[directory]?.content], ["directory", undefined]);
      const real = statSync(open);
      const precision = shell.program === "busybox" ? 1 : 0.001;
      assert.ok(Math.abs((files[open]?.mtime ?? 0) - real.mtimeMs / 1000) < precision);
      assert.ok(Math.abs((files[open]?.ctime ?? 0) - real.ctimeMs / 1000) < precision);
      assert.equal(files[open]?.owner, execFileSync("id", ["-un"], { encoding: "utf8" }).trim());
    });

    test("nothing on the host changes", async (t) => {
      if (!usesShell(t, shell.program)) return;
      host.write("main.conf", "include @ROOT@/d/*.conf\n");
      host.write("d/a.conf", "");
      mkdirSync(join(host.root, "state"));
      host.useShell(shell.program);
      const tree = (): string =>
        execFileSync("find", [host.root, "-printf", "%p %i %m %T@ %C@ %s\n"], { encoding: "utf8" });
      const before = tree();
      await host.observe({
        follow: [{ service: "chrony", path: join(host.root, "main.conf") }],
        files: [join(host.root, "*")],
        units: ["chrony"],
        programs: ["sh"],
        names: ["localhost"],
      });
      assert.equal(tree(), before);
    });

    test("the host itself: clock, boot, names, programs, addresses", async (t) => {
      if (!usesShell(t, shell.program)) return;
      host.useShell(shell.program);
      const seen = await host.observe({
        programs: ["sed", "no-such-program"],
        names: ["localhost", "nowhere.invalid"],
      });
      assert.ok(Math.abs(seen.now - Date.now() / 1000) < 60);
      assert.equal(seen.uid, process.getuid?.());
      assert.match(seen.bootId, /^[0-9a-f-]{36}$/);
      assert.match(seen.programs.sed ?? "", /^\/.*\/sed$/);
      assert.equal(seen.programs["no-such-program"], undefined);
      assert.ok(seen.addresses.includes("127.0.0.1"));
      assert.ok(seen.names.localhost?.some((address) => address === "127.0.0.1" || address === "::1"));
      assert.deepEqual(seen.names["nowhere.invalid"], []);
    });
  });
}

describe("what observe reports", () => {
  let host: StandInHost;
  beforeEach(() => {
    host = standInHost();
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  test("what goes wrong with it is told by its own name, whatever the script ends with", async () => {
    const names: string[] = [];
    const refuse = (script: RemoteScript) => {
      names.push(script.name);
      return Promise.reject(new Error("no host"));
    };
    const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
    for (const keepForMessages of [false, true]) {
      const look = { ...nothing, keepForMessages };
      await assert.rejects(observe({ host: "web1", run: refuse, open: refuse }, look, { keep: () => {} }));
    }
    assert.deepEqual(names, ["observe", "observe"]);
  });

  test("a file too large to be a configuration is an error, not a truncated file", async () => {
    const large = host.write("large.conf", Buffer.alloc(1_048_577, "#"));
    await assert.rejects(host.observe({ files: [large] }), { code: "file-too-large" });
    const { files } = await host.observe({ stat: [large] });
    assert.equal(files[large]?.kind, "file");
  });

  test("a file that changes while it is read is read again, and then an error", async () => {
    const path = host.write("a.conf", "text\n");
    const reads = join(host.root, "reads");
    host.program("head", `echo read >>'${reads}'; echo more >>'${path}'; PATH=/usr/bin:/bin exec head "$@"`);
    await assert.rejects(host.observe({ files: [path] }), { code: "file-changed" });
    assert.equal(readFileSync(reads, "utf8"), "read\nread\nread\n");
  });

  test("two files that changed by as much as to seem unchanged together are not cut in the wrong place", async () => {
    const [first, second] = [host.write("a.conf", "12345\n"), host.write("b.conf", "12345\n")];
    host.program(
      "head",
      `echo 1 >'${first}'; echo 123456789 >'${second}'; PATH=/usr/bin:/bin exec head "$@"`,
    );
    const { files } = await host.observe({ files: [first, second] });
    // The second attempt found what the first had left.
    assert.deepEqual([files[first]?.content, files[second]?.content], ["1\n", "123456789\n"]);
  });

  test("a file that looks like the lines between files is read as it is", async () => {
    const text = "==> /proc/net/tcp <==\n\n==> /etc/passwd <==\nend\n";
    const path = host.write("a.conf", text);
    const { files, bootId } = await host.observe({ files: [path] });
    assert.equal(files[path]?.content, text);
    assert.match(bootId, /^[0-9a-f-]{36}$/);
  });

  test("lists of paths without content, with the host's own date, and no more than 1,000", async () => {
    const day = execFileSync("date", ["+%Y-%m-%d"], { encoding: "utf8" }).trim();
    host.write(`log/web1/${day}.log`, "text\n");
    for (let index = 0; index < 1005; index += 1) host.write(`many/${index}`, "");
    const [pattern, dated, many] = ["log/*/%Y-%m-%d.log", "log/web1/%Y-%m-%d.log", "many/*"].map((path) =>
      join(host.root, path),
    ) as [string, string, string];
    const { files, lists, globs } = await host.observe({ list: [pattern, many], stat: [dated] });
    const path = join(host.root, `log/web1/${day}.log`);
    assert.deepEqual(lists?.[pattern], [path]);
    assert.deepEqual(lists?.[dated], [path]);
    assert.deepEqual([files[path]?.size, files[path]?.content], [5, undefined]);
    assert.equal(lists?.[many]?.length, 1000);
    assert.deepEqual(globs, {});
  });

  test("a file that not even root can write says so; others say nothing", async (t) => {
    const [fixed, free] = [host.write("fixed.conf", ""), host.write("free.conf", "")];
    const { status } = spawnSync("chattr", ["+i", fixed]);
    if (process.getuid?.() !== 0 || status !== 0) return t.skip("nothing here can be made immutable");
    try {
      const { files } = await host.observe({ files: [fixed, free] });
      assert.deepEqual([files[fixed]?.writable, files[free]?.writable], [false, undefined]);
    } finally {
      spawnSync("chattr", ["-i", fixed]);
    }
  });

  test("connections to others, from the kernel's own tables", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = connect(port, "127.0.0.1");
    await once(client, "connect");
    const { connections, listeners } = await host.observe({ sockets: ["tcp"] });
    client.destroy();
    server.close();
    const seen = connections?.find((one) => one.port === port);
    assert.deepEqual(seen, {
      protocol: "tcp",
      state: "established",
      address: "127.0.0.1",
      port,
      sendQueue: 0,
    });
    assert.ok(listeners.some((one) => one.port === port && one.address === "127.0.0.1"));
  });

  test("systemd is asked only for units that it can know", async () => {
    host.write("units/chrony.service", "");
    symlinkSync("chrony.service", join(host.root, "units/chronyd.service"));
    host.program(
      "systemctl",
      "echo ActiveState=active; echo \"$*\" >>'@ROOT@/asked'".replace("@ROOT@", host.root),
    );
    const { units } = await host.observe(
      { units: ["chrony", "no-such-daemon", "chronyd"] },
      { unitDirectory: join(host.root, "units") },
    );
    assert.doesNotMatch(readFileSync(join(host.root, "asked"), "utf8"), /no-such-daemon|chronyd/);
    assert.deepEqual([units.chrony?.active, units.chronyd?.active], ["active", "active"]);
    assert.deepEqual(units["no-such-daemon"], {
      unit: "no-such-daemon",
      load: "not-found",
      active: "inactive",
      sub: "dead",
      enabled: "",
    });
  });

  test("units that are masked are no other names of each other", async () => {
    host.write("units/other.service", "");
    for (const unit of ["chrony", "ntp"]) symlinkSync("/dev/null", join(host.root, `units/${unit}.service`));
    host.program(
      "systemctl",
      'until [ "$1" = -- ]; do shift; done; shift; for unit; do ' +
        'printf "Id=%s\\nActiveState=%s\\n\\n" "$unit" "$([ "$unit" = ntp ] && echo active || echo inactive)"; done',
    );
    const { units } = await host.observe(
      { units: ["chrony", "ntp"] },
      { unitDirectory: join(host.root, "units") },
    );
    assert.deepEqual([units.chrony?.active, units.ntp?.active], ["inactive", "active"]);
  });

  test("a link to a name with a line break says nothing else of the host", async () => {
    const place = join(host.root, "a\nprogram rsyslogd ");
    mkdirSync(place);
    writeFileSync(join(place, "x"), "content");
    const link = join(host.root, "link.conf");
    symlinkSync(join(place, "x"), link);
    const { files, programs } = await host.observe({ files: [link] });
    assert.deepEqual([files[link]?.kind, files[link]?.target, programs], ["symlink", "", {}]);
  });

  test("a version that is known by its program's size and time is not asked for again", async () => {
    host.program("chronyd", `echo asked >>'${join(host.root, "asked")}'; echo 'chronyd version 4.3'`);
    let known: readonly KnownProgram[] = [];
    const programs = {
      known: () => known,
      learn: (learnt: readonly KnownProgram[]) => {
        known = learnt;
      },
    };
    const first = await host.observe({}, { programs });
    const learnt = known.find(({ name }) => name === "chronyd");
    assert.equal(learnt?.version, "4.3");
    known = [learnt as KnownProgram];
    const second = await host.observe({}, { programs: { known: () => known, learn: () => {} } });
    assert.equal(second.versions.chrony, first.versions.chrony);
    assert.equal(readFileSync(join(host.root, "asked"), "utf8"), "asked\n");
    host.program("chronyd", "echo 'chronyd version 4.6 and a program of another size'");
    const third = await host.observe({}, { programs: { known: () => known, learn: () => {} } });
    assert.equal(third.versions.chrony, "4.6");
  });

  test("many files cost no more processes than one", async () => {
    host.write("main.conf", "include @ROOT@/d/*.conf\n");
    for (let index = 0; index < 600; index += 1) host.write(`d/${index}.conf`, `# file ${index}\n`);
    const { files } = await host.observe({
      follow: [{ service: "chrony", path: join(host.root, "main.conf") }],
    });
    assert.equal(files[join(host.root, "d/599.conf")]?.content, "# file 599\n");
    assert.equal(Object.values(files).filter((file) => file.content !== undefined).length, 601);
  });

  const unit = (lines: string[]): string => lines.join("\n");
  const started = ["LoadState=loaded", "ActiveState=active", "SubState=running", "UnitFileState=enabled"];

  test("units, with the start to the microsecond where systemd tells it", async () => {
    const active = unit([...started, "ExecMainStartTimestamp=Mon 2026-11-23 13:00:00.123456 UTC"]);
    const masked = unit([
      "LoadState=masked",
      "ActiveState=inactive",
      "SubState=dead",
      "UnitFileState=masked",
      "ExecMainStartTimestamp=",
    ]);
    host.program(
      "systemctl",
      `case $* in *us+utc*chrony*ntpd*) printf '%s\\n' '${active}' '' '${masked}' ;; esac`,
    );
    const { units } = await host.observe({ units: ["chrony", "ntpd"] });
    assert.deepEqual(units, {
      chrony: {
        unit: "chrony",
        load: "loaded",
        active: "active",
        sub: "running",
        enabled: "enabled",
        startedAt: Date.UTC(2026, 10, 23, 13) / 1000 + 0.123456,
      },
      ntpd: { unit: "ntpd", load: "masked", active: "inactive", sub: "dead", enabled: "masked" },
    });
  });

  test("an older systemd gives whole seconds, in UTC", async () => {
    const active = unit([
      ...started,
      "ExecMainStartTimestamp=Mon 2026-11-23 13:00:00 UTC",
      "ExecMainStartTimestampMonotonic=1",
    ]);
    host.program(
      "systemctl",
      `case $* in *--timestamp*) exit 1 ;; esac; test "$TZ" = UTC && printf '%s\\n' '${active}'`,
    );
    const { units } = await host.observe({ units: ["chrony"] });
    assert.equal(units.chrony?.startedAt, Date.UTC(2026, 10, 23, 13) / 1000);
  });

  test("a systemctl that does not answer is an error state, not a unit that is not there", async () => {
    host.program("systemctl", "exit 1");
    assert.equal((await host.observe({ units: ["chrony"] })).units.chrony?.load, "error");
  });

  test("versions, and chronyc's sources in the form that the version knows", async () => {
    host.program("chronyd", "echo 'chronyd (chrony) version 3.5 (+CMDMON +NTP)'");
    host.program("rsyslogd", "printf 'rsyslogd  8.24.0-57.el7, compiled with:\\n\\tx\\n'");
    host.program(
      "chronyc",
      '[ "$*" = -c ] || exit 1; while read -r q; do case $q in sources) echo "^,*,10.0.0.1" ;; tracking) echo 0A000001,x ;; esac; done',
    );
    const seen = await host.observe({});
    assert.deepEqual(seen.versions, { chrony: "3.5", rsyslog: "8.24.0-57.el7" });
    assert.deepEqual(seen.chronyc, { sources: "^,*,10.0.0.1", tracking: "0A000001,x" });
  });

  test("a chronyd that does not run has no sources", async () => {
    host.program("chronyc", "echo '506 Cannot talk to daemon'; exit 1");
    assert.deepEqual((await host.observe({})).chronyc, {});
  });

  test("a chronyd that does not answer is not waited for once a question, however many they are", async () => {
    const asked = join(host.root, "asked");
    host.program("timeout", 'shift; GUARDED=yes exec "$@"');
    host.program("chronyc", `echo "$GUARDED" >>'${asked}'; echo '506 Cannot talk to daemon'; exit 1`);
    await host.observe({ accessChecks: ["192.0.2.1", "192.0.2.2"] });
    assert.equal(readFileSync(asked, "utf8"), "yes\nyes\n");
  });

  test("more files than one process can be told of, as a log server with many clients has, are all looked at", async () => {
    const names = Array.from({ length: 900 }, (_, index) => `${"a b".repeat(60)}${index}.log`);
    for (const name of names) host.write(`log/${name}`, "x");
    // Linux lets the words for a new process take a quarter of the stack.
    host.program("sh", 'ulimit -Ss 600; exec /bin/sh "$@"');
    const pattern = join(host.root, "log/*");
    const { files, lists } = await host.observe({ list: [pattern] });
    assert.equal(lists?.[pattern]?.length, names.length);
    for (const name of names) assert.equal(files[join(host.root, "log", name)]?.size, 1);
  });

  test("restart records and what an interrupted change left", async () => {
    const sum = "ab".repeat(32);
    host.write("state/restarts/chrony", `boot-id b-1\nstarted-at 1795439360\n${sum}  /etc/chrony/a b.conf\n`);
    host.write("state/restarts/broken", "nonsense\n");
    host.write("state/open", "id 2026-11-23-abc\nplaybook x\n");
    host.program(
      "systemctl",
      `printf '%s\\n' '${unit([...started, "ExecMainStartTimestamp=Mon 2026-11-23 12:29:20.25 UTC"])}'`,
    );
    const seen = await host.observe({ units: ["chrony"] });
    assert.equal(seen.units.chrony?.startedAt, 1795436960.25);
    assert.deepEqual(seen.restartRecords, [
      { unit: "chrony", bootId: "b-1", startedAt: 1795439360, checksums: { "/etc/chrony/a b.conf": sum } },
    ]);
    assert.deepEqual(seen.openTransaction, { id: "2026-11-23-abc", state: "open" });
  });

  test("a lock is a left-over when its holder is gone, and none while it runs", async () => {
    host.write("state/lock", "boot-id another\npid 1\nstarted 1\n");
    assert.deepEqual((await host.observe({ units: [] })).openTransaction, { id: "1", state: "locked" });
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    const start = readFileSync(`/proc/${process.pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ")[19];
    host.write("state/lock", `boot-id ${boot}\npid ${process.pid}\nstarted ${start}\n`);
    assert.equal((await host.observe({ units: [] })).openTransaction, undefined);
  });

  test("a record in whole seconds belongs to the start within that second", async () => {
    host.write("state/restarts/chrony", "boot-id b-1\nstarted-at 1795436960\n");
    host.program(
      "systemctl",
      `printf '%s\\n' '${unit([...started, "ExecMainStartTimestamp=Mon 2026-11-23 12:29:20.25 UTC"])}'`,
    );
    const seen = await host.observe({ units: ["chrony"] });
    assert.equal(seen.restartRecords[0]?.startedAt, 1795436960.25);
  });

  const refused: [string, Parameters<StandInHost["observe"]>[0]][] = [
    ["a path with a line break", { files: ["/etc/x\nstat /etc/shadow"] }],
    ["a relative path", { stat: ["etc/passwd"] }],
    ["a unit that would be an option", { units: ["--all"] }],
    ["a program with blanks", { programs: ["a b"] }],
    ["a name that is none", { names: ["-a", "x y"] }],
  ];
  for (const [what, request] of refused) {
    test(`${what} is refused before anything is sent`, async () => {
      await assert.rejects(async () => host.observe(request), { code: "bad-observe-request" });
    });
  }
});
