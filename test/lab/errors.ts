/** What stops the lab: a sentence about what is wrong, and what to type next. */
export type LabError = Error & { readonly hint?: string };

/** A lab error; `hint` says what to do about it. */
export function labError(message: string, hint?: string): LabError {
  return Object.assign(new Error(message), { name: "LabError", hint });
}
