import type { SyslogServerParameters, SyslogTargetParameter } from "../services/rsyslog/schema.ts";
import type { AdviceContext } from "./advice-context.ts";
import type { HostRoles } from "./role-settings.ts";

const DEFAULT_FILE = "/var/log/remote/{host}.log";

/** Advice about logs, for one host. */
export function adviseLogs(one: HostRoles, context: AdviceContext): void {
  if (one.roles.syslog_server?.state === "present") adviseServer(one, context);
  if (one.roles.syslog_client?.state === "present") adviseClient(one, context);
}

function adviseServer(one: HostRoles, context: AdviceContext): void {
  const role = one.roles.syslog_server;
  if (role === undefined) return;
  const { listen = [] } = role.parameters;
  if (listen.some((listener) => listener.protocol === "udp")) {
    const message = "listens on UDP: messages sent by UDP get lost when the network or the server is busy";
    const hint = "let clients that can do so send by TCP";
    context.say(one.host, { code: "advice.udp", message, hint, at: role.positions.listen ?? role.at });
  }
  let caught = false;
  for (const [index, rule] of storeRules(role.parameters).entries()) {
    const path = Array.isArray(role.parameters.store) ? ["store", index] : ["store"];
    const at = context.locate(role.positions.store, path, role.positions.store ?? role.at);
    if (rule.rotate === undefined) {
      const message = `nothing cleans up ${rule.file ?? DEFAULT_FILE}: the disk will fill`;
      const hint = "add rotate: {keep: 30d, compress: true}";
      context.say(one.host, { code: "advice.no-rotate", message, hint, at });
    }
    if (caught) {
      const message = "an earlier rule takes every message and stops, so this rule gets none";
      context.say(one.host, { code: "advice.dead-rule", message, hint: "put it before that rule", at });
    }
    caught ||= rule.stop !== false && [rule.from].flat().includes("any");
  }
}

function storeRules(parameters: SyslogServerParameters) {
  return [parameters.store ?? {}].flat();
}

function adviseClient(one: HostRoles, context: AdviceContext): void {
  const role = one.roles.syslog_client;
  if (role === undefined) return;
  const at = role.positions.servers ?? role.at;
  for (const target of role.parameters.servers ?? []) {
    if (target.protocol === "udp") {
      const message = `sends to ${targetName(target)} by UDP: messages get lost, and no queue can keep them`;
      context.say(one.host, { code: "advice.udp", message, hint: "use protocol: tcp", at });
    }
    for (const server of targetHosts(target, context)) {
      if (server === one.host) continue;
      adviseTarget(one, target, server, context);
    }
  }
}

function adviseTarget(
  one: HostRoles,
  target: SyslogTargetParameter,
  server: string,
  context: AdviceContext,
): void {
  const role = one.roles.syslog_client;
  if (role === undefined) return;
  const at = role.positions.servers ?? role.at;
  const receiver = context.roles.get(server)?.roles.syslog_server;
  if (receiver?.state !== "present") {
    const message = `${server} gets these messages, but the playbook does not make it a syslog_server`;
    const hint = `give ${server} the role syslog_server, unless it receives messages already`;
    context.say(one.host, { code: "advice.no-server", message, hint, at });
    return;
  }
  const listeners = (receiver.parameters.listen ?? [{}]).map((listener) => ({
    protocol: listener.protocol ?? "tcp",
    port: listener.port ?? 514,
  }));
  const fits = listeners.some(
    (listener) =>
      (target.protocol ?? listener.protocol) === listener.protocol &&
      (target.port ?? listener.port) === listener.port,
  );
  if (fits) return;
  const wanted = `${target.protocol ?? "tcp"} port ${target.port ?? 514}`;
  const message = `${server} does not listen on ${wanted}`;
  const hint = `it listens on ${listeners.map((one) => `${one.protocol} port ${one.port}`).join(", ")}`;
  context.say(one.host, { code: "advice.no-listener", message, hint, at });
}

function targetName(target: SyslogTargetParameter): string {
  if ("host" in target) return target.host;
  return "group" in target ? target.group : target.address;
}

function targetHosts(target: SyslogTargetParameter, context: AdviceContext): string[] {
  if ("host" in target) return [target.host];
  return "group" in target ? (context.inventory.groups.get(target.group)?.hosts ?? []) : [];
}
