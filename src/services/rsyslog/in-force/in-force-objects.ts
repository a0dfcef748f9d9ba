import { portNumber } from "../port.ts";
import { type ObjectStatement, parameterOf } from "../syntax/statements.ts";
import { moduleName } from "./in-force-directives.ts";
import { type Listener, parameterRecord } from "./in-force-model.ts";
import { placed, type Reading, type Surroundings } from "./in-force-reading.ts";

const inputProtocols: Record<string, Listener["protocol"]> = {
  imtcp: "tcp",
  imptcp: "tcp",
  imgssapi: "tcp",
  imudp: "udp",
  imrelp: "relp",
};

/**
 * Reads one RainerScript object into the model, forwards and the inside of rulesets excepted. Returns the
 * pattern when it is an include.
 */
export function readObject(
  statement: ObjectStatement,
  around: Surroundings,
  reading: Reading,
): { pattern: string; optional: boolean } | undefined {
  const { model } = reading;
  const value = (name: string) => parameterOf(statement, name);
  if (statement.name === "include") {
    const pattern = value("file");
    const optional = value("mode")?.toLowerCase() === "optional";
    return pattern === undefined ? undefined : { pattern, optional };
  }
  const place = placed(statement, around, reading);
  const name = value("name");
  switch (statement.name) {
    case "module": {
      const load = value("load");
      const parameters = parameterRecord(statement);
      if (load !== undefined)
        model.modules.push(Object.assign(place, { name: moduleName(load), legacy: false, parameters }));
      return undefined;
    }
    case "input":
      readInput(statement, place, reading);
      return undefined;
    case "action": {
      if (value("type")?.toLowerCase().replace("builtin:", "") !== "omfile") return undefined;
      model.fileActions.push(
        Object.assign(place, { path: value("file"), dynamic: value("dynafile"), filters: around.filters }),
      );
      return undefined;
    }
    case "ruleset":
      if (name !== undefined) model.rulesets.push(Object.assign(place, { name }));
      return undefined;
    case "template":
      if (name !== undefined) model.templates.push(Object.assign(place, { name, text: value("string") }));
      return undefined;
    case "lookup_table": {
      const path = value("file");
      if (name !== undefined && path !== undefined) model.lookupTables.push({ ...place, name, path });
      return undefined;
    }
    case "global": {
      const path = value("workdirectory");
      if (path !== undefined) model.workDirectories.push({ ...place, path });
      return undefined;
    }
    default:
      return undefined;
  }
}

/** `input(type="imudp" port=["514","515"])` opens one listener a port. */
function readInput(statement: ObjectStatement, place: ReturnType<typeof placed>, reading: Reading): void {
  const module = moduleName(parameterOf(statement, "type") ?? "");
  const protocol = inputProtocols[module];
  if (protocol === undefined) return;
  const ports = statement.parameters.find((parameter) => parameter.name === "port")?.value ?? [];
  const address = parameterOf(statement, "address");
  for (const port of typeof ports === "string" ? [ports] : ports) {
    reading.model.listeners.push({
      ...place,
      module,
      protocol,
      port: portNumber(port, protocol),
      address: address === "*" ? undefined : address,
      boundRuleset: parameterOf(statement, "ruleset") ?? "",
      legacy: false,
    });
  }
}
