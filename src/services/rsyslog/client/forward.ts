import type { Forward, ForwardQueue, Placed } from "../in-force/in-force-model.ts";
import { portNumber } from "../port.ts";
import { withoutComment } from "../syntax/parse-legacy.ts";
import { type Directive, type ObjectStatement, parameterOf } from "../syntax/statements.ts";

/** What one statement says about a forward, wherever it stands. */
export type ForwardSettings = Pick<
  Forward,
  "protocol" | "target" | "port" | "queue" | "retry" | "template" | "legacy" | "special"
>;

/** The IANA port of syslog, which omfwd takes when none is given. */
const syslogPort = 514;

/**
 * Legacy directives that configure the next action only; rsyslogd forgets them with it. Switched off without
 * their forward they would configure somebody else's action.
 */
const nextActionOnly =
  /^action(queue.*|resumeretrycount|name|writeallmarkmessages|execonlyeverynthtime(timeout)?|sendstreamdriverpermittedpeer)$/;

/** Whether a directive configures the next action only. */
export function isActionSetting(directive: Directive): boolean {
  return nextActionOnly.test(directive.name);
}

/** Reads `@host`, `@@host`, `@[::1]:port`, `@@(z9,o)host:port;template`; undefined for another action. */
export function legacyForward(text: string, settings: readonly Placed[]): ForwardSettings | undefined {
  if (!text.startsWith("@")) return undefined;
  const match = /^(@@?)(\([^)]*\))?(?:\[([^\]]*)\]|([^;:#\s]*))(?::(\d*))?[^;#\s]*\s*(?:;\s*([^\s#]+))?/.exec(
    withoutComment(text),
  );
  if (!match) return undefined;
  const [, sigil, options, bracketed, plain, port, template] = match;
  const values = new Map<string, string>();
  for (const { statement } of settings) {
    if (statement.kind === "directive") values.set(statement.name, statement.value);
  }
  return {
    protocol: sigil === "@@" ? "tcp" : "udp",
    target: bracketed ?? plain ?? "",
    port: port === undefined ? syslogPort : port === "" ? Number.NaN : Number(port),
    queue: {
      type: values.get("actionqueuetype"),
      file: values.get("actionqueuefilename"),
      maxDisk: values.get("actionqueuemaxdiskspace"),
      saveOnShutdown: isOnInDirective(values.get("actionqueuesaveonshutdown"), true),
      spoolDirectory: undefined,
    },
    retry: integer(values.get("actionresumeretrycount"), 0),
    template,
    legacy: true,
    special: options !== undefined,
  };
}

/** Parameters that make a forward something else than plain syslog over TCP or UDP. */
const specialParameter = /^(streamdriver|ziplevel|compression|networknamespace|targetsrv)/;

/** Reads `action(type="omfwd" …)` and `action(type="omrelp" …)`; undefined for another action. */
export function objectForward(action: ObjectStatement): ForwardSettings | undefined {
  const type = parameterOf(action, "type")?.toLowerCase();
  if (type !== "omfwd" && type !== "omrelp" && type !== "builtin:omfwd") return undefined;
  const port = parameterOf(action, "port");
  const isTcp = parameterOf(action, "protocol")?.toLowerCase() === "tcp";
  const protocol = type === "omrelp" ? "relp" : isTcp ? "tcp" : "udp";
  return {
    protocol,
    target: (parameterOf(action, "target") ?? "").replace(/^\[(.*)\]$/, "$1"),
    port: port === undefined ? syslogPort : portNumber(port, protocol),
    queue: {
      type: parameterOf(action, "queue.type"),
      file: parameterOf(action, "queue.filename"),
      maxDisk: parameterOf(action, "queue.maxdiskspace"),
      saveOnShutdown: isOnInParameter(parameterOf(action, "queue.saveonshutdown"), true),
      spoolDirectory: parameterOf(action, "queue.spooldirectory"),
    },
    retry: integer(parameterOf(action, "action.resumeretrycount"), 0),
    template: parameterOf(action, "template"),
    legacy: false,
    special: action.parameters.some(({ name }) => specialParameter.test(name)),
  };
}

/** A queue on disk, alone or behind one in memory. */
export function isDiskQueue(queue: ForwardQueue): boolean {
  const type = queue.type?.toLowerCase() ?? "direct";
  return type === "disk" || (type !== "direct" && queue.file !== undefined);
}

/** rsyslog's size text in bytes: `1g` is 1024³ and `1G` 1000³; undefined when it is none. */
export function sizeInBytes(text: string): number | undefined {
  const match = /^(\d+)([kmgtpe]?)$/i.exec(text.trim().replace(/[.,]/g, ""));
  if (!match) return undefined;
  const unit = match[2] ?? "";
  const power = unit === "" ? 0 : "kmgtpe".indexOf(unit.toLowerCase()) + 1;
  return Number(match[1]) * (unit === unit.toLowerCase() ? 1024 : 1000) ** power;
}

/** rsyslogd takes `on` and `off` as such and nothing else: of a directive it then passes over the line. */
function isOnInDirective(text: string | undefined, otherwise: boolean): boolean {
  return text === "on" || text === "off" ? text === "on" : otherwise;
}

/** A parameter that is neither `on` nor `off` counts as off. */
function isOnInParameter(text: string | undefined, otherwise: boolean): boolean {
  return text === undefined ? otherwise : text === "on";
}

function integer(text: string | undefined, otherwise: number): number {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? otherwise : number;
}
