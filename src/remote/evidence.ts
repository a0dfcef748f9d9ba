import { displayText } from "../core/byte-text.ts";
import type {
  NtpEvidence,
  NtpEvidenceRequest,
  SyslogEvidence,
  SyslogEvidenceRequest,
} from "../core/evidence.ts";
import { inputLines, linesOf, runForFrames, textOf, textsOf, word } from "./evidence-run.ts";
import type { Frame } from "./frames.ts";
import { firewallsOf, listenersOf, namesOf, splitEndpoint } from "./network-frames.ts";
import type { ScriptChannel } from "./run-script.ts";
import { loadScript } from "./scripts.ts";

const NTP_SCRIPT = loadScript("frames", "network", "journal", "ntp-evidence");
const SYSLOG_SCRIPT = loadScript("frames", "network", "journal", "dated-path", "syslog-evidence");
/** What the looking itself may take: name servers that do not answer, slow firewall tools. */
const LOOKING_MS = 60_000;

/**
 * Waits on the host for a selected source, at most `waitSeconds`, and brings back everything about its clock.
 * Resolves also when nothing was selected or chronyd is down; rejects when the host could not be asked.
 */
export async function ntpEvidence(channel: ScriptChannel, request: NtpEvidenceRequest): Promise<NtpEvidence> {
  const stdin = inputLines([
    word("unit", request.unit),
    ["wait", Math.round(request.waitSeconds * 1000)],
    ...(request.maxOffset === undefined
      ? []
      : [["max-offset", Math.round(request.maxOffset * 1e6)] as const]),
    ["burst", request.burst ? "yes" : "no"],
    ...request.acceptable.map((source) => word("accept", source === "*" ? "any" : source)),
    ...request.accessChecks.map((address) => word("access", address)),
    ...request.names.map((name) => word("name", name)),
    ...(request.only ? [["only", request.only] as const] : []),
  ]);
  const timeoutMs = request.waitSeconds * 1000 + LOOKING_MS;
  return readNtpEvidence(await runForFrames(channel, NTP_SCRIPT, stdin, timeoutMs));
}

function readNtpEvidence(frames: readonly Frame[]): NtpEvidence {
  const selectedAfter = textOf(frames, "selected-after");
  return {
    ...(selectedAfter === "" ? {} : { selectedAfterMs: Number(selectedAfter) }),
    unitState: textOf(frames, "unit-state"),
    sources: textOf(frames, "sources"),
    namedSources: textOf(frames, "sources-named"),
    tracking: textOf(frames, "tracking"),
    ntpdata: textOf(frames, "ntpdata"),
    activity: textOf(frames, "activity"),
    selectdata: textOf(frames, "selectdata"),
    accessChecks: Object.fromEntries(
      textsOf(frames, "access").map((text) => {
        const [address = "", ...answer] = text.split(" ");
        return [address, answer.join(" ")];
      }),
    ),
    names: namesOf(frames),
    listeners: listenersOf(frames),
    firewalls: firewallsOf(frames),
    journal: linesOf(textOf(frames, "journal")),
  };
}

/** Brings back everything about a host's logging. Rejects only when the host could not be asked. */
export async function syslogEvidence(
  channel: ScriptChannel,
  request: SyslogEvidenceRequest,
): Promise<SyslogEvidence> {
  const stdin = inputLines([
    word("unit", request.unit),
    ...request.targets.map(
      ({ protocol, port, address }) =>
        ["target", protocol, port, ...word("target", address).slice(1)] as const,
    ),
    ...request.names.map((name) => word("name", name)),
    ["spool", request.spoolDirectory],
    ...request.searchDirectories.map((directory) => ["search", directory] as const),
    ...request.nonces.map((nonce) => word("nonce", nonce)),
    ...request.files.map((path) => ["file", path] as const),
    ...request.configurations.map((path) => ["configuration", path] as const),
    ...(request.recentSeconds === undefined ? [] : [["recent", Math.round(request.recentSeconds)] as const]),
    ...(request.tails ?? []).map((path) => ["tail", path] as const),
  ]);
  const timeoutMs = LOOKING_MS + request.targets.length * 4000;
  return readSyslogEvidence(
    await runForFrames(channel, SYSLOG_SCRIPT, stdin, timeoutMs),
    request.spoolDirectory,
  );
}

function readSyslogEvidence(frames: readonly Frame[], spool: string): SyslogEvidence {
  return {
    unitState: textOf(frames, "unit-state"),
    journal: linesOf(textOf(frames, "journal")),
    listeners: listenersOf(frames),
    firewalls: firewallsOf(frames),
    names: namesOf(frames),
    connections: textsOf(frames, "connections").flatMap(linesOf).flatMap(connection),
    reachable: textsOf(frames, "reachable").map((text) => {
      const [outcome, port, address] = text.split(" ");
      return {
        address: address ?? "",
        port: Number(port),
        outcome: outcome as SyslogEvidence["reachable"][number]["outcome"],
      };
    }),
    queueFiles: textsOf(frames, "queue-files")
      .flatMap(linesOf)
      .map((line) => ({
        size: Number(line.split(" ", 1)[0]),
        path: `${spool}/${displayText(afterWords(line, 1))}`,
      })),
    found: textsOf(frames, "found").map((text) => ({
      nonce: text.split(" ", 1)[0] ?? "",
      path: displayText(afterWords(text, 1)),
    })),
    mentions: textsOf(frames, "mentions").flatMap(mentions),
    ...(frames.some(({ key }) => key === "recent") ? { recent: linesOf(textOf(frames, "recent")) } : {}),
    tails: textsOf(frames, "tail").map((block) => {
      const [path = "", ...lines] = block.split("\n");
      return { path: displayText(path), text: lines.join("\n") };
    }),
    files: textsOf(frames, "file").map(file),
  };
}

/** The text after the first `count` words. */
function afterWords(text: string, count: number): string {
  return text.split(" ").slice(count).join(" ");
}

/** One line of `ss -tan`: state, receive queue, send queue, local address:port, peer address:port. */
function connection(line: string): SyslogEvidence["connections"] {
  const [state = "", , sendQueue, , peer = ""] = line.trim().split(/\s+/);
  const endpoint = splitEndpoint(peer);
  return endpoint ? [{ protocol: "tcp", state, ...endpoint, sendQueue: Number(sendQueue) }] : [];
}

/** A path, then lines `FILE:NUMBER:TEXT`. */
function mentions(block: string): SyslogEvidence["mentions"] {
  const [path = "", ...lines] = block.split("\n");
  return lines.flatMap((line) => {
    const match = /^(.*?):(\d+):(.*)$/.exec(line);
    if (!match) return [];
    const [, file = "", number, text = ""] = match;
    return [{ path: displayText(path), file, line: Number(number), text: text.trim() }];
  });
}

/** `SIZE MTIME OWNER MODE PATH`, the first four `-` when there is no such file. */
function file(text: string): SyslogEvidence["files"][number] {
  const [size = "-", mtime, owner = "", mode = ""] = text.split(" ");
  const path = displayText(afterWords(text, 4));
  if (size === "-") return { path, exists: false, size: 0, mtime: 0, owner: "", mode: "" };
  return { path, exists: true, size: Number(size), mtime: Number(mtime), owner, mode: mode.padStart(4, "0") };
}
