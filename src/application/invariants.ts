import type { Bot } from "../domain/state.ts";

/** A broken rule of F-2; `name` becomes HALT `invariant_violation:<name>`. */
export type Violation = { readonly name: string; readonly rule: string; readonly detail: string };

export function checkInvariants(_bot: Bot): readonly Violation[] {
  return [];
}
