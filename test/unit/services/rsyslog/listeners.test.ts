import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredListener } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import {
  directives,
  isInServerBlock,
  planListeners,
  receivedInputNames,
} from "../../../../src/services/rsyslog/server/listener.ts";
import {
  switchOffListeners,
  switchOnListeners,
} from "../../../../src/services/rsyslog/server/listener-switch.ts";

const main = "/etc/rsyslog.conf";
const other = "/etc/rsyslog.d/a.conf";
const include = "$IncludeConfig /etc/rsyslog.d/*.conf\n";

function modelIn(text: string, more: Record<string, string> = {}) {
  return modelOf({ texts: new Map(Object.entries({ [main]: text, ...more })), globs: {} }, main);
}

const tcp: DesiredListener = { protocol: "tcp", port: 514 };
const udp: DesiredListener = { protocol: "udp", port: 514 };

/** What has to be done: lines to write, lines to switch off, codes of warnings and errors. */
function needs(text: string, ...declared: DesiredListener[]): string[] {
  const model = modelIn(text);
  const { lines, uses, switchOff, warnings, errors } = planListeners(declared, model);
  const source = ({ range }: { range: { start: number; end: number } }) => text.slice(range.start, range.end);
  return [
    ...lines,
    ...uses.map((one) => `uses ${source(one)}`),
    ...switchOff.map((one) => `off ${source(one)}`),
    ...warnings.map(({ code }) => `warning ${code}`),
    ...errors.map(({ code }) => `error ${code}`),
  ];
}

describe("what a declared listener needs", () => {
  const load = 'module(load="imtcp")';
  const input = 'input(type="imtcp" port="514")';
  const rows: [string, string, DesiredListener[], string[]][] = [
    ["a module and an input", "", [tcp], [load, input]],
    [
      "one module for two inputs",
      "",
      [tcp, { ...tcp, port: 515 }],
      [load, input, 'input(type="imtcp" port="515")'],
    ],
    [
      "a module each for TCP and UDP",
      "",
      [tcp, udp],
      [load, input, 'module(load="imudp")', 'input(type="imudp" port="514")'],
    ],
    [
      "its address",
      "",
      [{ ...tcp, address: "10.0.0.1" }],
      [load, 'input(type="imtcp" port="514" address="10.0.0.1")'],
    ],
    ["an address that is none", "", [{ ...tcp, address: 'a"b' }], ["error address-invalid"]],
    ["only the input where the module is loaded", `${load}\n`, [tcp], [input, `uses ${load}`]],
    ["the legacy module, too", "$ModLoad imtcp\n", [tcp], [input, "uses $ModLoad imtcp"]],
    ["nothing where it is there", `${load}\n${input}\n`, [tcp], []],
    ["nothing where it is there in legacy", "$ModLoad imudp\n$UDPServerRun 514\n", [udp], []],
    [
      "nothing where another module does it",
      'module(load="imptcp")\ninput(type="imptcp" port="514")\n',
      [tcp],
      [],
    ],
    [
      "the default ruleset where local messages have another",
      "$DefaultRuleset r\n",
      [tcp],
      [load, 'input(type="imtcp" port="514" ruleset="RSYSLOG_DefaultRuleset")'],
    ],
    [
      "a listener of another ruleset off",
      `${load}\ninput(type="imtcp" port="514" ruleset="r")\n`,
      [tcp],
      [input, `uses ${load}`, 'off input(type="imtcp" port="514" ruleset="r")'],
    ],
    [
      "a listener on another address off",
      `${load}\ninput(type="imtcp" port="514" address="10.0.0.1")\n`,
      [tcp],
      [input, `uses ${load}`, 'off input(type="imtcp" port="514" address="10.0.0.1")'],
    ],
    [
      "the same address in another spelling",
      `${load}\ninput(type="imtcp" port="514" address="2001:DB8:0::1")\n`,
      [{ ...tcp, address: "2001:db8::1" }],
      [],
    ],
    [
      "a listener on another port alone, with a warning",
      `${load}\ninput(type="imtcp" port="601")\n`,
      [tcp],
      [input, `uses ${load}`, "warning other-listener"],
    ],
    [
      "the port of another protocol left alone",
      'module(load="imudp")\ninput(type="imudp" port="514")\n',
      [tcp],
      [load, input, "warning other-listener"],
    ],
  ];
  for (const [name, text, declared, expected] of rows) {
    it(name, () => {
      assert.deepEqual(needs(text, ...declared), expected);
    });
  }

  it("counts nothing that stands in the role's own block", () => {
    const text = `# lfce: begin syslog_server, playbook site\n${load}\n${input}\n# lfce: end syslog_server\n`;
    assert.deepEqual(needs(text, tcp), [load, input]);
    const model = modelIn(`${include}${text}`, { [other]: text });
    assert.deepEqual(
      model.listeners.map((one) => [one.file, isInServerBlock(one, model)]),
      [
        [other, false],
        [main, true],
      ],
    );
  });
});

