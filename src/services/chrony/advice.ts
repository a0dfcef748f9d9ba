import type { Warning } from "../../core/errors.ts";
import { errorData, type LfceErrorData, type Position } from "../../core/errors.ts";
import { isName } from "./access.ts";
import { type BaseFile, positionOf } from "./base.ts";
import type { Claims } from "./claims.ts";
import type { ConfigLine } from "./parse.ts";
import type { Settlement } from "./settle.ts";

/** Names in allow and deny: chronyd does not start when one of them does not resolve. */
export function nameAdvice(
  claims: Claims,
  missing: Settlement["missing"],
  names: Record<string, string[]>,
  at?: Position,
): { warnings: Warning[]; errors: LfceErrorData[] } {
  const warnings: Warning[] = [];
  const errors: LfceErrorData[] = [];
  const written = new Set([...missing.allow, ...missing.deny]);
  for (const entry of [...(claims.access?.allow ?? []), ...(claims.access?.deny ?? [])].filter(isName)) {
    if (entry.includes("/")) {
      errors.push(
        errorData(
          "chrony-not-a-network",
          `${entry} in allow or deny is not a network`,
          "write it as ADDRESS/BITS, such as 192.168.0.0/16 or 2001:db8::/32",
          at,
        ),
      );
    } else if (names[entry]?.length === 0) {
      errors.push(
        errorData(
          "chrony-name-unresolved",
          `${entry} does not resolve on this host, and chronyd does not start with a name in allow or deny that does not`,
          "correct the name, add it to DNS or the host's /etc/hosts, or give its address",
          at,
        ),
      );
    } else if (written.has(entry)) {
      warnings.push(
        errorData(
          "chrony-needs-dns",
          `${entry} in allow or deny is a name: chronyd on this host now needs it to resolve at boot`,
          "give its address, or add it to the host's /etc/hosts",
          at,
        ),
      );
    }
  }
  return { warnings, errors };
}

const MANAGED =
  /\b(ansible[ _]managed|(managed|maintained|controlled|generated) (by|with) (ansible|puppet|chef|salt(stack)?|cfengine|cloud-init|terraform|foreman|yast|satellite)|this file is (managed|maintained|controlled) by)/i;

/** Whether a line is a comment by which another tool marks the file as its own. */
export function managedHeader({ kind, text }: ConfigLine): boolean {
  return kind === "comment" && MANAGED.test(text);
}

/** Files about to change that another tool marks as its own. */
export function managedAdvice(files: readonly BaseFile[]): Warning[] {
  return files.flatMap((file) => {
    const header = file.lines.find((line) => !line.foreign && managedHeader(line));
    if (!header) return [];
    return [
      errorData(
        "chrony-managed-elsewhere",
        `${file.path} says that another tool manages it, which may undo this change`,
        "let one of the two manage chrony on this host",
        positionOf(header),
      ),
    ];
  });
}

/** `allow all` and `deny all` lines in force that undo what an earlier line said. */
export function overrideAdvice(settlement: Settlement): Warning[] {
  const lines = settlement.loaded.lines.filter(({ line }) => line.name === "allow" || line.name === "deny");
  return lines.flatMap(({ line }, index) => {
    if (line.arguments[0] !== "all") return [];
    const earlier = lines.slice(0, index).find((entry) => entry.line.name !== line.name);
    if (!earlier) return [];
    return [
      errorData(
        "chrony-all-overrides",
        `"${line.name} all" undoes the ${earlier.line.name} line ${earlier.line.file}:${earlier.line.number} before it`,
        `write "${line.name}" without "all", or move it before the others`,
        positionOf(line),
      ),
    ];
  });
}
