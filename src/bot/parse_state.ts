import type { Guarded } from "../application/guardian/guardian.ts";

/**
 * Reads a snapshot's state. Its bytes are chained to the journal (F-11.3) and its shape is what the migrations end in, so
 * only the outline is checked. Throws TypeError.
 */
export function parseGuarded(value: unknown): Guarded {
  if (typeof value !== "object" || value === null || !("bot" in value) || !("guardian" in value)) {
    throw new TypeError("Cannot read a snapshot as it must hold bot and guardian");
  }
  return value as Guarded;
}
