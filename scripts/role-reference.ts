import { NtpClientSchema, NtpServerSchema, SourceSchema } from "../src/services/chrony/schema.ts";
import {
  ListenSchema,
  SenderSchema,
  StoreRuleSchema,
  SyslogClientSchema,
  SyslogServerSchema,
  SyslogTargetSchema,
} from "../src/services/rsyslog/schema.ts";

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  description?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
}

const ROLES: [string, unknown][] = [
  ["ntp_server", NtpServerSchema],
  ["ntp_client", NtpClientSchema],
  ["syslog_server", SyslogServerSchema],
  ["syslog_client", SyslogClientSchema],
];

const PARTS: [string, string, unknown][] = [
  ["A time source", "an entry of `sources` and `servers` of the ntp roles", SourceSchema],
  ["A listener", "an entry of `listen` of `syslog_server`", ListenSchema],
  ["A store rule", "an entry of `store` of `syslog_server`", StoreRuleSchema],
  ["A sender", "an entry of `from` of a store rule", SenderSchema],
  ["A log server", "an entry of `servers` of `syslog_client`", SyslogTargetSchema],
];

/** docs/roles.md: every parameter of every role, from the schemas that validate them. */
export function roleReference(): string {
  const roles = ROLES.map(([name, schema]) => {
    const { description } = schema as Schema;
    return `## ${name}\n\n${description ?? ""}\n\n${table(schema as Schema)}`;
  });
  const parts = PARTS.map(
    ([name, use, schema]) => `## ${name}\n\n${capital(use)}. ${forms(schema as Schema)}`,
  );
  return [
    "# Roles and their parameters",
    "Written by `npm run schema` from the schemas that validate a playbook. Every role also takes `state: absent`, " +
      "which takes its settings away again. `{{ name }}` may stand for any value.",
    ...roles,
    ...parts,
  ]
    .join("\n\n")
    .concat("\n");
}

/** An object's table, or the forms of a union: texts in a list, objects merged into one table. */
function forms(schema: Schema): string {
  if (!schema.anyOf) return table(schema);
  const texts = schema.anyOf
    .filter((form) => !form.properties)
    .map((form) => `- ${form.description ?? kind(form)}`);
  const properties = Object.assign({}, ...schema.anyOf.map((form) => form.properties ?? {}));
  return `One of:\n\n${texts.join("\n")}\n- an object with these keys:\n\n${table({ properties })}`;
}

function table({ properties = {} }: Schema): string {
  const rows = Object.entries(properties).map(
    ([name, schema]) => `| \`${name}\` | ${cell(kind(schema))} | ${cell(schema.description ?? "")} |`,
  );
  return ["| key | value | meaning |", "|---|---|---|", ...rows].join("\n");
}

function kind(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kind))].join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? kind(schema.items) : "values"}`;
  if (schema.type === "integer" || schema.type === "number") return range(schema);
  return schema.type ?? "value";
}

function range({ type = "number", minimum, maximum }: Schema): string {
  const huge = 2_147_483_647;
  if (minimum === undefined) return type;
  return maximum === undefined || maximum >= huge
    ? `${type} from ${minimum}`
    : `${type} ${minimum} to ${maximum}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
