import { MINUTE_MS, type MinuteBars } from "./data_file.ts";
import type { Candle } from "./market_point.ts";

/** The minute being traded. */
type Running = { minute: number; open: number; high: number; low: number; close: number; volumeUsd: number };

/** Candles as a client may see them at a given moment: nothing of what has not happened yet. */
export type CandleStore = {
  /** Adds a step that has happened. `minute` is the number of the bar in the recording; never decreases. */
  add(minute: number, step: { readonly price: number; readonly volumeUsd: number }): void;
  candles(
    options: { readonly minutes: number; readonly from: number; readonly to: number; readonly now: number },
  ): Candle[];
};

/**
 * Candles over a recording. Closed bars of an hour or a day are built once and kept. With `rewritten` the minutes that
 * were played are remembered as they were played (a thin market prints what the recording does not hold).
 */
export function candleStore(
  bars: MinuteBars,
  options: { readonly firstPlayed: number; readonly rewritten: boolean },
): CandleStore {
  const firstPlayed = options.firstPlayed;
  const played = options.rewritten ? copyOf(bars, firstPlayed) : null;
  const closed = new Map<number, Candle[]>();
  const running: Running = { minute: -1, open: 0, high: 0, low: 0, close: 0, volumeUsd: 0 };

  function keepRunning(): void {
    const index = running.minute - firstPlayed;
    if (played === null || index < 0) return;
    played.open[index] = running.open;
    played.high[index] = running.high;
    played.low[index] = running.low;
    played.close[index] = running.close;
    played.volumeUsd[index] = running.volumeUsd;
  }

  /** Folds minutes [from, to) and, if they reach it, the running minute; null when nothing is there. */
  function fold(startAt: number, range: { readonly from: number; readonly to: number }): Candle | null {
    const from = Math.max(range.from, 0);
    const to = Math.min(range.to, bars.count);
    if (range.from < 0 || from >= to) return null;
    let open = 0;
    let high = 0;
    let low = 0;
    let close = 0;
    let volumeUsd = 0;
    for (let minute = from; minute < to; minute++) {
      const live = minute === running.minute;
      const source = played !== null && minute >= firstPlayed ? played : bars;
      const index = source === played ? minute - firstPlayed : minute;
      const top = live ? running.high : source.high[index] ?? 0;
      const bottom = live ? running.low : source.low[index] ?? 0;
      if (minute === from) {
        open = live ? running.open : source.open[index] ?? 0;
        high = top;
        low = bottom;
      }
      if (top > high) high = top;
      if (bottom < low) low = bottom;
      close = live ? running.close : source.close[index] ?? 0;
      volumeUsd += live ? running.volumeUsd : source.volumeUsd[index] ?? 0;
    }
    return { startAt, open, high, low, close, volumeUsd };
  }

  function openCandle(startAt: number, now: number): Candle | null {
    const from = (startAt - bars.firstAt) / MINUTE_MS;
    const current = Math.floor((now - bars.firstAt) / MINUTE_MS);
    const traded = running.minute >= current ? current + 1 : current;
    const candle = fold(startAt, { from, to: traded });
    if (candle !== null || from < 0 || from > bars.count) return candle;
    const before = fold(startAt, { from: from - 1, to: from });
    if (before === null) return null;
    return { startAt, open: before.close, high: before.close, low: before.close, close: before.close, volumeUsd: 0 };
  }

  function closedCandle(startAt: number, minutes: number): Candle | null {
    const from = (startAt - bars.firstAt) / MINUTE_MS;
    if (minutes === 1) return fold(startAt, { from, to: from + 1 });
    let kept = closed.get(minutes);
    if (kept === undefined) closed.set(minutes, kept = []);
    const slot = Math.floor(from / minutes);
    const found = kept[slot];
    if (found !== undefined) return found;
    const candle = fold(startAt, { from, to: from + minutes });
    if (candle !== null && slot >= 0) kept[slot] = candle;
    return candle;
  }

  return {
    add(minute, step) {
      if (minute !== running.minute) {
        keepRunning();
        running.minute = minute;
        running.open = step.price;
        running.high = step.price;
        running.low = step.price;
        running.volumeUsd = 0;
      }
      if (step.price > running.high) running.high = step.price;
      if (step.price < running.low) running.low = step.price;
      running.close = step.price;
      running.volumeUsd += step.volumeUsd;
    },
    candles({ minutes, from, to, now }) {
      const length = minutes * MINUTE_MS;
      const list: Candle[] = [];
      const first = Math.max(Math.ceil(from / length), Math.ceil(bars.firstAt / length)) * length;
      for (let startAt = first; startAt < to && startAt <= now; startAt += length) {
        const candle = startAt + length <= now ? closedCandle(startAt, minutes) : openCandle(startAt, now);
        if (candle !== null) list.push(candle);
      }
      return list;
    },
  };
}

function copyOf(bars: MinuteBars, first: number): MinuteBars {
  return {
    firstAt: bars.firstAt + first * MINUTE_MS,
    count: bars.count - first,
    open: bars.open.slice(first, bars.count),
    high: bars.high.slice(first, bars.count),
    low: bars.low.slice(first, bars.count),
    close: bars.close.slice(first, bars.count),
    volumeUsd: bars.volumeUsd.slice(first, bars.count),
  };
}
