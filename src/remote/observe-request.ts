import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";

/** What scripts/observe.sh reads on its stdin. Throws an LfceError `bad-observe-request` for what it cannot say. */
export function encodeObserveRequest(request: ObserveRequest, stateDirectory?: string): Buffer {
  const lines = [
    ...(stateDirectory === undefined ? [] : [`state ${absolute(stateDirectory)}`]),
    ...request.follow.map(({ service, path }) => `follow ${service} ${absolute(path)}`),
    ...request.files.map((path) => `file ${absolute(path)}`),
    ...request.stat.map((path) => `stat ${absolute(path)}`),
    ...(request.places ?? []).map((path) => `place ${absolute(path)}`),
    ...request.units.map((unit) => `unit ${checked(unit, /^[A-Za-z0-9:_.@][A-Za-z0-9:_.@\\-]*$/, "a unit")}`),
    ...request.programs.map((name) => `program ${checked(name, /^[A-Za-z0-9_.+][\w.+-]*$/, "a program")}`),
    ...request.names.map((name) => `name ${checked(name, /^[A-Za-z0-9_:.%][\w:.%-]*$/, "a host name")}`),
    "end",
    "",
  ];
  return Buffer.from(lines.join("\n"), "utf8");
}

function absolute(path: string): string {
  return checked(path, /^\/[^\n\0]*$/, "an absolute path");
}

/** A line break in a value would become another request; everything else is data to the script. */
function checked(value: string, form: RegExp, what: string): string {
  if (form.test(value)) return value;
  throw new LfceError({
    code: "bad-observe-request",
    message: `${JSON.stringify(value)} is not ${what}`,
    hint: "correct it where the playbook or the inventory gives it",
  });
}
