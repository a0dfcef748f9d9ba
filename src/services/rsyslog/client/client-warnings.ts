import { displayText } from "../../../core/byte-text.ts";
import { errorData, type LfceErrorData, type Warning } from "../../../core/errors.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import type { DesiredForward } from "../desired.ts";
import type { Discard, Forward, Placed, RsyslogModel } from "../in-force/in-force-model.ts";
import { placeOf, positionOf } from "../in-force/position.ts";
import { type Met, metBy } from "../in-force/reached.ts";
import { type ForwardMatch, goesTo, localForwards, satisfies, selectorText } from "./forward-match.ts";
import { isAboutSenders, messageSet } from "./forward-selector.ts";
import { selectorSet } from "./selector-set.ts";

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
  return missing.flatMap(({ queue, address }, index) => {
    if (queue === false) return [];
    const earlier = missing.slice(0, index).find((other) => other.queue && other.queue.file === queue.file);
    const taken = model.queueFiles.find(({ name }) => name === queue.file);
    if (!taken && !earlier) return [];
    return [
      errorData(
        "queue-file-taken",
        `the queue file ${queue.file} of the forward to ${address} is used by ${earlier ? `the forward to ${earlier.address}` : "another queue already"}`,
        "give the forward a file name of its own: queue: {file: NAME}",
        taken && positionOf(taken, model),
      ),
    ];
  });
}

/** Forwards to a declared target of which nobody can say whether they are there. */
export function conditionalErrors(forwards: readonly DesiredForward[], model: RsyslogModel): LfceErrorData[] {
  return model.forwards
    .filter((forward) => model.conditional.has(forward.statement))
    .filter((forward) => forwards.some((wanted) => goesTo(wanted, forward)))
    .map((forward) =>
      errorData(
        "depends-on-environment",
        `whether messages are forwarded to ${forward.target} depends on the environment that rsyslogd is started with`,
        'write config.enabled="on" or "off" there, or take config.enabled out',
        positionOf(forward, model),
      ),
    );
}

/** A forward that differs from what is declared and cannot be switched off by whole lines. */
export function cannotSwitchOff(forward: Forward, model: RsyslogModel, obstacle: string): LfceErrorData {
  return errorData(
    "forward-entangled",
    `the forward to ${forward.target} differs from what is declared but cannot be switched off: ${obstacle}`,
    "put it on lines of its own, or remove it, and try again",
    positionOf(forward, model),
  );
}

/** Forwards that nobody declared or that repeat a declared one, and what declared ones do to the host. */
export function clientWarnings(match: ForwardMatch, model: RsyslogModel): Warning[] {
  const warnings: Warning[] = [];
  for (const forward of match.others) {
    warnings.push({
      code: "forward-left-alone",
      message: `messages are also forwarded to ${forward.target}:${forward.port} (${forward.protocol}), which the playbook does not declare`,
      at: positionOf(forward, model),
    });
  }
  for (const forward of match.repeated) {
    warnings.push({
      code: "forward-repeated",
      message: `messages are forwarded to ${forward.target}:${forward.port} twice`,
      hint: "remove one of the two",
      at: positionOf(forward, model),
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

/**
 * The first statement that discards some of the host's own messages before a declared forward sees them, in
 * the model of what is planned.
 */
export function discardWarnings(desired: readonly DesiredForward[], model: RsyslogModel): Warning[] {
  const [discard] = discardsBeforeForwards(desired, model);
  if (!discard) return [];
  const filter = discard.filters.map(({ text }) => displayText(text)).join(" and ");
  return [
    {
      code: "discarded-before-forward",
      message: `messages that match ${filter || "anything"} are discarded before they reach the forward`,
      hint: "move the forward before that line if they are to be forwarded too",
      at: positionOf(discard.met, model),
    },
  ];
}

/** Every statement that discards some of the host's own messages before a declared forward sees them. */
export function discardsBeforeForwards(
  desired: readonly DesiredForward[],
  model: RsyslogModel,
): Met<Discard>[] {
  const local = new Set(localForwards(model));
  const last = metBy(model.localRuleset, model.forwards, model).findLast(
    ({ met }) => local.has(met) && desired.some((one) => satisfies(one, met)),
  );
  if (!last) return [];
  return metBy(model.localRuleset, model.discards, model).filter(
    ({ met, at, filters }) =>
      (at < last.at || (at === last.at && met.order < last.met.order)) &&
      !isAboutSenders(filters) &&
      messageSet(filters)?.some((mask) => mask !== 0) !== false,
  );
}

/** Declared forwards that no message can ever take. */
export function selectorWarnings(desired: readonly DesiredForward[]): Warning[] {
  return desired
    .filter((forward) => selectorSet(selectorText(forward))?.every((mask) => mask === 0))
    .map((forward) => ({
      code: "selector-matches-nothing",
      message: `${selectorText(forward)} lets no message through, so nothing is forwarded to ${forward.address}`,
      hint: "the parts of a selector count from left to right: name what is to be left out last",
    }));
}

/** Queue files that two queues write: rsyslogd runs one of the two without its disk. */
export function sharedQueueWarnings(model: RsyslogModel): Warning[] {
  const first = new Map<string, Placed>();
  return model.queueFiles.flatMap((queue) => {
    const other = first.get(queue.name);
    if (!other) first.set(queue.name, queue);
    // A file that is included twice has the same statement twice.
    if (!other || other.statement === queue.statement) return [];
    return [
      {
        code: "queue-file-shared",
        message: `the queue file ${queue.name} is used by ${placeOf(other, model)} already`,
        hint: "give each queue a file name of its own",
        at: positionOf(queue, model),
      },
    ];
  });
}

/** Work directories that differ: a queue is kept in the one that was set last before it (qqueueConstruct). */
export function workDirectoryWarnings(model: RsyslogModel): Warning[] {
  const { workDirectory, workDirectories } = model;
  const other = workDirectories.find(({ path }) => path !== workDirectory?.path);
  if (!workDirectory || !other) return [];
  const place = placeOf(workDirectory, model);
  return [
    {
      code: "set-twice",
      message: `the work directory is set to ${other.path} here and to ${workDirectory.path} in ${place}: some queues are kept in the one, some in the other`,
      hint: "keep one of the two lines",
      at: positionOf(other, model),
    },
  ];
}
