import { after, before, describe, it } from "node:test";
import { declaredFleet } from "./drift-kinds/declared-fleet.ts";
import { logKinds } from "./drift-kinds/logs.ts";
import { seeKind } from "./drift-kinds/see-kind.ts";
import { fleetLab } from "./fleet-lab.ts";
import type { Workplace } from "./lfce.ts";
import { onHost } from "./proof-hosts.ts";

const PLAYBOOK = `- name: Log server
  hosts: servers
  roles:
    - role: syslog_server
      store: { file: "/var/log/remote/{host}.log", rotate: { keep: 30d } }
- name: Clients
  hosts: clients
  roles:
    - role: syslog_client
`;

const lab = await fleetLab();
const [log1, web1] = [lab.machine("log1").address, lab.machine("web1").address];

describe("drift of the logs, one kind after the other", () => {
  let place: Workplace;
  before(async () => {
    place = await declaredFleet(lab, { servers: ["log1"], clients: ["web1", "db1"] }, PLAYBOOK, async () => {
      // A file of the site's own, which one kind edits.
      await lab.write("web1", "/etc/rsyslog.d/30-site.conf", "local5.* /var/log/site.log\n");
      await onHost(lab, "web1", "systemctl restart rsyslog");
    });
  });
  after(() => place?.remove());

  for (const kind of logKinds({ log1, web1 })) {
    it(`${kind.name} (${kind.host})`, () => seeKind(lab, place, kind));
  }
});
