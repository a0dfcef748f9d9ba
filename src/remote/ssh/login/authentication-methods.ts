import type { LoginRules } from "../hop.ts";

/** In the order of use: a password goes by its own method rather than as the answer to a question. */
const METHODS = ["publickey", "password", "keyboard-interactive"] as const;

/** A method of RFC 4252 (RFC 4256 for the last) that lfce can do. */
export type Method = (typeof METHODS)[number];

export type MethodRules = Pick<
  LoginRules,
  | "publicKeyAuthentication"
  | "passwordAuthentication"
  | "keyboardInteractiveAuthentication"
  | "preferredAuthentications"
>;

/** The methods that the user lets be used, in order. */
export function methodsOf(rules: MethodRules): Method[] {
  const allowed: Record<Method, boolean> = {
    publickey: rules.publicKeyAuthentication,
    password: rules.passwordAuthentication,
    "keyboard-interactive": rules.keyboardInteractiveAuthentication,
  };
  const preferred = rules.preferredAuthentications ?? METHODS;
  return preferred.flatMap((word) => METHODS.filter((method) => method === word && allowed[method]));
}
