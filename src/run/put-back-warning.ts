import type { Warning } from "../core/errors.ts";
import type { ObservedHost } from "../core/observed.ts";

/** What a host did by itself since the last change that somebody heard the end of: the change that it put back. */
export function putBackWarnings({ putBack }: ObservedHost): Warning[] {
  if (!putBack) return [];
  const made = [
    putBack.playbook,
    putBack.who && `by ${putBack.who}`,
    putBack.madeAt && `at ${putBack.madeAt}`,
  ];
  const files = putBack.restored.length > 0 ? putBack.restored.join(", ") : "no file had been changed";
  const services =
    putBack.servicesCameBack === undefined
      ? "the services were started after it, by the boot"
      : putBack.servicesCameBack
        ? "the services came back"
        : "not every service came back";
  return [
    {
      code: "put-back-by-the-host",
      message:
        `the host itself put back the last change (${made.filter(Boolean).join(" ")})` +
        `${putBack.at ? ` at ${putBack.at}` : ""}: ${putBack.because}; ${files}; ${services}` +
        `${putBack.broken.length > 0 ? `; ${putBack.broken.join("; ")}` : ""}`,
      hint: `look at ${recordOf(putBack.id)} on the host; the next apply that succeeds ends this warning`,
    },
  ];
}

/** Where a change's backup and record lie on its host. */
export function recordOf(id: string): string {
  return `/var/lib/lfce/transactions/${id}`;
}
