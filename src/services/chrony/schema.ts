import Type, { type Static } from "typebox";
import { poolOptions, sourceOptions } from "./source-options.ts";

const closed = { additionalProperties: false };
const text = (description: string) => Type.String({ minLength: 1, description });

const durationPattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d|w)$";

const duration = (example: string, description: string) =>
  Type.String({ pattern: durationPattern, examples: [example], description });

/** An entry of `allow` or `deny`. */
export const AccessEntrySchema = Type.Union(
  [
    text("A network (10.0.0.0/8, 10/8, 2001:db8::/32), an address, an inventory host, a DNS name, or all."),
    Type.Object({ host: text("A host of the inventory, by its service address.") }, closed),
    Type.Object(
      { group: text("A group of the inventory: the service address of each of its hosts.") },
      closed,
    ),
    Type.Object({ address: text("A network, an address or a DNS name.") }, closed),
  ],
  { title: "access", description: "Who may ask for the time, or may not." },
);

/** One time source: a bare address or name, or an object with the kind of source as its key. */
export const SourceSchema = Type.Union(
  [
    text("Address or name of an NTP server, or a host of the inventory."),
    Type.Object({ server: text("Address or name of an NTP server."), ...sourceOptions }, closed),
    Type.Object({ pool: text("Name that stands for several NTP servers."), ...poolOptions }, closed),
    Type.Object(
      { peer: text("Address or name of an NTP peer (symmetric association)."), ...sourceOptions },
      closed,
    ),
    Type.Object({ host: text("A host of the inventory, as a server."), ...sourceOptions }, closed),
    Type.Object(
      { group: text("A group of the inventory: each of its hosts, as a server."), ...sourceOptions },
      closed,
    ),
  ],
  { title: "source", description: "A time source." },
);

const scalar = Type.Union([Type.String(), Type.Number()]);

const directives = Type.Optional(
  Type.Record(
    Type.String(),
    Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(scalar, { minItems: 1 })]),
    {
      description:
        "Any other chrony directive by its name: its arguments, or a list for a directive that may stand " +
        "several times; true for one without arguments, false for none of it.",
    },
  ),
);

const sources = (description: string) => Type.Array(SourceSchema, { minItems: 1, description });

/** Parameters of the role `ntp_server`. `allow` is demanded after merging, unless the role is absent. */
export const NtpServerSchema = Type.Object(
  {
    allow: Type.Optional(
      Type.Union([Type.Literal("all"), Type.Array(AccessEntrySchema, { minItems: 1 })], {
        description: "Who may ask this server for the time: a list of networks, hosts, groups, or all.",
      }),
    ),
    deny: Type.Optional(
      Type.Union([Type.Literal("all"), Type.Array(AccessEntrySchema)], {
        description: "Who may not, although `allow` covers them. Default: nobody.",
      }),
    ),
    local_stratum: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 15,
        description: "Serve time at this stratum even without a source of its own.",
      }),
    ),
    orphan: Type.Optional(
      Type.Boolean({
        description: "With local_stratum: several such servers agree on one of them. Default: false.",
      }),
    ),
    sources: Type.Optional(sources("The server's own time sources. Without it they stay as they are.")),
    exclusive: Type.Optional(
      Type.Boolean({
        description: "Switch off every source that `sources` does not name. Default: true when it is given.",
      }),
    ),
    directives,
  },
  { ...closed, description: "Serves time by NTP, with chrony." },
);

/** Parameters of the role `ntp_client`. */
export const NtpClientSchema = Type.Object(
  {
    servers: Type.Optional(
      sources("Time sources. Default: every host that the playbook makes an ntp_server."),
    ),
    exclusive: Type.Optional(
      Type.Boolean({
        description: "Switch off every other server, pool, peer and source directory. Default: true.",
      }),
    ),
    max_offset: Type.Optional(
      duration("100ms", "Largest offset from the selected source that passes the check. Default: 100ms."),
    ),
    verify_timeout: Type.Optional(
      duration("30s", "How long the check waits for a selected source. Default: 30s."),
    ),
    directives,
  },
  { ...closed, description: "Takes its time by NTP, with chrony." },
);

export type AccessEntryParameter = Static<typeof AccessEntrySchema>;
export type SourceParameter = Static<typeof SourceSchema>;
export type NtpServerParameters = Static<typeof NtpServerSchema>;
export type NtpClientParameters = Static<typeof NtpClientSchema>;
