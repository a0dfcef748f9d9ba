import type { DriftFinding, HostLink } from "../../core/drift.ts";
import type { SyslogEvidence } from "../../core/evidence.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { localForwards, satisfies } from "./client/forward-match.ts";
import type { DesiredForward } from "./desired.ts";
import { forwardItem } from "./drift-forwards.ts";
import { rsyslogInForce } from "./in-force/in-force.ts";
import { plainMessage, suspendedActions } from "./proof/diagnosis-journal.ts";
import { targetTitle } from "./proof/probes-delivery.ts";

/** Files that hold what a disk queue has spooled: NAME.00000001 and so on. Its NAME.qi says nothing reliable. */
const SPOOLED = /^(.*)\.\d{8}$/;

/**
 * A queue that was worked off after an outage keeps its last file (1 MiB at most) until rsyslogd stops, and nothing
 * beside it tells whether anything in there is still to be sent (rsyslogd 8.2302): one file proves nothing.
 */
const SPOOLING_FILES = 2;

/** So many files and a queue holds messages back even while its connection works: it goes on to the next with two. */
const BACKLOG_FILES = 3;

/** Patterns of `ObserveRequest.list` for what queues have spooled in these directories. */
export function spoolPatterns(directories: readonly string[]): string[] {
  return directories.map((directory) => `${directory}/*.[0-9]*`);
}

/** How one forward looks from one look at its host. */
export interface ForwardLook {
  forward: DesiredForward;
  /** `unknown`: of UDP, or where the host does not tell its connections. `stuck`: bytes wait to be taken. */
  connection: "up" | "stuck" | "none" | "unknown";
  spooled: { files: number; bytes: number };
}

/** Looks at each forward: its connection, and what the queue has spooled that the files give it. */
export function lookAtForwards(
  forwards: readonly DesiredForward[],
  observed: ObservedHost,
  mainFile: string,
): ForwardLook[] {
  const spooled = Object.values(observed.lists ?? {})
    .flat()
    .filter((path) => SPOOLED.test(nameOf(path)));
  const there = spooled.length > 0 ? localForwards(rsyslogInForce(observed, mainFile)) : [];
  return forwards.map((forward) => {
    const queue = there.find((one) => satisfies(forward, one))?.queue.file;
    const sizes = spooled
      .filter((path) => queue !== undefined && SPOOLED.exec(nameOf(path))?.[1] === queue)
      .map((path) => observed.files[path]?.size ?? 0);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { forward, connection: connectionOf(forward, observed), spooled: { files: sizes.length, bytes } };
  });
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function connectionOf(forward: DesiredForward, observed: ObservedHost): ForwardLook["connection"] {
  const { connections, names } = observed;
  if (forward.protocol !== "tcp" || connections === undefined) return "unknown";
  const spelled = [forward.address, ...forward.aliases];
  const addresses = new Set([...spelled, ...spelled.flatMap((name) => names[name] ?? [])]);
  const established = connections.filter(
    ({ state, port, address }) =>
      state === "established" && port === forward.port && addresses.has(address.replace(/^::ffff:/, "")),
  );
  if (established.length === 0) return "none";
  return established.some(({ sendQueue }) => sendQueue === 0) ? "up" : "stuck";
}

/**
 * Whether more must be asked of the host. rsyslogd connects with the first message that it has to send, so no
 * connection is no fault by itself.
 */
export function isSuspicious({ connection, spooled }: ForwardLook): boolean {
  return connection === "none" || connection === "stuck" || spooled.files >= BACKLOG_FILES;
}

/** What is wrong with the delivery of one forward: at most one finding, the gravest. */
export function deliveryFinding(look: ForwardLook, evidence: SyslogEvidence): DriftFinding | undefined {
  const { forward, spooled } = look;
  const title = targetTitle(forward);
  const suspended = suspendedActions(evidence.journal).map(({ reason }) => plainMessage(reason));
  const reached = evidence.reachable.find(
    ({ address, port }) => address === forward.address && port === forward.port,
  )?.outcome;
  const out = reached !== undefined && reached !== "open" && reached !== "unknown";
  const why = out ? `a connection to it: ${reached}` : undefined;
  const said = [why, ...new Set(suspended)].filter((part) => part !== undefined && part !== "");
  const finding = (code: string, message: string): DriftFinding => ({
    code,
    item: forwardItem(forward),
    message,
    ...(said.length === 0 ? {} : { detail: said.join("\n") }),
  });
  const held = spooled.files >= SPOOLING_FILES && (out || (suspended.length > 0 && !isUp(look, evidence)));
  if (held || spooled.files >= BACKLOG_FILES) {
    const size = `${Math.ceil(spooled.bytes / 1024)} KiB in ${spooled.files} files`;
    return finding("queue-spooling", `messages for ${title} wait on disk (${size})`);
  }
  if (out) return finding("forward-not-connected", `no connection to ${title}`);
  if (suspended.length > 0 && !isUp(look, evidence)) {
    return finding("action-suspended", `rsyslogd has suspended the forward to ${title}`);
  }
  return undefined;
}

function isUp({ forward }: ForwardLook, { connections }: SyslogEvidence): boolean {
  return connections.some(
    ({ state, port, sendQueue }) => state === "ESTAB" && port === forward.port && sendQueue === 0,
  );
}

/** How a forward stands as a part of the fleet's topology. `fault` says why it is broken. */
export function linkOf(
  { forward, connection }: Pick<ForwardLook, "forward" | "connection">,
  fault: string | undefined,
): HostLink {
  const { host, address, protocol, port } = forward;
  const link = { kind: "syslog", to: host ?? address } as const;
  const way = `${protocol} port ${port}`;
  if (fault !== undefined) return { ...link, state: "broken", detail: `${way}: ${fault}` };
  if (connection === "up" || connection === "stuck") return { ...link, state: "in-use", detail: way };
  const detail = protocol === "udp" ? `${way}: UDP does not tell` : `${way}: no connection just now`;
  return { ...link, state: "unknown", detail };
}
