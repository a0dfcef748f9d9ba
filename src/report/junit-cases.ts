import { escapeControls, escapeLine } from "../core/byte-text.ts";
import type { Check } from "../core/checks.ts";
import type { DriftFinding } from "../core/drift.ts";
import type { Change, Command, HostFinished } from "../core/events.ts";

/** One test case of a host: something that was looked at. Without an outcome it passed. */
export interface TestCase {
  /** The same in every run that looks at the same thing, so that a CI server can follow it. */
  name: string;
  seconds: number;
  outcome?: TestOutcome;
}

export interface TestOutcome {
  /** `failure`: not as declared. `error`: could not be told. `skipped`: not looked at. */
  kind: "failure" | "error" | "skipped";
  /** Stable code. */
  type: string;
  /** One line. */
  message: string;
  /** Evidence and what to do next; may have several lines. */
  text: string;
}

/** What a host with nothing else to say has as its only test case, and every host that could not be looked at. */
const AS_DECLARED = "as declared";

/** The test cases of a host: one an item that was looked at, or one that says how the host as a whole stands. */
export function testCases(command: Command, event: HostFinished): TestCase[] {
  const cases = [
    ...(event.drift ?? []).map(findingCase),
    // Every pending change of `drift` has a finding as well.
    ...(command === "drift" ? [] : event.changes.map((change) => changeCase(change, event.status))),
    ...event.checks.map((check) => checkCase(command, check)),
  ];
  const whole = hostCase(event);
  const tellsAll = cases.some(({ outcome }) => outcome?.kind === "failure");
  return whole.outcome || !tellsAll ? [whole, ...cases] : cases;
}

function hostCase({ status, error }: HostFinished): TestCase {
  const passed = { name: AS_DECLARED, seconds: 0 };
  if (status === "skipped") return { ...passed, outcome: { kind: "skipped", ...why("skipped", error) } };
  if (status === "failed" || status === "rolled-back" || status === "unreachable" || error) {
    return { ...passed, outcome: { kind: "error", ...why(status, error) } };
  }
  return passed;
}

function why(status: string, error: HostFinished["error"]): Omit<TestOutcome, "kind"> {
  const message = escapeLine(error?.message ?? status);
  return { type: error?.code ?? status, message, text: lines(error?.message ?? status, error?.hint) };
}

function findingCase({ code, item, message, detail, since }: DriftFinding): TestCase {
  const found = since === undefined ? undefined : `first found ${since}`;
  return {
    name: escapeLine(`${code} ${item}`),
    seconds: 0,
    outcome: { kind: "failure", type: code, message: escapeLine(message), text: lines(detail, found) },
  };
}

function changeCase({ kind, target, reason, diff }: Change, status: HostFinished["status"]): TestCase {
  const done = { name: escapeLine(`${kind} ${target}`), seconds: 0 };
  if (status !== "pending") return done;
  return {
    ...done,
    outcome: { kind: "failure", type: "pending", message: escapeLine(reason), text: lines(diff) },
  };
}

function checkCase(command: Command, { name, result, detail, ms, code, hint }: Check): TestCase {
  const done = { name, seconds: ms / 1000 };
  if (result === "passed") return done;
  // A plan lists the proofs to come: they were not looked at, which is all that there is to say.
  const kind = result === "failed" ? "failure" : "skipped";
  const type = code ?? (command === "plan" ? "to-come" : result);
  return { ...done, outcome: { kind, type, message: escapeLine(detail), text: lines(detail, hint) } };
}

function lines(...texts: (string | undefined)[]): string {
  return escapeControls(texts.filter((text) => text !== undefined && text !== "").join("\n"));
}