describe("listeners that are switched off", () => {
  const marked = [
    "$InputTCPServerRun 514",
    "$UDPServerRun 514",
    "$InputPTCPServerRun 514",
    "$InputRELPServerRun 514",
    'input(type="imtcp" port="514")',
    'input(type="imtcp"\n  port="514")',
  ];
  for (const text of marked) {
    it(`${JSON.stringify(text)} is switched on again`, () => {
      const off = text.replace(/^/gm, "#lfce# ");
      const texts = switchOnListeners([main], new Map([[main, `*.* /a\n${off}\n# b\n`]]));
      assert.equal(texts.get(main), `*.* /a\n${text}\n# b\n`);
    });
  }

  it("come back in every file, and nothing else does", () => {
    const texts = new Map([
      [main, "#lfce# $UDPServerRun 1\n#lfce# *.* @x\n#lfce# $ActionName n\n#lfce# $UDPServerRun 2\n"],
      [other, "#lfce# $UDPServerRun 3\n"],
      ["/elsewhere", "#lfce# $UDPServerRun 4\n"],
    ]);
    const on = switchOnListeners([main, other, "/gone"], texts);
    assert.deepEqual(
      [...on],
      [
        [main, "$UDPServerRun 1\n#lfce# *.* @x\n#lfce# $ActionName n\n$UDPServerRun 2\n"],
        [other, "$UDPServerRun 3\n"],
        ["/elsewhere", "#lfce# $UDPServerRun 4\n"],
      ],
    );
  });

  it("are marked once each, the last first, in every file", () => {
    const files = {
      [main]: `${include}$UDPServerRun 1\ninput(type="imudp" port=["2","3"])\n$UDPServerRun 4\n`,
      [other]: "$UDPServerRun 5\n",
    };
    const model = modelIn(files[main] ?? "", files);
    const chosen = model.listeners.filter(({ port }) => port !== 4);
    const { texts, errors } = switchOffListeners(chosen, model, new Map(Object.entries(files)));
    assert.deepEqual(errors, []);
    assert.equal(
      texts.get(main),
      `${include}#lfce# $UDPServerRun 1\n#lfce# input(type="imudp" port=["2","3"])\n$UDPServerRun 4\n`,
    );
    assert.equal(texts.get(other), "#lfce# $UDPServerRun 5\n");
  });

  it("are refused where something else stands on their line", () => {
    const text = 'input(type="imudp" port="1") stop\n';
    const model = modelIn(text);
    const { texts, errors } = switchOffListeners(model.listeners, model, new Map([[main, text]]));
    assert.deepEqual([texts.get(main), errors.map(({ code }) => code)], [text, ["line-shared"]]);
  });
});

describe("what is read of listeners", () => {
  it("directives of a name at the top level of any file, in order", () => {
    const model = modelIn(`${include}$PrivDropToUser b\n$Other x\n*.* {\n$PrivDropToUser c\n/a\n}\n`, {
      [other]: "$privdroptouser a\n",
    });
    assert.deepEqual(directives(model, "privdroptouser"), ["b", "a"]);
    assert.deepEqual(directives(model, "none"), []);
  });

  it("the names that received messages come under", () => {
    assert.deepEqual(receivedInputNames(modelIn("")), ["imtcp", "imudp"]);
    const text = `input(type="imptcp" port="1")
input(type="imtcp" port="2" name="mine")
input(type="imtcp" port="3" name="no'good")
$InputTCPServerInputName t
$InputUDPServerInputName u
$InputPTCPServerInputName p
$InputTCPServerRun 4
`;
    assert.deepEqual(receivedInputNames(modelIn(text)), ["imptcp", "imtcp", "imudp", "mine", "p", "t", "u"]);
  });
});
