import { displayText } from "../../core/byte-text.ts";
import type { LocatedFinding } from "../host-drift.ts";
import { goesTo, localForwards, matchForwards, satisfies, selectorText } from "./client/forward-match.ts";
import { messageSet, sameMessages } from "./client/forward-selector.ts";
import { selectorSet } from "./client/selector-set.ts";
import type { DesiredForward, SyslogProtocol } from "./desired.ts";
import type { Forward, Placed, RsyslogModel } from "./in-force/in-force-model.ts";
import { lineNumber } from "./in-force/position.ts";
import { targetTitle } from "./proof/probes-delivery.ts";
import { findBlock } from "./syntax/block.ts";

/** How findings name a declared forward from night to night: `tcp/10.0.0.1:514`. */
export function forwardItem(forward: Pick<DesiredForward, "protocol" | "address" | "port">): string {
  return targetItem(forward.protocol, forward.address, forward.port);
}

function targetItem(protocol: SyslogProtocol | "relp", target: string, port: number): string {
  const host = target.includes(":") ? `[${target}]` : target;
  return displayText(`${protocol}/${host}:${Number.isNaN(port) ? "?" : port}`);
}

/** FILE:LINE of a statement as findings carry it. */
export function placeIn(model: RsyslogModel, { file, range }: Placed): { file: string; line: number } {
  const parsed = model.parsed.get(file);
  return { file, line: parsed ? lineNumber(parsed, range.start) : 1 };
}

/**
 * Declared forwards that are not there or differ, and forwards beside them, as the files are now. A forward that
 * was turned to another target is one finding: the one that lfce's own block holds, or one to a declared target.
 */
export function forwardFindings(desired: readonly DesiredForward[], model: RsyslogModel): LocatedFinding[] {
  const { missing, different, repeated, others } = matchForwards(desired, model);
  const main = model.mainFile;
  const rest = new Set([...different, ...others]);
  const own = ownForwards(model);
  const findings: LocatedFinding[] = [];
  for (const wanted of missing) {
    const candidates = [...rest];
    const found =
      candidates.find((one) => goesTo(wanted, one)) ??
      candidates.find((one) => own.has(one) && !desired.some((other) => goesTo(other, one)));
    if (found) rest.delete(found);
    findings.push(found ? differs(wanted, found, model) : absent(wanted, main));
  }
  for (const forward of rest) {
    const { protocol, target, port } = forward;
    findings.push({
      code: "forward-undeclared",
      item: targetItem(protocol, target, port),
      message: `messages are also forwarded to ${displayText(target)} ${protocol} ${portText(port)}, which the playbook does not declare`,
      covers: different.includes(forward) ? [main, forward.file] : [forward.file],
      at: placeIn(model, forward),
    });
  }
  for (const forward of repeated) findings.push(repetition(forward, desired, own, model));
  return findings;
}

/** The forwards in the block that lfce wrote. */
function ownForwards(model: RsyslogModel): Set<Forward> {
  const block = findBlock(model.parsed.get(model.mainFile)?.text ?? "", "syslog_client")?.range;
  return new Set(
    model.forwards.filter(
      ({ file, range }) =>
        block !== undefined &&
        file === model.mainFile &&
        block.start <= range.start &&
        range.end <= block.end,
    ),
  );
}

function absent(wanted: DesiredForward, main: string): LocatedFinding {
  return {
    code: "forward-missing",
    item: forwardItem(wanted),
    message: `nothing forwards messages to ${targetTitle(wanted)}`,
    covers: [main],
  };
}

function differs(wanted: DesiredForward, found: Forward, model: RsyslogModel): LocatedFinding {
  const how = differences(wanted, found, model);
  const onlyQueue = how.length === 1 && how[0]?.aspect === "queue";
  return {
    code: onlyQueue ? "queue-differs" : "forward-differs",
    item: forwardItem(wanted),
    message: `the forward to ${targetTitle(wanted)} ${how.map(({ words }) => words).join(", ")}`,
    covers: [model.mainFile, found.file],
    at: placeIn(model, found),
  };
}

/** In which declared settings a forward differs, in words that follow "the forward to X". */
function differences(
  wanted: DesiredForward,
  found: Forward,
  model: RsyslogModel,
): { aspect: string; words: string }[] {
  const how: { aspect: string; words: string }[] = [];
  const tell = (aspect: string, words: string) => how.push({ aspect, words });
  if (!goesTo(wanted, found)) tell("target", `goes to ${displayText(found.target)}`);
  if (found.protocol !== wanted.protocol) tell("protocol", `goes by ${found.protocol}`);
  if (found.port !== wanted.port) tell("port", `goes to ${portText(found.port)}`);
  if (!sameMessages(messageSet(found.filters), selectorSet(selectorText(wanted)))) {
    const filters = found.filters.map(({ text }) => displayText(text)).join(" and ");
    tell("selector", `takes ${filters || "every message"} and not ${selectorText(wanted)}`);
  }
  if (found.retry !== wanted.retry) tell("retry", `tries again ${times(found.retry)}`);
  const asWanted = {
    ...found,
    target: wanted.address,
    protocol: wanted.protocol,
    port: wanted.port,
    retry: wanted.retry,
  };
  const anyMessages = { ...wanted, selector: ["*.*"] };
  if (!satisfies(anyMessages, { ...asWanted, filters: [] })) tell("queue", "has another queue");
  if (how.length === 0 && !localForwards(model).includes(found)) {
    tell("ruleset", "stands where the host's own messages do not come by");
  }
  return how.length === 0 ? [{ aspect: "other", words: "stands there a second time" }] : how;
}

function times(retry: number): string {
  if (retry < 0) return "for ever";
  return retry === 0 ? "never" : `${retry} times`;
}

function portText(port: number): string {
  return Number.isNaN(port) ? "a port that cannot be told" : `port ${port}`;
}

/** A forward that says once more what another one says: told where it is not lfce's own. */
function repetition(
  forward: Forward,
  desired: readonly DesiredForward[],
  own: ReadonlySet<Forward>,
  model: RsyslogModel,
): LocatedFinding {
  const wanted = desired.find((one) => satisfies(one, forward));
  const same = localForwards(model).filter((one) => wanted !== undefined && satisfies(wanted, one));
  const place = (own.has(forward) && same.find((one) => !own.has(one))) || forward;
  return {
    code: "forward-repeated",
    item: targetItem(forward.protocol, wanted?.address ?? forward.target, forward.port),
    message: `messages are forwarded to ${wanted ? targetTitle(wanted) : displayText(forward.target)} more than once`,
    covers: [model.mainFile, place.file],
    at: placeIn(model, place),
  };
}
