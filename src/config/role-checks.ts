import { escapeControls } from "../core/byte-text.ts";
import type { LfceErrorData } from "../core/errors.ts";
import type { Inventory } from "./inventory-model.ts";
import { checkNtpRole } from "./ntp-checks.ts";
import { isObject, type RoleContext, report } from "./role-context.ts";
import { type RoleName, roleNames } from "./role-names.ts";
import { schemaCheck } from "./schema-check.ts";
import { checkSyslogRole } from "./syslog-checks.ts";
import type { Locate, Path } from "./yaml-position.ts";

/** Checks one role's parameters, their templates replaced, against its schema. */
export function checkRoleSchema(
  role: RoleName,
  parameters: Record<string, unknown>,
  locate: Locate,
): LfceErrorData[] {
  return schemaCheck(role)(parameters, locate, { root: role });
}

/**
 * Checks what a schema cannot say: addresses, names, selectors, file patterns, and with an inventory also
 * that hosts and groups exist. Texts that still hold `{{ }}` are passed over.
 */
export function checkRoleMeaning(
  role: RoleName,
  parameters: Record<string, unknown>,
  locate: Locate,
  inventory?: Inventory,
): LfceErrorData[] {
  const context: RoleContext = { locate, inventory, errors: [] };
  checkText(context, parameters, []);
  // A text with control characters fits no other check either; one error about it is enough.
  if (context.errors.length > 0) return context.errors;
  if (role === "ntp_server" || role === "ntp_client") checkNtpRole(parameters, context);
  else if (roleNames.includes(role)) checkSyslogRole(parameters, context);
  return context.errors;
}

/** Every text may end up in a configuration file, where a line break would begin a statement of its own. */
function checkText(context: RoleContext, value: unknown, path: Path): void {
  if (typeof value === "string") {
    if (!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) return;
    const shown = escapeControls(value).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
    const message = `this text has a line break or control character in it: ${shown.slice(0, 60)}`;
    report(context, "config.control-character", message, "write it on one line, without tabs", path);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkText(context, item, [...path, index]);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkText(context, key, [...path, key]);
      checkText(context, item, [...path, key]);
    }
  }
}
