import type { Diagnosis } from "../../../core/checks.ts";
import type { SyslogEvidence } from "../../../core/evidence.ts";
import { droppedByRate, rejectedDirective, writeFailure } from "./diagnosis-journal.ts";
import { type Delivery, targetTitle } from "./probes-delivery.ts";

/** The message left the client: what became of it on the server, as the server itself says. */
export function diagnoseReceiver(delivery: Delivery): Diagnosis | undefined {
  const { server } = delivery;
  if (server.state !== "seen") return undefined;
  return writing(delivery, server.host, server.unit, server.evidence);
}

/** The message is on the server, in another file than declared. Undefined when it is in none. */
export function wrongFile({
  server,
  nonces,
  path,
  clientAddresses,
  client,
}: Delivery): Diagnosis | undefined {
  if (server.state !== "seen") return undefined;
  const elsewhere = server.evidence.found.filter(
    (one) => nonces.includes(one.nonce) && !isDeclaredPath(one.path, path),
  );
  const [first] = elsewhere;
  if (!first) return undefined;
  const files = [...new Set(elsewhere.map((one) => one.path))].slice(0, 3).join(" and ");
  const mention = server.evidence.mentions.find((one) => one.path === first.path);
  const rule = mention ? `; probably by ${mention.file}:${mention.line}: ${mention.text.slice(0, 160)}` : "";
  return {
    code: "wrong-file",
    detail: `the message arrived on ${server.host}, but in ${files} instead of ${path ?? "the declared file"}${rule}`,
    hint: mention
      ? `move or change that rule: it comes before the one for ${client}, or that one is not about the address from which the messages come (declared: ${clientAddresses.join(", ") || "none"})`
      : `see that the rule for ${client} is about the address from which its messages come (declared: ${clientAddresses.join(", ") || "none"}; set service_address where it is another)`,
  };
}

function writing(
  { path, client, forward }: Delivery,
  host: string,
  unit: string,
  evidence: SyslogEvidence,
): Diagnosis | undefined {
  const failure = writeFailure(evidence.journal);
  if (failure !== undefined) {
    const owner = evidence.files.find((file) => file.exists && isDeclaredPath(file.path, path));
    const owned = owner ? ` (${owner.path} belongs to ${owner.owner}, mode ${owner.mode})` : "";
    return {
      code: "cannot-write",
      detail: `rsyslogd on ${host} cannot write its file: ${failure}${owned}`,
      hint: `let the user that rsyslogd runs as write there (ps -o user= -C rsyslogd), see that the disk is not full, then: systemctl restart ${unit}`,
    };
  }
  const rejected = rejectedDirective(evidence.journal);
  if (rejected !== undefined) {
    return {
      code: "directive-rejected",
      detail: `rsyslogd on ${host} does not take a part of its configuration: ${rejected}`,
      hint: `correct it; \`rsyslogd -N1\` on ${host} shows every such message, then: systemctl restart ${unit}`,
    };
  }
  if (droppedByRate(evidence.journal)) {
    return {
      code: "rate-limited",
      detail: `rsyslogd on ${host} drops messages because too many come (rate limit)`,
      hint: "raise or switch off the rate limit of the input, or find out who sends so much",
    };
  }
  return {
    code: "not-stored",
    detail: `messages of ${client} leave for ${targetTitle(forward)}, but ${host} writes them to no file that was searched (declared: ${path ?? "unknown"})`,
    hint: `apply the playbook without --limit, so that ${host} has the rule for ${client}; if it has: systemctl restart ${unit}`,
  };
}

/** Whether a real path is the declared one, whose %Y, %m and %d stand for digits. */
export function isDeclaredPath(real: string, declared: string | undefined): boolean {
  if (declared === undefined) return false;
  const pattern = declared
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%Y", "\\d{4}")
    .replaceAll("%m", "\\d\\d")
    .replaceAll("%d", "\\d\\d");
  return new RegExp(`^${pattern}$`).test(real);
}
