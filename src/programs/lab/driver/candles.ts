import type { Bar } from "../../../domain/market.ts";
import { epochMs, priceCents } from "../../../domain/units.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import type { LabCandles } from "./types.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Warm-up of P-1 and P-6: so many closed bars before the first decision (L-1.5). */
const HOURS_NEEDED = 200;
const DAYS_NEEDED = 15;

/** A window that cannot be played; the message is for the person who asked for it. */
export class LabWindowError extends RangeError {}

/** The closed bar of a length that begins at `startAt`; null when the candles do not hold all of it. */
export function barAt(candles: LabCandles, span: { readonly startAt: number; readonly length: number }): Bar | null {
  const first = (span.startAt - candles.firstAt) / MINUTE_MS;
  const count = span.length / MINUTE_MS;
  if (first < 0 || first + count > candles.count) return null;
  let high = 0;
  let low = Number.MAX_SAFE_INTEGER;
  for (let index = first; index < first + count; index++) {
    const top = candles.high[index] ?? 0;
    const bottom = candles.low[index] ?? 0;
    if (top > high) high = top;
    if (bottom < low) low = bottom;
  }
  return {
    startAt: epochMs(span.startAt),
    open: priceCents(candles.open[first] ?? 0),
    high: priceCents(high),
    low: priceCents(low),
    close: priceCents(candles.close[first + count - 1] ?? 0),
  };
}

/** Up to `count` closed bars of a length before `at`, oldest first. */
export function barsBefore(
  candles: LabCandles,
  of: { readonly at: number; readonly length: number; readonly count: number },
): Bar[] {
  const end = Math.floor(of.at / of.length) * of.length;
  const bars: Bar[] = [];
  for (let startAt = end - of.count * of.length; startAt < end; startAt += of.length) {
    const bar = barAt(candles, { startAt, length: of.length });
    if (bar !== null) bars.push(bar);
  }
  return bars;
}

/** First moment from which a candidate may be played: 200 hourly and 15 daily bars stand before it (L-1.5). */
export function earliestStart(candles: LabCandles): number {
  const hours = Math.ceil(candles.firstAt / HOUR_MS) * HOUR_MS + HOURS_NEEDED * HOUR_MS;
  const days = Math.ceil(candles.firstAt / DAY_MS) * DAY_MS + DAYS_NEEDED * DAY_MS;
  return Math.max(hours, days);
}

export function endOf(candles: LabCandles): number {
  return candles.firstAt + candles.count * MINUTE_MS;
}

/** Throws LabWindowError, which says how much is missing, when a window cannot be played (L-1.5). */
export function checkWindow(candles: LabCandles, window: { readonly from: number; readonly to: number }): void {
  const { from, to } = window;
  const earliest = earliestStart(candles);
  const end = endOf(candles);
  if (from < earliest) {
    const hours = Math.ceil((earliest - from) / HOUR_MS);
    throw new LabWindowError(
      `Cannot start at ${isoOf(from)} as 200 hourly and 15 daily bars must come before it: ${candles.file} begins at ${
        isoOf(candles.firstAt)
      }, ${hours} hours are missing; the earliest start is ${isoOf(earliest)}`,
    );
  }
  if (to > end) {
    throw new LabWindowError(`Cannot play to ${isoOf(to)}: ${candles.file} ends at ${isoOf(end)}`);
  }
  if (to - from < HOUR_MS) {
    throw new LabWindowError(`Cannot play from ${isoOf(from)} to ${isoOf(to)}: the window must be an hour at least`);
  }
}

export function isoOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16) + "Z";
}
