import Type from "typebox";
import { NtpClientSchema, NtpServerSchema } from "../services/chrony/schema.ts";
import { SyslogClientSchema, SyslogServerSchema } from "../services/rsyslog/schema.ts";
import { type RoleName, roleNames } from "./role-names.ts";

const closed = { additionalProperties: false };

/** The parameters of each role; a new role is one entry here and its name in role-names.ts. */
export const roleSchemas = {
  ntp_server: NtpServerSchema,
  ntp_client: NtpClientSchema,
  syslog_server: SyslogServerSchema,
  syslog_client: SyslogClientSchema,
} satisfies Record<RoleName, object>;

const state = Type.Optional(
  Type.Enum(["present", "absent"], {
    description: "absent takes the role's settings away again. Default: present.",
  }),
);

const roleUses = roleNames.map((role) =>
  Type.Object(
    {
      role: Type.Literal(role, { description: "ntp_server, ntp_client, syslog_server or syslog_client." }),
      state,
      ...roleSchemas[role].properties,
    },
    { ...closed, description: (roleSchemas[role] as { description?: string }).description },
  ),
);

const batch = Type.Union([
  Type.Integer({ minimum: 1 }),
  Type.String({ pattern: "^(100|[1-9][0-9]?)%$", examples: ["10%"] }),
]);

const pattern = Type.String({ minLength: 1, examples: ["clients"] });

/** One play. */
export const PlaySchema = Type.Object(
  {
    name: Type.Optional(Type.String({ description: "What this play is for, in words." })),
    hosts: Type.Union([pattern, Type.Array(pattern, { minItems: 1 })], {
      description: "Which hosts: a pattern as in Ansible, such as clients, all:!lab, web[0:9].",
    }),
    inventory: Type.Optional(
      Type.String({ minLength: 1, description: "The inventory, when none is given on the command line." }),
    ),
    become: Type.Optional(Type.Boolean({ description: "Become root with sudo." })),
    serial: Type.Optional(
      Type.Union([batch, Type.Array(batch, { minItems: 1 })], {
        description:
          "How many hosts at a time: a number, a percentage, or a list of them for growing batches.",
      }),
    ),
    max_fail_percentage: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: "Stop when more than this share of a batch has failed.",
      }),
    ),
    vars: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Variables for {{ name }} in this play.",
      }),
    ),
    roles: Type.Array(Type.Union(roleUses, { description: "A role and its parameters." }), {
      minItems: 1,
      description: "What these hosts are.",
    }),
  },
  { ...closed, description: "Some hosts, and the roles they have." },
);

/** A whole playbook, its templates replaced. */
export const PlaybookSchema = Type.Array(PlaySchema, {
  minItems: 1,
  title: "lfce playbook",
  description: "Which hosts are time and log servers, and which are their clients.",
});
