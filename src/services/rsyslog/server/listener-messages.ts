import { errorData, type LfceErrorData, type Warning } from "../../../core/errors.ts";
import type { Listener, Placed, RsyslogModel } from "../in-force/in-force-model.ts";
import { placeOf, positionOf } from "../in-force/position.ts";

/** A listener that nobody declared. */
export function leftAlone(listener: Listener, model: RsyslogModel): Warning {
  const port = Number.isNaN(listener.port) ? "a port that cannot be told" : `port ${listener.port}`;
  return {
    code: "other-listener",
    message: `${placeOf(listener, model)} listens on ${listener.protocol} ${port}, which the playbook does not declare; it is left as it is`,
    hint: "add it to listen, or remove it from the file",
  };
}

/** One `input()` can open several ports; it is switched off whole. */
export function switchedOffToo(listener: Listener, model: RsyslogModel): Warning {
  return {
    code: "listener-switched-off-too",
    message: `${placeOf(listener, model)} listens on ${listener.protocol} port ${listener.port} as well, which goes off with the declared port beside it`,
    hint: `add port ${listener.port} to listen to keep it`,
  };
}

/** What hangs on a `config.enabled` that nobody knows here. */
export function conditional(what: string, placed: Placed, model: RsyslogModel): LfceErrorData {
  return errorData(
    "depends-on-environment",
    `${what} depends on the environment that rsyslogd is started with`,
    'write config.enabled="on" or "off" there, or take config.enabled out',
    positionOf(placed, model),
  );
}

/** A declared address that could be no address. */
export function notAnAddress(address: string): LfceErrorData {
  return errorData(
    "address-invalid",
    `not an address to listen on: ${JSON.stringify(address)}`,
    "write an address of the server, or leave address out to listen on all",
  );
}

/** A declared port on which something listens that is not lfce's to switch off. */
export function portTaken(listener: Listener, isPlain: boolean, model: RsyslogModel): LfceErrorData {
  return errorData(
    "port-taken",
    `port ${listener.port} is taken by the ${isPlain ? "" : "encrypted "}${listener.protocol} listener of ${placeOf(listener, model)}`,
    "declare another port in listen, or remove that listener",
  );
}
