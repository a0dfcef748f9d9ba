import { isActionSetting } from "../client/forward.ts";
import { portNumber } from "../port.ts";
import type { Directive } from "../syntax/statements.ts";
import type { Listener } from "./in-force-model.ts";
import { placed, type Reading, type Surroundings } from "./in-force-reading.ts";

interface LegacyInput {
  module: string;
  protocol: Listener["protocol"];
  /** Directives, in lower case, that hold for the listeners after them. */
  address?: string;
  ruleset?: string;
}

/** Directives that open a listener. */
const legacyInputs: Record<string, LegacyInput> = {
  inputtcpserverrun: { module: "imtcp", protocol: "tcp", ruleset: "inputtcpserverbindruleset" },
  inputptcpserverrun: {
    module: "imptcp",
    protocol: "tcp",
    address: "inputptcpserverlistenip",
    ruleset: "inputptcpserverbindruleset",
  },
  udpserverrun: {
    module: "imudp",
    protocol: "udp",
    address: "udpserveraddress",
    ruleset: "inputudpserverbindruleset",
  },
  inputrelpserverrun: { module: "imrelp", protocol: "relp", ruleset: "inputrelpserverbindruleset" },
  inputgssserverrun: { module: "imgssapi", protocol: "tcp" },
};

/** The name of a loadable module without directory and ending. */
export function moduleName(text: string): string {
  return text.replace(/^.*\//, "").replace(/\.so$/i, "").toLowerCase();
}

/** Reads one legacy directive into the model. Returns the pattern when it is an include. */
export function readDirective(
  directive: Directive,
  around: Surroundings,
  reading: Reading,
): string | undefined {
  const { model, legacy } = reading;
  const { name } = directive;
  const value = firstWord(directive.value);
  if (name === "includeconfig") return value;
  const place = placed(directive, around, reading);
  const input = legacyInputs[name];
  if (input) {
    const address = input.address === undefined ? undefined : legacy.get(input.address);
    model.listeners.push({
      ...place,
      module: input.module,
      protocol: input.protocol,
      port: portNumber(value, input.protocol),
      address: address === "*" ? undefined : address,
      boundRuleset: (input.ruleset === undefined ? undefined : legacy.get(input.ruleset)) ?? "",
      legacy: true,
    });
    return undefined;
  }
  if (isActionSetting(directive)) reading.settings.push(place);
  if (name === "actionqueuefilename" || name === "mainmsgqueuefilename") {
    model.queueFiles.push({ ...place, name: value });
  }
  switch (name) {
    case "modload":
      model.modules.push({ ...place, name: moduleName(value), legacy: true, parameters: {} });
      return undefined;
    case "ruleset":
      reading.ruleset = value;
      if (!model.rulesets.some((ruleset) => ruleset.name === value)) {
        model.rulesets.push({ ...place, name: value });
      }
      return undefined;
    case "defaultruleset":
      model.localRuleset = value;
      return undefined;
    case "workdirectory":
      model.workDirectories.push({ ...place, path: value });
      return undefined;
    case "template":
      readTemplate(directive.value, place, reading);
      return undefined;
    case "actionresumeinterval":
      model.resumeInterval = Number(value);
      return undefined;
    case "resetconfigvariables":
      model.resumeInterval = undefined;
      reading.settings = [];
      legacy.clear();
      return undefined;
    default:
      legacy.set(name, value);
      return undefined;
  }
}

/** `$template NAME,"text"[,options]`. */
function readTemplate(value: string, place: ReturnType<typeof placed>, reading: Reading): void {
  const match = /^([^,\s]+)\s*,\s*(?:"((?:[^"\\]|\\.)*)")?/.exec(value);
  if (match) reading.model.templates.push({ ...place, name: match[1] as string, text: match[2] });
}

function firstWord(value: string): string {
  return /^\S*/.exec(value)?.[0] ?? "";
}
