import { createInterface } from "node:readline";
import { LfceError } from "../core/errors.ts";
import type { KeyedMachine, SeenHostKey } from "../core/host-keys.ts";
import type { Paint } from "../report/paint.ts";
import type { Decision, OfferedKeys } from "../run/trust-hosts.ts";
import type { ExpectedFingerprints } from "./expected-fingerprints.ts";
import { standardError } from "./terminal.ts";

type Decide = (machine: KeyedMachine, key: SeenHostKey) => Decision;

/** Accepts exactly the keys that are expected of each host; a host that shows none of its own has failed. */
export function decideByFingerprints(
  expected: ExpectedFingerprints,
  offered: readonly OfferedKeys[],
): Decide {
  const keysOf = new Map(offered.map(({ machine, keys }) => [machine, keys]));
  const expects = ({ name, knownAs }: KeyedMachine, { fingerprint }: SeenHostKey): boolean =>
    [name, knownAs].some((one) => expected.get(one.toLowerCase())?.has(fingerprint) === true);
  return (machine, key) => {
    if (expects(machine, key)) return "accept";
    return keysOf.get(machine)?.some((one) => expects(machine, one)) ? "leave out" : "unexpected";
  };
}

/**
 * For asking about keys: said before any host is asked for its own.
 * @throws LfceError `not-a-terminal`
 */
export function requireKeyboard(): void {
  if (process.stdin.isTTY) return;
  throw new LfceError({
    code: "not-a-terminal",
    message: "lfce trust needs a terminal to ask whether the keys are right",
    hint: "run it on one, or give the fingerprints that you expect: --fingerprints FILE",
  });
}

/**
 * Asks once about all keys that were shown. `yes` takes all, `no` none; fingerprints take the keys that have them, as
 * in ssh: nobody types one without having it from elsewhere.
 */
export async function askAboutKeys(
  offered: readonly OfferedKeys[],
  signal: AbortSignal,
  paint: Paint,
): Promise<Decide> {
  const shown = new Set(offered.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint)));
  const terminal = createInterface({ input: process.stdin, output: process.stderr, signal });
  // A terminal's Ctrl-C is a key to readline, and would end no more than the question.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  standardError.write(
    `\nAre these the keys of your hosts? ${paint.dim("Compare them there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")}\n`,
  );
  try {
    terminal.setPrompt("Write them down? (yes/no/fingerprints) ");
    terminal.prompt();
    for await (const line of terminal) {
      const answer = line.trim();
      if (/^yes$/i.test(answer)) return () => "accept";
      if (/^(no)?$/i.test(answer)) break;
      const typed = answer
        .split(/[\s,]+/)
        .map((word) => (word.startsWith("SHA256:") ? word : `SHA256:${word}`));
      if (typed.every((one) => shown.has(one))) {
        return (_machine, key) => (typed.includes(key.fingerprint) ? "accept" : "leave out");
      }
      terminal.setPrompt("Type yes, no, or fingerprints that are shown above: ");
      terminal.prompt();
    }
    // Also after Ctrl-D and an interrupt.
    return () => "decline";
  } finally {
    terminal.close();
  }
}
