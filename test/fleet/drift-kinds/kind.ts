import type { Lab } from "../../lab/lab.ts";

/** One way in which a host that was as declared drifts, what `lfce drift` must say of it, and how it is mended. */
export interface DriftKind {
  /** The title of its test. */
  name: string;
  /** The machine on which it happens. */
  host: string;
  /** The only machine of which anything may be reported; absent: the same. */
  foundOn?: string;
  /** Makes it happen: shell text for the host as root, or what a test process does. */
  inject: string | ((lab: Lab) => Promise<unknown>);
  /**
   * Unit of the host that is restarted then, as somebody who edited its files would do, and once more when they
   * were put back.
   */
  restart?: string;
  /** Hosts on which the unit is restarted as well, because it would wait for seconds before it tries again. */
  clients?: readonly string[];
  /** Shell command of the host that succeeds when the drift is there to be seen; absent: at once. */
  until?: string;
  /** Every finding that must be reported, as `CODE ITEM`; no other may. */
  expect: readonly string[];
  /** With this error `lfce apply` refuses to mend it, and leaves the host as it is. */
  refused?: string;
  /**
   * Mends it: shell text, `apply`, `fix` (`drift --fix`), or what a test process does. Absent: the files of both
   * daemons are put back as they were.
   */
  mend?: string | ((lab: Lab) => Promise<unknown>);
  /** Shell command of the host that succeeds when the mend has taken effect; absent: at once. */
  healed?: string;
}
