/** Real price paths by UTC day, and what price alone does to an account that holds BTC. */
import type { MinuteBars } from "../../../infrastructure/market_data/recording.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

export type DayPrices = {
  /** UTC ms of the first whole day. */
  readonly firstAt: number;
  /** Close over the close before, and the day's low over it. */
  readonly closeRatio: Float64Array;
  readonly lowRatio: Float64Array;
};

/** Whole UTC days of a recording, the first one left out when nothing comes before it. */
export function dayPrices(bars: MinuteBars): DayPrices {
  const skip = ((DAY_MS - bars.firstAt % DAY_MS) % DAY_MS) / MINUTE_MS;
  const begin = skip === 0 ? DAY_MINUTES : skip;
  const days = Math.max(0, Math.floor((bars.count - begin) / DAY_MINUTES));
  const [closeRatio, lowRatio] = [new Float64Array(days), new Float64Array(days)];
  for (let day = 0; day < days; day++) {
    const from = begin + day * DAY_MINUTES;
    const before = bars.close[from - 1] ?? 1;
    let low = Infinity;
    for (let at = from; at < from + DAY_MINUTES; at++) low = Math.min(low, bars.low[at] ?? Infinity);
    closeRatio[day] = (bars.close[from + DAY_MINUTES - 1] ?? 0) / before;
    lowRatio[day] = low / before;
  }
  return { firstAt: bars.firstAt + begin * MINUTE_MS, closeRatio, lowRatio };
}

export type FloorShare = {
  readonly days: number;
  readonly starts: number;
  readonly hits: number;
  /** Days until the floor, the middle one of those that hit; null without a hit. */
  readonly medianDays: number | null;
};

/**
 * How often an account that only holds BTC fell under `floorShare` of its start by price alone: starts a day apart from
 * the first minute's close; hit = a later minute's low under it within `days`.
 */
export function floorByPrice(
  bars: MinuteBars,
  { days, floorShare }: { readonly days: number; readonly floorShare: number },
): FloorShare {
  const horizon = days * DAY_MINUTES;
  const after: number[] = [];
  let starts = 0;
  for (let start = 0; start + horizon < bars.count; start += DAY_MINUTES) {
    starts++;
    const floor = floorShare * (bars.close[start] ?? 0);
    for (let at = start + 1; at <= start + horizon; at++) {
      if ((bars.low[at] ?? Infinity) >= floor) continue;
      after.push((at - start) / DAY_MINUTES);
      break;
    }
  }
  after.sort((a, b) => a - b);
  return { days, starts, hits: after.length, medianDays: after[Math.floor(after.length / 2)] ?? null };
}
