import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { desiredOf } from "./desired-of.ts";
import { client, declaredFiles, look, MAIN, STOCK, server, told } from "./drift-host.ts";

const CONFDIR = "/etc/chrony/conf.d/site.conf";

/** What is told of a host whose main file was edited by hand after an apply. */
function edited(desired: typeof client, edit: (text: string) => string, more: Record<string, string> = {}) {
  const files = declaredFiles(desired);
  const before = files[MAIN] ?? "";
  const after = edit(before);
  assert.ok(after !== before || Object.keys(more).length > 0, "the edit changes nothing");
  return look(desired, { files: { ...files, [MAIN]: after, ...more } });
}

describe("drift in chrony's files", () => {
  it("is none where the files are as apply leaves them", () => {
    assert.deepEqual(look(client), []);
    assert.deepEqual(look(server), []);
    assert.deepEqual(look(client, { files: { [MAIN]: "server 10.0.0.1\nserver time2 iburst\n" } }), []);
  });

  it("is a source that was added, wherever it stands", () => {
    const added = "server 10.9.9.9 iburst\n";
    const [finding, ...more] = edited(client, (text) => text + added);
    assert.deepEqual(more, []);
    assert.equal(finding?.code, "source-undeclared");
    assert.equal(finding?.item, "10.9.9.9");
    assert.match(finding?.message ?? "", /chrony\.conf names the source 10\.9\.9\.9/);
    const lines = (declaredFiles(client)[MAIN] + added).trimEnd().split("\n").length;
    assert.match(finding?.detail ?? "", new RegExp(`^${MAIN}:${lines}: server 10\\.9\\.9\\.9 iburst\n---`));
    assert.match(finding?.detail ?? "", /^-server 10\.9\.9\.9 iburst\n\+#lfce# server 10\.9\.9\.9 iburst$/m);
    assert.deepEqual(told(edited(client, (text) => text, { [CONFDIR]: added })), [
      "source-undeclared 10.9.9.9",
    ]);
  });

  it("is a source that is gone, with the line that is missing", () => {
    const [finding, ...more] = edited(client, (text) => text.replace("server 10.0.0.2 iburst\n", ""));
    assert.deepEqual(more, []);
    assert.equal(`${finding?.code} ${finding?.item}`, "source-missing 10.0.0.2");
    assert.match(finding?.detail ?? "", /^\+server 10\.0\.0\.2 iburst$/m);
  });

  it("is two findings where a source was put in another's place", () => {
    assert.deepEqual(told(edited(client, (text) => text.replace("server 10.0.0.2", "server 10.9.9.9"))), [
      "source-undeclared 10.9.9.9",
      "source-missing 10.0.0.2",
    ]);
  });

  it("is a source with other options than declared, or than lfce wrote", () => {
    const without = (text: string) => text.replace("10.0.0.2 iburst", "10.0.0.2");
    assert.deepEqual(told(edited(client, without)), ["source-differs 10.0.0.2"]);
    const asPool = (text: string) => text.replace("server 10.0.0.2", "pool 10.0.0.2");
    assert.deepEqual(told(edited(client, asPool)), ["source-differs 10.0.0.2"]);
    const polled = desiredOf({ client: { servers: [{ server: "10.0.0.1", minpoll: 4 }, "10.0.0.2"] } });
    const slower = (text: string) => text.replace("minpoll 4", "minpoll 6");
    assert.deepEqual(told(edited(polled, slower)), ["source-differs 10.0.0.1"]);
  });

  it("is a source line that was doubled", () => {
    const doubled = (text: string) => text.replace(/^server 10\.0\.0\.1.*\n/m, "$&$&");
    assert.deepEqual(told(edited(client, doubled)), ["source-repeated 10.0.0.1"]);
  });

  it("is a switched-off line that was switched on by hand", () => {
    assert.deepEqual(told(edited(client, (text) => text.replace("#lfce# pool", "pool"))), [
      "source-undeclared 2.debian.pool.ntp.org",
    ]);
    assert.deepEqual(told(edited(client, (text) => text.replace("#lfce# sourcedir", "sourcedir"))), [
      "source-undeclared /etc/chrony/sources.d",
    ]);
  });

  it("is every declared setting where the stock file was put back", () => {
    assert.deepEqual(told(look(client, { files: { [MAIN]: STOCK } })), [
      "source-undeclared 2.debian.pool.ntp.org",
      "source-undeclared /etc/chrony/sources.d",
      "source-missing 10.0.0.1",
      "source-missing 10.0.0.2",
    ]);
  });

  it("is a network that is served and not declared; a wider one once", () => {
    assert.deepEqual(told(edited(server, (text) => text.replace(/^allow.*\n/m, ""))), [
      "access-missing allow 172.31.96.0/20",
    ]);
    assert.deepEqual(told(edited(server, (text) => text.replace(/^allow.*$/m, "allow 172.16/12"))), [
      "access-undeclared allow 172.16.0.0/12",
    ]);
    assert.deepEqual(told(edited(server, (text) => text.replace(/^allow.*$/m, "allow"))), [
      "access-undeclared allow all",
    ]);
    assert.deepEqual(told(edited(server, (text) => text.replace(/^allow.*$/m, "allow 172.31.97.0/24"))), [
      "access-undeclared allow 172.31.97.0/24",
      "access-missing allow 172.31.96.0/20",
    ]);
    assert.deepEqual(told(edited(server, (text) => `${text}deny 10.0.0.1\n`)), [
      "access-undeclared deny 10.0.0.1/32",
    ]);
  });

  it("is a local line that is gone, says something else, or is not declared", () => {
    assert.deepEqual(told(edited(server, (text) => text.replace(/^local.*\n/m, ""))), [
      "local-missing local",
    ]);
    assert.deepEqual(told(edited(server, (text) => text.replace("stratum 10", "stratum 5"))), [
      "local-differs local",
    ]);
    const plain = desiredOf({ server: { allow: ["10/8"] } });
    const findings = look(plain, {
      files: { [MAIN]: "allow 10/8\nlocal stratum 8\n" },
      facts: { chronyc: { sources: "", tracking: "" } },
    });
    assert.deepEqual(told(findings), ["local-undeclared local"]);
  });

  it("is a directive with another value, or without any", () => {
    const desired = desiredOf({
      client: { servers: ["10.0.0.1", "10.0.0.2"], directives: { maxslewrate: 500 } },
    });
    assert.deepEqual(told(edited(desired, (text) => text.replace(/^maxslewrate.*\n/m, ""))), [
      "directive-missing maxslewrate",
    ]);
    assert.deepEqual(told(edited(desired, (text) => text.replace("maxslewrate 500", "maxslewrate 9"))), [
      "directive-differs maxslewrate",
    ]);
    assert.deepEqual(told(edited(desired, (text) => `${text}maxslewrate 9\n`)), [
      "directive-undeclared maxslewrate",
    ]);
  });

  it("is a file that differs where no setting does", () => {
    const comment = (text: string) => text.replace("# lfce: end", "# by hand\n# lfce: end");
    const findings = edited(client, comment);
    assert.deepEqual(told(findings), [`file-differs ${MAIN}`]);
    assert.match(findings[0]?.detail ?? "", /^-# by hand$/m);
  });

  it("is told beside the error where the plan refuses to touch the line", () => {
    const files = { [MAIN]: "include /run/site.conf\n", "/run/site.conf": "server 10.9.9.9\nrtcsync\n" };
    const codes = told(look(client, { files })).filter((line) => !line.startsWith("source-missing"));
    assert.deepEqual(codes, ["source-undeclared 10.9.9.9", `chrony-file-not-editable ${MAIN}`]);
  });

  it("is what is left of roles that are to be absent", () => {
    const absent = desiredOf({ client: { state: "absent", servers: ["10.0.0.1"] } });
    assert.deepEqual(told(look(absent, { files: declaredFiles(client) })), [`file-differs ${MAIN}`]);
    assert.deepEqual(look(absent, { files: { [MAIN]: STOCK } }), []);
  });

  it("escapes what a file holds", () => {
    const [finding] = edited(client, (text) => `${text}server evil\x1b[2J\n`);
    assert.equal(finding?.code, "source-undeclared");
    assert.doesNotMatch(JSON.stringify(finding), /\\u001b/);
  });
});
