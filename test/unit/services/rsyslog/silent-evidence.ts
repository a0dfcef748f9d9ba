import { NOTHING_SAID, type SyslogEvidence } from "../../../../src/core/evidence.ts";

/** What a host says of its rsyslogd when it runs and there is nothing else to say. */
export const silentEvidence: SyslogEvidence = { ...NOTHING_SAID, unitState: "active" };
