import { after, before, describe, it } from "node:test";
import { declaredFleet } from "./drift-kinds/declared-fleet.ts";
import { hostKinds } from "./drift-kinds/host.ts";
import { seeKind } from "./drift-kinds/see-kind.ts";
import { fleetLab } from "./fleet-lab.ts";
import type { Workplace } from "./lfce.ts";
import { SELECTED_SOON, timeAndLogs } from "./playbooks.ts";

const lab = await fleetLab();

describe("drift of files and packages, one kind after the other", () => {
  let place: Workplace;
  before(async () => {
    const groups = { servers: ["time1"], clients: ["web1", "db1"] };
    place = await declaredFleet(lab, groups, timeAndLogs({ ntpClient: [SELECTED_SOON] }));
  });
  after(() => place?.remove());

  for (const kind of hostKinds(lab.machine("time1").address)) {
    it(`${kind.name} (${kind.host})`, () => seeKind(lab, place, kind));
  }
});
