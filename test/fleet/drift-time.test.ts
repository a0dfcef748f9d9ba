import { after, before, describe, it } from "node:test";
import { declaredFleet } from "./drift-kinds/declared-fleet.ts";
import { seeKind } from "./drift-kinds/see-kind.ts";
import { timeKinds } from "./drift-kinds/time.ts";
import { startFakeNtpResponder } from "./fake-ntp-responder.ts";
import { fleetLab } from "./fleet-lab.ts";
import type { Workplace } from "./lfce.ts";

/** The controller's own address in the lab, where responders that are no machine listen. */
const CONTROLLER = "172.31.96.1";
/** Polled four times a second, a source is selected or given up within moments. */
const OFTEN = "minpoll: -2, maxpoll: -2";

const lab = await fleetLab();
const beside = await startFakeNtpResponder(CONTROLLER, 0);
const alone = await startFakeNtpResponder(CONTROLLER, 0);
const [time1, log1] = [lab.machine("time1").address, lab.machine("log1").address];

const PLAYBOOK = `- name: Time servers
  hosts: servers
  roles:
    - { role: ntp_server, allow: [172.31.96.0/20], local_stratum: 10 }
- name: Takes the time from three
  hosts: many
  roles:
    - role: ntp_client
      verify_timeout: 5s
      servers:
        - { host: time1, ${OFTEN} }
        - { host: log1, ${OFTEN} }
        - { server: ${CONTROLLER}, port: ${beside.port}, ${OFTEN} }
- name: Takes the time from one
  hosts: one
  roles:
    - role: ntp_client
      verify_timeout: 5s
      servers: [{ server: ${CONTROLLER}, port: ${alone.port}, ${OFTEN} }]
`;

describe("drift of the time, one kind after the other", () => {
  let place: Workplace;
  before(async () => {
    const groups = { servers: ["time1", "log1"], many: ["web1"], one: ["db1"] };
    place = await declaredFleet(lab, groups, PLAYBOOK);
  });
  after(() => {
    place?.remove();
    beside.close();
    alone.close();
  });

  for (const kind of timeKinds({ time1, log1, beside, alone, controller: CONTROLLER })) {
    it(`${kind.name} (${kind.host})`, () => seeKind(lab, place, kind));
  }
});
