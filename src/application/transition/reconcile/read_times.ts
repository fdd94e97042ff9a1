import { type EpochMs, epochMs } from "../../../domain/units.ts";

/** Periods shorter than this count from the read before: they are looks at trouble, not a routine. */
const ROUTINE_MS = 10_000;
/** A round moment lasts this long: any tick inside it makes the read, and the last one is made for it. */
const ROUND_MS = 1_200;

/** True for a period whose reads fall on round moments. */
export function isRoutine(periodMs: number): boolean {
  return periodMs >= ROUTINE_MS;
}

/**
 * When a periodic read after the one at `lastAt` is due at the latest (F-4.5). Routine reads fall on round moments of
 * server time, so that reads of several periods and the first news of the moment share one tick (F-3.2).
 */
export function nextReadAt(lastAt: EpochMs, periodMs: number): EpochMs {
  if (!isRoutine(periodMs)) return epochMs(lastAt + periodMs);
  return epochMs((Math.floor(lastAt / periodMs) + 1) * periodMs + ROUND_MS);
}

/** True when a tick at `at` makes the read that is due at `dueAt`. */
export function readIsDue(dueAt: number, of: { readonly at: EpochMs; readonly period: number }): boolean {
  return of.at >= (isRoutine(of.period) ? dueAt - ROUND_MS : dueAt);
}
