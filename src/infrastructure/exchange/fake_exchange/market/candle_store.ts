import { MINUTE_MS, type MinuteBars } from "../../../market_data/recording.ts";
import type { Candle } from "./market_point.ts";

type Bar = { open: number; high: number; low: number; close: number; volumeUsd: number };
/** The minute being traded. */
type Running = Bar & { minute: number };

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
  return new RecordedCandles(bars, options);
}

class RecordedCandles implements CandleStore {
  readonly #bars: MinuteBars;
  readonly #firstPlayed: number;
  readonly #played: MinuteBars | null;
  readonly #closed = new Map<number, Candle[]>();
  readonly #running: Running = { minute: -1, open: 0, high: 0, low: 0, close: 0, volumeUsd: 0 };
  /** What `#minute` returns of the past: a day is folded from 1,440 of them. */
  readonly #shown: Bar = { open: 0, high: 0, low: 0, close: 0, volumeUsd: 0 };

  constructor(bars: MinuteBars, options: { readonly firstPlayed: number; readonly rewritten: boolean }) {
    this.#bars = bars;
    this.#firstPlayed = options.firstPlayed;
    this.#played = options.rewritten ? copyOf(bars, options.firstPlayed) : null;
  }

  add(minute: number, step: { readonly price: number; readonly volumeUsd: number }): void {
    const running = this.#running;
    if (minute !== running.minute) {
      this.#keepRunning();
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
  }

  candles(asked: Parameters<CandleStore["candles"]>[0]): Candle[] {
    const { minutes, from, to, now } = asked;
    const length = minutes * MINUTE_MS;
    const list: Candle[] = [];
    const first = Math.max(Math.ceil(from / length), Math.ceil(this.#bars.firstAt / length)) * length;
    for (let startAt = first; startAt < to && startAt <= now; startAt += length) {
      const candle = startAt + length <= now ? this.#closedCandle(startAt, minutes) : this.#openCandle(startAt, now);
      if (candle !== null) list.push(candle);
    }
    return list;
  }

  #keepRunning(): void {
    const running = this.#running;
    const played = this.#played;
    const index = running.minute - this.#firstPlayed;
    if (played === null || index < 0) return;
    played.open[index] = running.open;
    played.high[index] = running.high;
    played.low[index] = running.low;
    played.close[index] = running.close;
    played.volumeUsd[index] = running.volumeUsd;
  }

  /** One minute as it was, or as it is so far; good until the next one is asked for. */
  #minute(minute: number): Readonly<Bar> {
    if (minute === this.#running.minute) return this.#running;
    const rewritten = this.#played !== null && minute >= this.#firstPlayed;
    const source = rewritten ? this.#played : this.#bars;
    const index = rewritten ? minute - this.#firstPlayed : minute;
    const shown = this.#shown;
    shown.open = source.open[index] ?? 0;
    shown.high = source.high[index] ?? 0;
    shown.low = source.low[index] ?? 0;
    shown.close = source.close[index] ?? 0;
    shown.volumeUsd = source.volumeUsd[index] ?? 0;
    return shown;
  }

  /** Folds minutes [from, to); null when nothing is there. */
  #fold(startAt: number, range: { readonly from: number; readonly to: number }): Candle | null {
    const to = Math.min(range.to, this.#bars.count);
    if (range.from < 0 || range.from >= to) return null;
    let { open, high, low, close, volumeUsd } = this.#minute(range.from);
    for (let index = range.from + 1; index < to; index++) {
      const minute = this.#minute(index);
      if (minute.high > high) high = minute.high;
      if (minute.low < low) low = minute.low;
      close = minute.close;
      volumeUsd += minute.volumeUsd;
    }
    return { startAt, open, high, low, close, volumeUsd };
  }

  #openCandle(startAt: number, now: number): Candle | null {
    const { firstAt, count } = this.#bars;
    const from = (startAt - firstAt) / MINUTE_MS;
    const current = Math.floor((now - firstAt) / MINUTE_MS);
    const candle = this.#fold(startAt, { from, to: this.#running.minute >= current ? current + 1 : current });
    if (candle !== null || from < 0 || from > count) return candle;
    const before = this.#fold(startAt, { from: from - 1, to: from });
    if (before === null) return null;
    return { startAt, open: before.close, high: before.close, low: before.close, close: before.close, volumeUsd: 0 };
  }

  #closedCandle(startAt: number, minutes: number): Candle | null {
    const from = (startAt - this.#bars.firstAt) / MINUTE_MS;
    if (minutes === 1) return this.#fold(startAt, { from, to: from + 1 });
    let kept = this.#closed.get(minutes);
    if (kept === undefined) this.#closed.set(minutes, kept = []);
    const slot = Math.floor(from / minutes);
    const found = kept[slot];
    if (found !== undefined) return found;
    const candle = this.#fold(startAt, { from, to: from + minutes });
    if (candle !== null && slot >= 0) kept[slot] = candle;
    return candle;
  }
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
