import { type ByteText, displayText } from "../../core/byte-text.ts";
import { errorData, type LfceErrorData, type Position, type Warning } from "../../core/errors.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { DesiredForward } from "./desired.ts";
import type { ForwardMatch } from "./forward-match.ts";
import { isAboutSenders, messageSet } from "./forward-selector.ts";
import type { Forward, Placed, RsyslogModel } from "./in-force-model.ts";

/** Where a statement stands, for people. */
export function positionOf({ file, range }: Placed, text: ByteText): Position {
  const before = text.slice(0, range.start).split("\n");
  const source = displayText((text.split("\n")[before.length - 1] ?? "").replace(/\r$/, ""));
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, source };
}

/** Declarations that no host could carry out: a forward to the host itself. */
export function clientErrors(forwards: readonly DesiredForward[], observed: ObservedHost): LfceErrorData[] {
  const own = new Set(
    [...observed.addresses, observed.hostname, "localhost"].map((name) => name.toLowerCase()),
  );
  return forwards
    .filter(({ address, aliases }) =>
      [address, ...aliases, ...(observed.names[address] ?? [])].some((name) =>
        isSelf(name.toLowerCase(), own),
      ),
    )
    .map(({ address, port }) =>
      errorData(
        "forward-to-self",
        `${address}:${port} is this host itself: its messages would go round in a loop`,
        "leave the host out of the syslog_client's servers",
      ),
    );
}

function isSelf(name: string, own: ReadonlySet<string>): boolean {
  return own.has(name) || /^127\.\d+\.\d+\.\d+$/.test(name) || name === "::1";
}

/** A queue file that another queue of the host uses already: rsyslogd would drop one of the two. */
export function queueErrors(missing: readonly DesiredForward[], model: RsyslogModel): LfceErrorData[] {
  return missing.flatMap(({ queue, address }) => {
    const taken = queue === false ? undefined : model.queueFiles.find(({ file }) => file === queue.file);
    if (queue === false || !taken) return [];
    return [
      errorData(
        "queue-file-taken",
        `the queue file ${queue.file} of the forward to ${address} is used by another queue already`,
        "give the forward a file name of its own: queue: {file: NAME}",
        positionOf(taken, model.parsed.get(taken.file)?.text ?? ""),
      ),
    ];
  });
}

/** A forward that differs from what is declared and cannot be switched off by whole lines. */
export function cannotSwitchOff(forward: Forward, text: ByteText, obstacle: string): LfceErrorData {
  return errorData(
    "forward-entangled",
    `the forward to ${forward.target} differs from what is declared but cannot be switched off: ${obstacle}`,
    "put it on lines of its own, or remove it, and try again",
    positionOf(forward, text),
  );
}

/** What makes declared forwards less than they seem, and the forwards that nobody declared. */
export function clientWarnings(
  match: ForwardMatch,
  desired: readonly DesiredForward[],
  model: RsyslogModel,
): Warning[] {
  const at = (placed: Placed) => positionOf(placed, model.parsed.get(placed.file)?.text ?? "");
  const warnings: Warning[] = [];
  for (const forward of match.others) {
    warnings.push({
      code: "forward-left-alone",
      message: `messages are also forwarded to ${forward.target}:${forward.port} (${forward.protocol}), which the playbook does not declare`,
      at: at(forward),
    });
  }
  for (const forward of match.repeated) {
    warnings.push({
      code: "forward-repeated",
      message: `messages are forwarded to ${forward.target}:${forward.port} twice`,
      hint: "remove one of the two",
      at: at(forward),
    });
  }
  const discard = discardsLocal(model)[0];
  if (discard && desired.length > 0) {
    const filter = discard.filters.map(({ text }) => displayText(text)).join(" and ");
    warnings.push({
      code: "discarded-before-forward",
      message: `messages that match ${filter} are discarded before they reach the forward`,
      hint: "move the forward before that line if they are to be forwarded too",
      at: at(discard),
    });
  }
  for (const { address, port, protocol, queue, retry } of match.missing) {
    if (queue === false && protocol === "tcp" && retry !== 0) {
      warnings.push({
        code: "forward-without-queue",
        message: `while ${address}:${port} is away, everything that this host logs waits for it`,
        hint: "give the forward a queue, or set retry: 0",
      });
    }
  }
  return warnings;
}

/** Discards of some of the host's own messages, in the order of reading. */
function discardsLocal(model: RsyslogModel): RsyslogModel["discards"] {
  return model.discards.filter(
    ({ filters, ruleset }) =>
      ruleset === model.localRuleset &&
      filters.length > 0 &&
      !isAboutSenders(filters) &&
      messageSet(filters)?.some((mask) => mask !== 0) !== false,
  );
}
