import { isIP } from "node:net";
import type { Diagnosis } from "../../../core/checks.ts";
import { blockingFirewalls, type FirewallVerdict } from "../../firewall-hints.ts";
import type { DesiredForward } from "../desired.ts";
import { selectorMatches } from "../selector.ts";
import { bindFailure, rejectedDirective, suspendedActions } from "./diagnosis-journal.ts";
import { diagnoseReceiver, wrongFile } from "./diagnosis-receiver.ts";
import { connectionsTo, type Delivery, queuedOnDisk, targetTitle } from "./probes-delivery.ts";

/** Why no probe message arrived. Causes on the client come first, then the way, then the server. */
export function diagnoseDelivery(delivery: Delivery): Diagnosis {
  return (
    clientFault(delivery) ??
    wrongFile(delivery) ??
    wayFault(delivery) ??
    diagnoseReceiver(delivery) ??
    lost(delivery)
  );
}

/** What is wrong on the client whatever the server does; such a fault is the client's own failure. */
export function clientFault({ evidence, forward, clientUnit, client }: Delivery): Diagnosis | undefined {
  if (evidence.unitState !== "active") {
    const rejected = rejectedDirective(evidence.journal);
    return {
      code: rejected === undefined ? "daemon-inactive" : "directive-rejected",
      detail: `rsyslogd is not running on ${client} (${evidence.unitState || "unknown"})${rejected ? `: ${rejected}` : ""}`,
      hint: `systemctl restart ${clientUnit}; journalctl -u ${clientUnit} -n 20`,
    };
  }
  const { address } = forward;
  const lookedUp = evidence.names[address];
  const unresolved = evidence.reachable.some(
    (one) => one.address === address && one.outcome === "unresolved",
  );
  if (isIP(address) === 0 && (unresolved || lookedUp?.length === 0)) {
    return {
      code: "name-not-resolved",
      detail: `the name ${address} does not resolve on ${client}`,
      hint: `try \`getent ahosts ${address}\` there; repair DNS or /etc/hosts, or give an address in the playbook`,
    };
  }
  return undefined;
}

/** The way from the client's daemon to the server's port. */
function wayFault(delivery: Delivery): Diagnosis | undefined {
  const { forward, evidence, server } = delivery;
  const outcome = evidence.reachable.find(
    ({ address, port }) => address === forward.address && port === forward.port,
  )?.outcome;
  if (server.state === "seen" && server.evidence.unitState !== "active") {
    return {
      code: "server-down",
      detail: `rsyslogd is not running on ${server.host} (${server.evidence.unitState || "unknown"})`,
      hint: `on ${server.host}: systemctl restart ${server.unit}; journalctl -u ${server.unit} -n 20`,
    };
  }
  if (forward.protocol === "udp" || (outcome !== undefined && outcome !== "open" && outcome !== "unknown")) {
    const blocked = portFault(delivery, outcome) ?? firewallFault(delivery);
    if (blocked) return blocked;
  }
  if (outcome === "refused" || outcome === "timeout" || outcome === "unreachable") {
    return unreachable(forward, outcome);
  }
  return outcome === "open" || outcome === "unknown" ? senderFault(delivery) : undefined;
}

/** No listener where the client sends to, as the server itself says. */
function portFault({ forward, server }: Delivery, outcome: string | undefined): Diagnosis | undefined {
  if (server.state !== "seen" || outcome === "timeout" || server.evidence.listeners.length === 0)
    return undefined;
  const { protocol, port } = forward;
  const listeners = server.evidence.listeners.filter((one) => one.protocol === protocol && one.port === port);
  if (listeners.length === 0) {
    const said = bindFailure(server.evidence.journal) ?? rejectedDirective(server.evidence.journal);
    return {
      code: "port-closed",
      detail: `nothing on ${server.host} listens on ${protocol} port ${port}${said ? `; rsyslogd says: ${said}` : ""}`,
      hint: `see that \`listen\` of the syslog_server role names it, apply the playbook without --limit, or on ${server.host}: systemctl restart ${server.unit}`,
    };
  }
  if (listeners.every(({ address }) => address === "127.0.0.1" || address === "::1")) {
    return {
      code: "port-closed",
      detail: `${server.host} listens on ${protocol} port ${port} only for itself (${listeners[0]?.address})`,
      hint: "take `address` out of `listen` of the syslog_server role, or name an address that clients reach",
    };
  }
  return undefined;
}

