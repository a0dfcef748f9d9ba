import assert from "node:assert/strict";
import { it } from "node:test";
import type { UnstampedEvent } from "../../../src/run/effects.ts";
import { finishHost, startHost } from "../../../src/run/host-run.ts";

it("a finding that quotes a file or a journal is told, and so recorded, without the secrets in it", () => {
  const events: UnstampedEvent[] = [];
  const run = startHost({ host: "web1", warnings: [] } as never);
  run.drift = [
    {
      code: "rules-stray",
      item: "/etc/rsyslog.d/db.conf",
      message: 'action(type="ommysql" uid="log" pwd="hunter2") is not declared',
      detail:
        '*.* :ommysql:db1,syslog,log,hunter2\n+$ActionOmmysqlPassword hunter2\naction(password = "hunter2")',
    },
  ];
  finishHost(run, "drifted", { emit: (event) => void events.push(event) });
  assert.doesNotMatch(JSON.stringify(events), /hunter2/);
  assert.match(JSON.stringify(events), /ommysql/);
});
