import { LfceError } from "../core/errors.ts";
import { readSource } from "./inventory-files.ts";

/** Host (inventory name, or name in known_hosts), in lower case → the fingerprints that it may show. */
export type ExpectedFingerprints = ReadonlyMap<string, ReadonlySet<string>>;

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/**
 * Reads a file of `HOST SHA256:…` lines, or what `ssh-keygen -l -f known_hosts` prints (`256 SHA256:… HOST (ED25519)`).
 * Blank lines and those that begin with `#` are passed over.
 * @throws LfceError `file-not-readable`, `bad-fingerprints` with the line
 */
export function readExpectedFingerprints(path: string): ExpectedFingerprints {
  const expected = new Map<string, Set<string>>();
  for (const [index, line] of readSource(path, "fingerprints file").text.split("\n").entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const [first = "", second = "", third = ""] = words;
    const isListing = /^\d+$/.test(first) && FINGERPRINT.test(second) && third !== "";
    const names = isListing ? third : first;
    if (!FINGERPRINT.test(second)) throw malformed(path, index + 1, line);
    for (const name of names.toLowerCase().split(",")) {
      expected.set(name, (expected.get(name) ?? new Set()).add(second));
    }
  }
  return expected;
}

function malformed(file: string, line: number, source: string): LfceError {
  return new LfceError({
    code: "bad-fingerprints",
    message: "this line is not a host and a fingerprint",
    hint: "write HOST SHA256:…, as `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints it on the host",
    at: { file, line, column: 1, source },
  });
}
