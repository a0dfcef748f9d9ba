import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost } from "../../../src/core/observed.ts";
import { observedPlaces, putBackChange } from "../../../src/remote/observe-records.ts";
import { putBackWarnings } from "../../../src/run/put-back-warning.ts";

describe("the change that a host put back by itself", () => {
  const record = [
    "id 4711",
    "playbook site.yml",
    "made-at 2026-11-23T12:00:00Z",
    "who anna@desk",
    "serial 3",
    "rolled-back-because no verdict came within the lease",
    "rolled-back-by lease",
    "rolled-back-at 2026-11-23T12:02:00Z",
    "services-came-back no",
    "restored /etc/a b.conf",
    "broken chrony did not come back",
  ].join("\n");

  it("is read from its record, and told in one warning: what, when, why, and how it stands", () => {
    const putBack = putBackChange([{ key: "put-back", value: record }]);
    const [warning, ...others] = putBackWarnings({ putBack } as unknown as ObservedHost);
    assert.deepEqual(others, []);
    assert.equal(warning?.code, "put-back-by-the-host");
    assert.equal(
      warning?.message,
      "the host itself put back the last change (site.yml by anna@desk at 2026-11-23T12:00:00Z) at " +
        "2026-11-23T12:02:00Z: no verdict came within the lease; /etc/a b.conf; not every service came back; " +
        "chrony did not come back",
    );
  });

  it("says of services that the boot started only that: nobody saw them come up", () => {
    const atBoot = record.replace("services-came-back no", "services-came-back unknown");
    const putBack = putBackChange([{ key: "put-back", value: atBoot }]);
    assert.match(
      putBackWarnings({ putBack } as unknown as ObservedHost)[0]?.message ?? "",
      /; the services were started after it, by the boot;/,
    );
  });

  it("is none where the host says nothing of one", () => {
    assert.equal(putBackChange([]), undefined);
    assert.deepEqual(putBackWarnings({} as ObservedHost), []);
  });
});

describe("places in which a change would write", () => {
  const place = (value: string) => ({ key: "place", value });
  const df = (...lines: string[]) => ({
    key: "df",
    value: ["Filesystem 1024-blocks Used Available Capacity Mounted on", ...lines].join("\n"),
  });

  it("have the room that df tells, line by line", () => {
    const frames = [place("yes /etc"), place("no /var/lib"), df("/dev/a 9 4 5 45% /", "a b 9 9 0 100% /var")];
    assert.deepEqual(observedPlaces(frames), [
      { path: "/etc", writable: true, availableKiB: 5 },
      { path: "/var/lib", writable: false, availableKiB: 0 },
    ]);
  });

  it("have no known room where df leaves one of them out", () => {
    assert.deepEqual(observedPlaces([place("yes /etc"), place("yes /srv"), df("/dev/a 9 4 5 45% /")]), [
      { path: "/etc", writable: true },
      { path: "/srv", writable: true },
    ]);
  });
});
