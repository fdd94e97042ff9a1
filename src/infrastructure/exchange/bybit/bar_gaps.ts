import type { BarInterval } from "../../../domain/market.ts";
import { BAR_MS } from "./venue_words.ts";

/** Closed candles that the stream owes us: over a reconnect, or when a quiet minute was never confirmed (TRAPS 67). */
export type BarGaps = {
  seen(interval: BarInterval, starts: readonly number[]): void;
  /** Ranges to read by REST now, each asked for at most once a minute. */
  due(now: number): readonly { readonly interval: BarInterval; readonly from: number }[];
};

/** A closed candle may be confirmed this late before it counts as missing. */
const GRACE_MS = 15_000;
const AGAIN_MS = 60_000;

const NONE: readonly never[] = [];

export function createBarGaps(intervals: readonly BarInterval[]): BarGaps {
  /** Start of the newest candle without a hole before it. */
  const solid = new Map<BarInterval, number>();
  const ahead = new Map<BarInterval, Set<number>>();
  const askedAt = new Map<BarInterval, number>();
  /** Nothing is due before, as long as no candle comes: asked with every ping, and due about once an hour. */
  let quietUntil = -Infinity;

  function advance(interval: BarInterval): void {
    const waiting = ahead.get(interval);
    if (waiting === undefined) return;
    for (let at = (solid.get(interval) ?? 0) + BAR_MS[interval]; waiting.delete(at); at += BAR_MS[interval]) {
      solid.set(interval, at);
    }
  }
  return {
    seen(interval, starts) {
      quietUntil = -Infinity;
      for (const start of starts) {
        const last = solid.get(interval);
        if (last === undefined) solid.set(interval, start);
        else if (start > last) {
          const waiting = ahead.get(interval) ?? new Set<number>();
          waiting.add(start);
          ahead.set(interval, waiting);
        }
      }
      advance(interval);
    },
    due(now) {
      if (now < quietUntil) return NONE;
      quietUntil = Infinity;
      const owed: { interval: BarInterval; from: number }[] = [];
      for (const interval of intervals) {
        const last = solid.get(interval);
        if (last === undefined) continue;
        const hole = (ahead.get(interval)?.size ?? 0) > 0;
        // The candle after `last` closes one length after it began, that is two lengths after `last` began.
        const missingAt = hole ? -Infinity : last + 2 * BAR_MS[interval] + GRACE_MS;
        const dueAt = Math.max(missingAt, (askedAt.get(interval) ?? -Infinity) + AGAIN_MS);
        quietUntil = Math.min(quietUntil, now < dueAt ? dueAt : now + AGAIN_MS);
        if (now < dueAt) continue;
        askedAt.set(interval, now);
        owed.push({ interval, from: last + BAR_MS[interval] });
      }
      return owed;
    },
  };
}
