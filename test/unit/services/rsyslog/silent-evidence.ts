import type { SyslogEvidence } from "../../../../src/core/evidence.ts";

/** What a host says of its rsyslogd when it runs and there is nothing else to say. */
export const silentEvidence: SyslogEvidence = {
  unitState: "active",
  journal: [],
  listeners: [],
  firewalls: [],
  names: {},
  connections: [],
  reachable: [],
  queueFiles: [],
  found: [],
  mentions: [],
  files: [],
};
