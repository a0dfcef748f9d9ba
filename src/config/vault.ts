const VAULT: unique symbol = Symbol("ansible vault");

/** A value that Ansible keeps encrypted (`!vault`): carried along, but lfce cannot read it. */
export interface VaultValue {
  readonly [VAULT]: true;
  toString(): string;
  toJSON(): string;
}

/** The one value that stands for every `!vault` text; it prints as `[vault]`. */
export const vaultValue: VaultValue = Object.freeze({
  [VAULT]: true as const,
  toString: () => "[vault]",
  toJSON: () => "[vault]",
});

export function isVault(value: unknown): value is VaultValue {
  return typeof value === "object" && value !== null && VAULT in value;
}
