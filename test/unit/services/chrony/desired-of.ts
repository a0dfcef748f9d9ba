import { debian } from "../../../../src/distros/debian.ts";
import type { Distro } from "../../../../src/distros/distro.ts";
import { el } from "../../../../src/distros/el.ts";
import type {
  DesiredChrony,
  DesiredDirective,
  DesiredSource,
  SourceKind,
} from "../../../../src/services/chrony/desired.ts";

/** A source as cases write it: an address, or `{server|pool|peer: ADDRESS, aliases, …options}`. */
export type CaseSource = string | Record<string, string | number | boolean | string[]>;

interface CaseRole {
  state?: "present" | "absent";
  exclusive?: boolean;
  directives?: Record<string, string | number | boolean | (string | number)[]>;
}

/** `desired.yml` of a case: what the playbook declares for the host, and what kind of host it is. */
export interface CaseDocument {
  playbook?: string;
  /** Distribution family: debian (default) or el. */
  family?: "debian" | "el";
  /** Version of chrony on the host; 4.3 unless given. */
  chrony?: string;
  /** What names resolve to on the host. */
  names?: Record<string, string[]>;
  server?: CaseRole & {
    allow?: string[];
    deny?: string[];
    local_stratum?: number;
    orphan?: boolean;
    sources?: CaseSource[];
  };
  client?: CaseRole & { servers?: CaseSource[] };
}

/** The desired state that a case's document stands for. */
export function desiredOf(document: CaseDocument): DesiredChrony {
  const { server, client } = document;
  const desired: DesiredChrony = { playbook: document.playbook ?? "lab" };
  if (server) {
    desired.server = {
      state: server.state ?? "present",
      allow: server.allow ?? [],
      deny: server.deny ?? [],
      ...(server.local_stratum === undefined ? {} : { localStratum: server.local_stratum }),
      orphan: server.orphan ?? false,
      ...(server.sources ? { sources: server.sources.map(sourceOf) } : {}),
      exclusive: server.exclusive ?? server.sources !== undefined,
      directives: directivesOf(server.directives),
    };
  }
  if (client) {
    desired.client = {
      state: client.state ?? "present",
      sources: (client.servers ?? []).map(sourceOf),
      exclusive: client.exclusive ?? true,
      maxOffset: 0.1,
      verifyTimeout: 30,
      directives: directivesOf(client.directives),
    };
  }
  return desired;
}

/** The same roles with `state: absent`. */
export function absent(desired: DesiredChrony): DesiredChrony {
  return {
    playbook: desired.playbook,
    ...(desired.server ? { server: { ...desired.server, state: "absent" } } : {}),
    ...(desired.client ? { client: { ...desired.client, state: "absent" } } : {}),
  };
}

/** The distribution that a case's document names. */
export function distroOf(document: CaseDocument): Distro {
  return document.family === "el" ? el : debian;
}

function sourceOf(source: CaseSource): DesiredSource {
  if (typeof source === "string") return { kind: "server", address: source, aliases: [source], options: {} };
  const { server, pool, peer, aliases, ...options } = source;
  const kind: SourceKind = pool ? "pool" : peer ? "peer" : "server";
  return {
    kind,
    address: String(server ?? pool ?? peer),
    aliases: (aliases as string[] | undefined) ?? [],
    options: options as DesiredSource["options"],
  };
}

function directivesOf(directives: CaseRole["directives"]): DesiredDirective[] {
  return Object.entries(directives ?? {}).map(([name, value]) => {
    if (value === true) return { name, values: [""] };
    if (value === false) return { name, values: [] };
    return { name, values: (Array.isArray(value) ? value : [value]).map(String) };
  });
}
