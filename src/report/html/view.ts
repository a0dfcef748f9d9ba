import type { Calendar } from "./calendar.ts";
import { type FleetRecord, type HostRecord, stateNow } from "./fleet-record.ts";
import { sortedNames } from "./host-names.ts";
import { countStates, type HostState, type StateCounts } from "./host-state.ts";
import { type GroupedProblems, groupProblems } from "./problem-groups.ts";
import { type SpellRow, spellRows } from "./spells.ts";
import { type Topology, topologyOf } from "./topology.ts";

/** A host as the sections of the page show it. */
export interface ViewHost extends HostRecord {
  state: HostState;
}

/** Everything that the sections of the page are drawn from. A host is named by its index. */
export interface View {
  playbook: string;
  calendar: Calendar;
  nights: FleetRecord["nights"];
  /** In the order in which people count. */
  hosts: ViewHost[];
  counts: StateCounts;
  problems: GroupedProblems;
  rows: SpellRow[];
  topology: Topology;
}

export function viewOf(record: FleetRecord, calendar: Calendar): View {
  const hosts = sortedNames(record.hosts.keys()).flatMap((name) => {
    const host = record.hosts.get(name);
    return host ? [{ ...host, state: stateNow(record, host) }] : [];
  });
  return {
    playbook: record.playbook,
    calendar,
    nights: record.nights,
    hosts,
    counts: countStates(hosts.map(({ state }) => state)),
    problems: groupProblems(record, hosts),
    rows: spellRows(record, hosts),
    topology: topologyOf(hosts),
  };
}