function firewallFault({
  forward,
  evidence,
  server,
  client,
  clientAddresses,
}: Delivery): Diagnosis | undefined {
  const { protocol, port } = forward;
  const found = (host: string, verdict: FirewallVerdict): Diagnosis => ({
    code: "firewall",
    detail: `a firewall is in the way: ${verdict.where} on ${host} ${verdict.blocks === "yes" ? "drops" : "may drop"} ${protocol} port ${port}`,
    hint: `on ${host}: ${verdict.openCommand}`,
  });
  if (server.state === "seen") {
    const peers = clientAddresses.length > 0 ? clientAddresses : [undefined];
    const [closed] = peers.flatMap((peer) =>
      blockingFirewalls(server.evidence.firewalls, {
        protocol,
        port,
        direction: "input",
        ...(peer ? { peer } : {}),
      }),
    );
    if (closed) return found(server.host, closed);
  }
  const [own] = blockingFirewalls(evidence.firewalls, { protocol, port, direction: "output" });
  return own && found(client, own);
}

function unreachable(forward: DesiredForward, outcome: "refused" | "timeout" | "unreachable"): Diagnosis {
  const title = targetTitle(forward);
  if (outcome === "refused") {
    return {
      code: "connection-refused",
      detail: `${title} refuses the connection: nothing listens there, or a firewall rejects it`,
      hint: "see that the log server runs, listens on that port and lets this host in",
    };
  }
  return {
    code: "no-answer",
    detail: `${title} does not answer: the host is down or unreachable, or a firewall between the hosts drops the connection`,
    hint: "see that the address is right and that the port is open on the way there",
  };
}

/** The port can be reached, yet the client's daemon may not have sent. */
function senderFault(delivery: Delivery): Diagnosis | undefined {
  const { forward, evidence, client, clientUnit, priority } = delivery;
  if (priority !== undefined && !selectorMatches(forward.selector, priority)) {
    return {
      code: "selector-mismatch",
      detail: `the selector ${forward.selector.join(";")} lets no message of ${priority} through`,
      hint: "widen the selector of the syslog_client role, or send the probe by a facility that it names",
    };
  }
  const connections = connectionsTo(delivery);
  const live = connections.find(({ state }) => state === "ESTAB");
  if (live && live.sendQueue > 0) {
    return {
      code: "message-stuck",
      detail: `${live.sendQueue} bytes wait in ${client}'s connection to ${targetTitle(forward)}: the server does not read them`,
      hint: "look at the load, the disk space and the queues of the log server",
    };
  }
  const [suspended] = suspendedActions(evidence.journal);
  if (suspended && !live) {
    const reason = suspended.reason === "" ? "" : `: ${suspended.reason}`;
    return {
      code: "action-suspended",
      detail: `rsyslogd on ${client} has suspended its action ${suspended.action}${reason}`,
      hint: `the port answers now; \`systemctl restart ${clientUnit}\` makes it try again at once`,
    };
  }
  const waiting = queuedOnDisk(delivery);
  if (waiting.bytes > 0) {
    return {
      code: "message-stuck",
      detail: `${waiting.bytes} bytes wait in the disk queue on ${client} (${waiting.path}); new messages stand behind them`,
      hint: `see with \`journalctl -u ${clientUnit}\` whether it is being emptied; a longer verify_timeout gives it time`,
    };
  }
  return forward.protocol === "tcp" && !live ? notForwarded(delivery) : undefined;
}

function notForwarded({ evidence, forward, client, clientUnit, nonces }: Delivery): Diagnosis {
  const rejected = rejectedDirective(evidence.journal);
  if (rejected !== undefined) {
    return {
      code: "directive-rejected",
      detail: `rsyslogd on ${client} does not take a part of its configuration: ${rejected}`,
      hint: `correct it; \`rsyslogd -N1\` on ${client} shows every such message, then: systemctl restart ${clientUnit}`,
    };
  }
  const local = evidence.found.find(({ nonce }) => nonces.includes(nonce));
  return {
    code: "not-forwarded",
    detail: `rsyslogd on ${client} has no connection to ${targetTitle(forward)}, so the message never reached the forward${
      local ? ` (it did reach ${local.path} there)` : ""
    }`,
    hint: `a rule that stops or discards it may stand before the forward, or rsyslogd runs with an older configuration: systemctl restart ${clientUnit}`,
  };
}

function lost({ forward, client }: Delivery): Diagnosis {
  return {
    code: "not-arrived",
    detail: `messages of ${client} do not arrive at ${targetTitle(forward)}, and neither host says why`,
    hint: `on the server: tcpdump -ni any port ${forward.port}; on ${client}: logger -p local6.info test`,
  };
}
