import type { SeenHostKey } from "../../../core/host-keys.ts";
import type { HostKeyRules } from "../hop.ts";
import { checkHostKey, fingerprint } from "./host-key.ts";
import { ofSameType, place, removal } from "./host-key-errors.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { keyTypeOf } from "./known-hosts.ts";
import type { KnownHosts } from "./known-hosts-read.ts";

/** What known_hosts says about each of a machine's keys. */
export function seenKeys(
  known: KnownHosts,
  rules: Pick<HostKeyRules, "hostKeyName" | "hostKeyPort">,
  keys: readonly Buffer[],
): SeenHostKey[] {
  const judged = keys.map((key) => ({
    key,
    verdict: checkHostKey(known, rules.hostKeyName, rules.hostKeyPort, key),
  }));
  const missing = judged.some(({ verdict }) => verdict.result === "known") ? "other-type" : "new";
  return judged.map(({ key, verdict }): SeenHostKey => {
    const seen = {
      type: keyTypeOf(key) ?? "",
      fingerprint: fingerprint(key),
      encoded: key.toString("base64"),
    };
    if (verdict.result === "unknown") return { ...seen, state: missing };
    if (verdict.result !== "changed") {
      return { ...seen, state: verdict.result, recorded: [recordOf(verdict.line)] };
    }
    const same = ofSameType(verdict, key);
    if (same.length === 0) return { ...seen, state: missing, recorded: verdict.lines.map(recordOf) };
    return { ...seen, state: "changed", recorded: same.map(recordOf), removal: removal(same, rules) };
  });
}

function recordOf(line: KnownHostLine): { at: string; type: string; fingerprint: string } {
  return { at: place(line), type: line.keyType, fingerprint: fingerprint(line.key) };
}
