import type { SyslogEvidence } from "../../../core/evidence.ts";
import type { DesiredForward } from "../desired.ts";

/** What this run knows of the log server that a forward goes to. */
export type SyslogServerView =
  /** Not one of the playbook's hosts: nobody can look into its files. */
  | { state: "outside" }
  | { state: "unreachable" | "failed"; host: string }
  | { state: "seen"; host: string; unit: string; evidence: SyslogEvidence };

/** One forward of one client, the probe messages sent over it, and what both hosts say. */
export interface Delivery {
  forward: DesiredForward;
  /** Inventory name of the client. */
  client: string;
  /** The client's rsyslog unit, for commands. */
  clientUnit: string;
  /** Addresses under which the server sees the client. */
  clientAddresses: string[];
  evidence: SyslogEvidence;
  server: SyslogServerView;
  /** Priority of the probe messages; undefined: no message of logger(1) passes the selector, none was sent. */
  priority?: string;
  nonces: string[];
  /** The declared file, as proofPath gives it; undefined: it cannot be told beforehand. */
  path?: string;
}

/** `log1 (10.0.0.1) tcp port 514`, for messages. */
export function targetTitle({ address, host, protocol, port }: DesiredForward): string {
  const name = host === undefined || host === address ? address : `${host} (${address})`;
  return `${name} ${protocol} port ${port}`;
}

/** The client's connections to the forward's target, under any of its addresses. */
export function connectionsTo({ forward, evidence }: Delivery): SyslogEvidence["connections"] {
  const addresses = new Set([
    forward.address,
    ...forward.aliases,
    ...(evidence.names[forward.address] ?? []),
  ]);
  return evidence.connections.filter(
    ({ protocol, port, address }) =>
      protocol === forward.protocol &&
      port === forward.port &&
      addresses.has(address.replace(/^::ffff:/, "")),
  );
}

/** What waits on disk for this forward: the files NAME.00000001 and NAME.qi of its queue, in bytes. */
export function queuedOnDisk({ forward, evidence }: Delivery): { bytes: number; path?: string } {
  const { queue } = forward;
  if (queue === false) return { bytes: 0 };
  const files = evidence.queueFiles.filter(({ path }) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return name.startsWith(`${queue.file}.`) && /^(\d{8}|qi)$/.test(name.slice(queue.file.length + 1));
  });
  const [first] = files;
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), ...(first ? { path: first.path } : {}) };
}
