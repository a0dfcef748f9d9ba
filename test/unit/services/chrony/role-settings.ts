import type { DesiredChrony } from "../../../../src/services/chrony/desired.ts";
import { absent, type CaseDocument, desiredOf } from "./desired-of.ts";

const documents: Record<string, CaseDocument> = {
  "client, two servers": { client: { servers: ["192.0.2.1", "192.0.2.2"] } },
  "client, one server with options": {
    client: { servers: [{ server: "192.0.2.1", iburst: false, minpoll: 4, prefer: true }] },
  },
  "client beside other sources": { client: { servers: ["192.0.2.1"], exclusive: false } },
  "client of a pool that files often name": { client: { servers: [{ pool: "2.debian.pool.ntp.org" }] } },
  "client of servers that files often name": {
    client: { servers: ["0.centos.pool.ntp.org", "1.centos.pool.ntp.org"], exclusive: false },
  },
  "client with directives": {
    client: { servers: ["192.0.2.1"], directives: { makestep: "1 3", rtcsync: true, log: false } },
  },
  "client without servers, with directives": { client: { directives: { makestep: "0.5 -1" } } },
  "server of a network": { server: { allow: ["172.31.96.0/20"], local_stratum: 10 } },
  "server of everyone": { server: { allow: ["all"] } },
  "server with deny and orphan": {
    server: { allow: ["all"], deny: ["10.9.0.0/16"], local_stratum: 8, orphan: true },
  },
  "server of what files often allow": { server: { allow: ["192.168.0.0/16", "127.0.0.1"] } },
  "server with sources": { server: { allow: ["10.0.0.0/8"], sources: [{ peer: "192.0.2.9" }] } },
  "server with directives": {
    server: { allow: ["10.0.0.0/8"], directives: { bindcmdaddress: ["127.0.0.1", "::1"], makestep: "1 3" } },
  },
  "server and client": {
    server: { allow: ["10.0.0.0/8"], local_stratum: 10 },
    client: { servers: ["192.0.2.1", "192.0.2.2"], directives: { minsources: 2 } },
  },
};

/** Settings that a file is tried with: name → what is declared. */
export const roleSettings: ReadonlyMap<string, DesiredChrony> = new Map(
  Object.entries(documents).map(([name, document]) => [name, desiredOf(document)]),
);

/** The setting, with `state: absent` for the other role: so that one setting can follow any other. */
export function withBothRoles(desired: DesiredChrony): DesiredChrony {
  const other = absent(desiredOf({ server: { allow: [] }, client: {} }));
  return { ...other, ...desired };
}
