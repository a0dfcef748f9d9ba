import Type, { type Static } from "typebox";

const closed = { additionalProperties: false };
const text = (description: string) => Type.String({ minLength: 1, description });
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const port = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description }));
const protocol = (description: string) => Type.Optional(Type.Enum(["tcp", "udp"], { description }));
const duration = (description: string) =>
  Type.Optional(
    Type.String({ pattern: "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d|w)$", examples: ["60s"], description }),
  );

/** Where a log server listens. */
export const ListenSchema = Type.Object(
  {
    protocol: protocol("tcp or udp. Default: tcp."),
    port: port("Port to listen on. Default: 514."),
    address: Type.Optional(text("Local address to listen on. Default: all.")),
  },
  { ...closed, title: "listener", description: "One listener." },
);

/** Whose messages a store rule is about. */
export const SenderSchema = Type.Union(
  [
    text("any, or a host or group of the inventory, an address or a network."),
    Type.Object({ host: text("A host of the inventory, by its service address.") }, closed),
    Type.Object({ group: text("A group of the inventory: each of its hosts.") }, closed),
    Type.Object({ address: text("An address or a network.") }, closed),
    Type.Object({ hostname: text("The name that the sender writes into its messages.") }, closed),
  ],
  { title: "sender", description: "Whose messages." },
);

/** What a log server does with the messages of some senders. */
export const StoreRuleSchema = Type.Object(
  {
    from: Type.Optional(
      Type.Union([SenderSchema, Type.Array(SenderSchema, { minItems: 1 })], {
        description: "Whose messages. Default: those of every syslog client of this server.",
      }),
    ),
    file: Type.Optional(
      Type.String({
        pattern: "^/",
        examples: ["/var/log/remote/{host}.log"],
        description:
          "File to write. Tokens: {host}, {address}, {hostname}, {date}, {year}, {month}, {day}, {program}. " +
          "Default: /var/log/remote/{host}.log.",
      }),
    ),
    stop: flag("No later rule, and no other file of the server, gets these messages. Default: true."),
    mode: Type.Optional(
      Type.String({
        pattern: "^0?[0-7]{3}$",
        examples: ['"0640"'],
        description: "Permission bits of the file, in quotes.",
      }),
    ),
    owner: Type.Optional(
      Type.String({
        pattern: "^[a-z_][a-z0-9_-]*\\$?$",
        examples: ["syslog"],
        description: "User that owns the file.",
      }),
    ),
    group: Type.Optional(
      Type.String({
        pattern: "^[a-z_][a-z0-9_-]*\\$?$",
        examples: ["adm"],
        description: "Group of the file.",
      }),
    ),
    rotate: Type.Optional(
      Type.Object(
        {
          keep: Type.String({
            pattern: "^[1-9][0-9]*(d|w)$",
            examples: ["30d"],
            description: "How long to keep the messages, in days or weeks: 30d.",
          }),
          compress: flag("Compress what is no longer written to. Default: false."),
        },
        { ...closed, description: "Rotate and clean up the file with logrotate." },
      ),
    ),
  },
  { ...closed, title: "store", description: "One store rule; rules are tried in order." },
);

const selector = Type.String({
  minLength: 1,
  examples: ["mail.info"],
  description: "Which messages, as facility.severity: *.*, mail.info, auth,authpriv.*;cron.none.",
});

/** Which messages a client sends. */
export const SelectorSchema = Type.Union([selector, Type.Array(selector, { minItems: 1 })], {
  title: "selector",
  description: "Which messages to send: one selector or a list. Default: *.*.",
});

/** The disk queue that keeps a client's messages while its server is away. */
export const QueueSchema = Type.Union(
  [
    Type.Literal(false),
    Type.Object(
      {
        file: Type.Optional(
          Type.String({
            pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
            examples: ["forward"],
            description: "Name of the queue's files in the spool directory.",
          }),
        ),
        max_disk: Type.Optional(
          Type.String({
            pattern: "^[1-9][0-9]*[kKmMgGtT]?$",
            examples: ["1g"],
            description: "Most disk space that it may take: 1g. Default: 1g.",
          }),
        ),
        save_on_shutdown: flag("Write what is still queued to disk when rsyslog stops. Default: true."),
      },
      closed,
    ),
  ],
  { title: "queue", description: "Keep messages on disk while the server is away; false for no disk queue." },
);

const forwardSettings = {
  protocol: protocol("tcp or udp. Default: what the server listens on, else tcp."),
  port: port("Default: the server's first listener, else 514."),
  selector: Type.Optional(SelectorSchema),
  queue: Type.Optional(QueueSchema),
};

/** A log server that a client sends to. */
export const SyslogTargetSchema = Type.Union(
  [
    Type.Object(
      { host: text("A host of the inventory, by its service address."), ...forwardSettings },
      closed,
    ),
    Type.Object({ group: text("A group of the inventory: each of its hosts."), ...forwardSettings }, closed),
    Type.Object({ address: text("Address or DNS name of a log server."), ...forwardSettings }, closed),
  ],
  { title: "target", description: "A log server to send to." },
);

/** Parameters of the role `syslog_server`. */
export const SyslogServerSchema = Type.Object(
  {
    listen: Type.Optional(
      Type.Array(ListenSchema, { minItems: 1, description: "Where to listen. Default: TCP port 514." }),
    ),
    store: Type.Optional(
      Type.Union([StoreRuleSchema, Type.Array(StoreRuleSchema, { minItems: 1 })], {
        description: "Where received messages go: one rule or a list, tried in order.",
      }),
    ),
  },
  { ...closed, description: "Receives syslog messages, with rsyslog." },
);

/** Parameters of the role `syslog_client`. */
export const SyslogClientSchema = Type.Object(
  {
    servers: Type.Optional(
      Type.Array(SyslogTargetSchema, {
        minItems: 1,
        description: "Log servers. Default: every host that the playbook makes a syslog_server.",
      }),
    ),
    selector: Type.Optional(SelectorSchema),
    queue: Type.Optional(QueueSchema),
    retry: Type.Optional(
      Type.Integer({
        minimum: -1,
        maximum: 2_147_483_647,
        description: "How often to try again to send a message; -1 for ever. Default: -1.",
      }),
    ),
    verify_timeout: duration("How long the check waits for a message to arrive. Default: 60s."),
  },
  { ...closed, description: "Sends its syslog messages to log servers, with rsyslog." },
);

export type ListenParameter = Static<typeof ListenSchema>;
export type SenderParameter = Static<typeof SenderSchema>;
export type StoreRuleParameter = Static<typeof StoreRuleSchema>;
export type QueueParameter = Static<typeof QueueSchema>;
export type SyslogTargetParameter = Static<typeof SyslogTargetSchema>;
export type SyslogServerParameters = Static<typeof SyslogServerSchema>;
export type SyslogClientParameters = Static<typeof SyslogClientSchema>;
