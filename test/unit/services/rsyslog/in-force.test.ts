import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rsyslogInForce } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { defaultRuleset } from "../../../../src/services/rsyslog/in-force/in-force-model.ts";
import { observedHost } from "./host.ts";

const main = "/etc/rsyslog.conf";

function modelOf(text: string, others: Record<string, string> = {}) {
  return rsyslogInForce(observedHost(new Map([[main, text], ...Object.entries(others)]), main), main);
}

describe("rsyslogInForce", () => {
  it("finds modules in both languages under one name", () => {
    const { modules } = modelOf(
      '$ModLoad imtcp.so # x\nmodule(load="/usr/lib/rsyslog/imudp.so" TimeRequery="8")\n',
    );
    assert.deepEqual(
      modules.map(({ name, legacy, parameters }) => [name, legacy, parameters.timerequery]),
      [
        ["imtcp", true, undefined],
        ["imudp", false, "8"],
      ],
    );
  });

  it("finds listeners with their address and the ruleset that they are bound to", () => {
    const { listeners } = modelOf(`
$InputTCPServerBindRuleset remote
$InputTCPServerRun 514
$UDPServerAddress 10.0.0.1
$UDPServerRun 514
input(type="imudp" port=["1514","1515"] address="*" ruleset="r")
input(type="imptcp" port="601")
input(type="imrelp" port="20514")
input(type="imfile" file="/x")
`);
    assert.deepEqual(
      listeners.map(({ module, protocol, port, address, boundRuleset }) => [
        module,
        protocol,
        port,
        address,
        boundRuleset,
      ]),
      [
        ["imtcp", "tcp", 514, undefined, "remote"],
        ["imudp", "udp", 514, "10.0.0.1", defaultRuleset],
        ["imudp", "udp", 1514, undefined, "r"],
        ["imudp", "udp", 1515, undefined, "r"],
        ["imptcp", "tcp", 601, undefined, defaultRuleset],
        ["imrelp", "relp", 20514, undefined, defaultRuleset],
      ],
    );
  });

  it("follows $RuleSet over includes, and ruleset() for what is inside it only", () => {
    const model = modelOf("*.* /a\n$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /b\n", {
      "/etc/rsyslog.d/b.conf": 'ruleset(name="x") {\n*.* /c\n}\n*.* /d\n$RuleSet remote\n',
      "/etc/rsyslog.d/a.conf": "*.* /e\n",
    });
    assert.deepEqual(
      model.fileActions.map(({ path, ruleset, file }) => [path, ruleset, file]),
      [
        ["/a", defaultRuleset, main],
        ["/e", defaultRuleset, "/etc/rsyslog.d/a.conf"],
        ["/c", "x", "/etc/rsyslog.d/b.conf"],
        ["/d", defaultRuleset, "/etc/rsyslog.d/b.conf"],
        ["/b", "remote", main],
      ],
    );
    assert.deepEqual(model.files, [main, "/etc/rsyslog.d/a.conf", "/etc/rsyslog.d/b.conf"]);
    assert.deepEqual(model.includeDirectories, ["/etc/rsyslog.d"]);
    assert.equal(model.includes[0]?.afterFirstRule, true);
  });

  it("reads include() in rulesets and in any depth, and no file while it is being read", () => {
    const model = modelOf('ruleset(name="r") { include(file="/etc/in.conf") }\n', {
      "/etc/in.conf": '*.* /a\ninclude(file="/etc/deep.conf" mode="optional")\n$IncludeConfig /etc/in.conf\n',
      "/etc/deep.conf": "*.* /b\n",
    });
    assert.deepEqual(
      model.fileActions.map(({ path }) => path),
      ["/a", "/b"],
    );
    assert.equal(model.includes[1]?.optional, true);
    assert.equal(model.includes[0]?.afterFirstRule, false);
  });

  it("reports what is included but was not seen", () => {
    const observed = observedHost(new Map([[main, "$IncludeConfig /etc/x.conf\n"]]), main);
    observed.globs["/etc/x.conf"] = ["/etc/x.conf"];
    assert.deepEqual(rsyslogInForce(observed, main).unread, ["/etc/x.conf"]);
  });

  it("gives legacy action settings to the next action only", () => {
    const { forwards } = modelOf(`
$ActionQueueType LinkedList
$ActionQueueFileName q
$ActionQueueMaxDiskSpace 1g
$ActionQueueSaveOnShutdown off
$ActionResumeRetryCount -1
*.* @@(z9)[2001:db8::1]:1514;Tpl
*.* @h2
`);
    assert.deepEqual(
      forwards.map(({ protocol, target, port, retry, queue, template, special, settings }) => [
        protocol,
        target,
        port,
        retry,
        queue.file,
        queue.saveOnShutdown,
        template,
        special,
        settings.length,
      ]),
      [
        ["tcp", "2001:db8::1", 1514, -1, "q", false, "Tpl", true, 5],
        ["udp", "h2", 514, 0, undefined, true, undefined, false, 0],
      ],
    );
  });

  it("does not give legacy settings to action(), which forgets them", () => {
    const { forwards } = modelOf('$ActionResumeRetryCount -1\naction(type="omfwd" target="a")\n*.* @b\n');
    assert.deepEqual(
      forwards.map(({ retry }) => retry),
      [0, 0],
    );
  });

  it("passes over objects that are disabled", () => {
    const model = modelOf(
      'module(load="imtcp" config.enabled="off")\naction(type="omfwd" config.enabled="on" target="a")\n',
    );
    assert.equal(model.modules.length, 0);
    assert.equal(model.forwards.length, 1);
  });

  it("notes the filters around an action, else branches turned round", () => {
    const { forwards } = modelOf("if $a == 1 then {\nmail.* @x\n} else { @y\n}\n");
    assert.deepEqual(
      forwards.map(({ filters }) => filters.map(({ text }) => text)),
      [["$a == 1", "mail.*"], ["not ($a == 1)"]],
    );
  });

  it("finds templates, dynamic files, lookup tables, work directory, queues and calls", () => {
    const model = modelOf(`
global(workDirectory="/var/a")
$WorkDirectory /var/b
$template T,"/log/%hostname%"
template(name="U" type="string" string="x")
lookup_table(name="hosts" file="/etc/hosts.json")
main_queue(queue.filename="mainq")
$ActionQueueFileName q
*.* -?T;RSYSLOG_FileFormat
action(type="omfile" dynaFile="U")
call other
stop
`);
    assert.equal(model.workDirectory?.path, "/var/b");
    assert.deepEqual(
      model.templates.map(({ name, text }) => [name, text]),
      [
        ["T", "/log/%hostname%"],
        ["U", "x"],
      ],
    );
    assert.deepEqual(
      model.fileActions.map(({ dynamic }) => dynamic),
      ["T", "U"],
    );
    assert.equal(model.lookupTables[0]?.path, "/etc/hosts.json");
    assert.deepEqual(
      model.queueFiles.map(({ name }) => name),
      ["mainq", "q"],
    );
    assert.equal(model.calls[0]?.name, "other");
    assert.equal(model.discards.length, 1);
  });

  it("knows where the current ruleset changes, and which one local messages enter", () => {
    const text = "*.* /a\n$RuleSet remote\n*.* /b\n$RuleSet RSYSLOG_DefaultRuleset\n$DefaultRuleset remote\n";
    const model = modelOf(text);
    assert.equal(model.localRuleset, "remote");
    assert.deepEqual(model.rulesetSteps.get(main), [
      { offset: 0, ruleset: defaultRuleset },
      { offset: text.indexOf("\n*.* /b"), ruleset: "remote" },
      { offset: text.indexOf("\n$DefaultRuleset"), ruleset: defaultRuleset },
    ]);
  });
});
