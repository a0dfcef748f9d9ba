import type { NtpEvidence } from "../../../../src/core/evidence.ts";
import type { DesiredNtpClient, DesiredSource } from "../../../../src/services/chrony/desired.ts";

export const SERVER = "10.0.0.1";
export const CLIENT = "10.0.0.5";

/** One line of `chronyc -c sources`. */
export function line(
  state: string,
  name = SERVER,
  { reach = "377", offset = "0.000012", mode = "^" } = {},
): string {
  const never = reach === "0";
  return `${mode},${state},${name},10,6,${reach},${never ? 4294967295 : 4},${offset},0.000000593,0.000003565\n`;
}

/** `chronyc -c tracking` of a daemon that follows 10.0.0.1. */
export function tracking({ systemTime = "-0.000001", leap = "Normal", reference = "0A000001" } = {}): string {
  return `${reference},${SERVER},11,1795438929.1,${systemTime},0.0,0.0,0.0,0.0,0.0,0.0,0.0,2.0,${leap}\n`;
}

/** One line of `chronyc -c ntpdata`: how many requests were sent, answers received and good. */
export function ntpdata(received: number, good: number, leap = "Normal", stratum = 10): string {
  return `${SERVER},0A000001,123,${CLIENT},0A000005,${leap},4,Server,${stratum},6,64,-26,0.0,0.0,0.0,7F7F0101,,0.0,0.0,0.0,0.0,0.0,0.00,111,111,1111,No,No,Kernel,Kernel,8,${received},${received},${good}\n`;
}

/** A healthy client of 10.0.0.1, except for what is given. */
export function evidence(change: Partial<NtpEvidence> = {}): NtpEvidence {
  const sources = change.sources ?? line("*");
  return {
    selectedAfterMs: 4200,
    unitState: "active",
    sources,
    namedSources: sources,
    tracking: tracking(),
    ntpdata: ntpdata(4, 4),
    activity: "1,0,0,0,0\n",
    selectdata: "",
    accessChecks: {},
    names: {},
    listeners: [{ protocol: "udp", address: "0.0.0.0", port: 123, process: "chronyd" }],
    firewalls: [],
    journal: [],
    ...change,
  };
}

/** What a healthy server says of itself. */
export function serving(change: Partial<NtpEvidence> = {}): NtpEvidence {
  return evidence({
    sources: "",
    tracking: "7F7F0101,,10,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n",
    accessChecks: { [CLIENT]: "208 Access allowed" },
    ...change,
  });
}

export function declared(address = SERVER, change: Partial<DesiredSource> = {}): DesiredSource {
  return { kind: "server", address, aliases: [], options: {}, ...change };
}

export function client(...sources: DesiredSource[]): DesiredNtpClient {
  return {
    state: "present",
    sources: sources.length > 0 ? sources : [declared(SERVER, { host: "time1" })],
    exclusive: true,
    maxOffset: 0.1,
    verifyTimeout: 30,
    directives: [],
  };
}
