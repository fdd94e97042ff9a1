import { type EpochMs, epochMs, priceCents, rateE8, usdContracts } from "../../../domain/units.ts";
import type { MarketObservation } from "../../../domain/market.ts";
import { bookLevelUsd, keyedPoint } from "../../../infrastructure/exchange/fake_exchange/market/keyed_point.ts";
import { FIRST_STEP_MS, fundingRateE8 } from "../../../infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { emptyPath, pathSource } from "../../../infrastructure/exchange/fake_exchange/market/market_path.ts";
import type { MarketPoint } from "../../../infrastructure/exchange/fake_exchange/market/market_point.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import type { LabCandles, PathKind } from "./types.ts";

export const EIGHT_HOURS_MS = 28_800_000;
/** The four prices of a candle stand a quarter of it apart. */
const QUARTER_MS = MINUTE_MS / 4;

/** Whether a long (1), a short (-1) or nothing (0) is held: what is worst or best depends on it. */
export type Held = -1 | 0 | 1;

/** The points inside candles, one minute at a time; the same minute of the same seed is always the same. */
export class CandlePoints {
  /** The points of the minute filled last. */
  readonly points: MarketPoint[] = [];
  readonly #candles: LabCandles;
  readonly #seed: number;
  readonly #path: PathKind;
  readonly #source;
  readonly #steps = emptyPath();
  /** Low before high (1) or after it (2), as each minute was filled; 0 = not yet. */
  readonly #order: Uint8Array;
  #fundingAt = 0;
  #rateE8 = 0;

  constructor(of: { readonly candles: LabCandles; readonly seed: number; readonly path: PathKind }) {
    this.#candles = of.candles;
    this.#seed = of.seed;
    this.#path = of.path;
    this.#order = new Uint8Array(of.path === "worst" || of.path === "best" ? of.candles.count : 0);
    const recording = { file: of.candles.file, bars: of.candles, trades: null, tickCents: of.candles.tickCents };
    this.#source = of.path === "seeded" ? pathSource(recording, of.seed) : null;
  }

  /** Whether a stop goes off at its trigger between two points, instead of at the next one. */
  get stopsBetween(): boolean {
    return this.#source === null;
  }

  /** Notes which way a minute is walked without walking it. */
  note(minute: number, held: Held): void {
    if (this.#order.length > 0 && this.#order[minute] === 0) this.#order[minute] = this.#lowFirst(minute, held) ? 1 : 2;
  }

  fill(minute: number, held: Held): readonly MarketPoint[] {
    this.points.length = 0;
    if (this.#source === null) this.#fillFour(minute, held);
    else this.#fillSeeded(minute);
    return this.points;
  }

  /** The funding that settles next after `at`. */
  funding(at: number): { readonly rateE8: number; readonly at: number } {
    const next = (Math.floor(at / EIGHT_HOURS_MS) + 1) * EIGHT_HOURS_MS;
    if (next !== this.#fundingAt) {
      this.#fundingAt = next;
      this.#rateE8 = fundingRateE8(this.#candles, next);
    }
    return { rateE8: this.#rateE8, at: this.#fundingAt };
  }

  /** A point at a price between two others of a four-point path. */
  between(
    at: number,
    of: { readonly price: number; readonly falling: boolean; readonly like: MarketPoint },
  ): MarketPoint {
    return this.#plain({ at, price: of.price, rising: !of.falling, sizeUsd: of.like.bidSize, volumeUsd: 0 });
  }

  #fillSeeded(minute: number): void {
    const { close, firstAt, volumeUsd, tickCents } = this.#candles;
    const steps = this.#steps;
    this.#source?.fill(minute, steps);
    const funding = this.funding(firstAt + minute * MINUTE_MS);
    const rules = {
      seed: this.#seed,
      tickCents,
      levelUsd: bookLevelUsd(volumeUsd[minute] ?? 0),
      fundingRate: funding.rateE8 / 1e8,
      fundingAt: funding.at,
    };
    let beforeAt = (steps.at[0] ?? 0) - FIRST_STEP_MS;
    let beforePrice = close[minute - 1] ?? steps.price[0] ?? 0;
    for (let step = 0; step < steps.count; step++) {
      const at = steps.at[step] ?? 0;
      const price = steps.price[step] ?? 0;
      this.points.push(keyedPoint({ at, price, volumeUsd: steps.volumeUsd[step] ?? 0, beforeAt, beforePrice }, rules));
      beforeAt = at;
      beforePrice = price;
    }
  }

  #lowFirst(minute: number, held: Held): boolean {
    const { open, close } = this.#candles;
    switch (this.#path) {
      case "olhc":
        return true;
      case "worst":
        return held === 0 ? (close[minute] ?? 0) >= (open[minute] ?? 0) : held > 0;
      case "best":
        return held === 0 ? (close[minute] ?? 0) < (open[minute] ?? 0) : held < 0;
      default:
        return false;
    }
  }

  #fillFour(minute: number, held: Held): void {
    const { open, high, low, close, firstAt, volumeUsd } = this.#candles;
    this.note(minute, held);
    const lowFirst = this.#order.length > 0 ? this.#order[minute] === 1 : this.#lowFirst(minute, held);
    const startAt = firstAt + minute * MINUTE_MS;
    const sizeUsd = Math.floor(bookLevelUsd(volumeUsd[minute] ?? 0));
    const quarterUsd = Math.floor((volumeUsd[minute] ?? 0) / 4);
    const prices = lowFirst
      ? [open[minute] ?? 0, low[minute] ?? 0, high[minute] ?? 0, close[minute] ?? 0]
      : [open[minute] ?? 0, high[minute] ?? 0, low[minute] ?? 0, close[minute] ?? 0];
    let before = close[minute - 1] ?? open[minute] ?? 0;
    for (let step = 0; step < 4; step++) {
      const price = prices[step] ?? 0;
      this.points.push(
        this.#plain({ at: startAt + step * QUARTER_MS, price, rising: price > before, sizeUsd, volumeUsd: quarterUsd }),
      );
      before = price;
    }
  }

  #plain(
    of: {
      readonly at: number;
      readonly price: number;
      readonly rising: boolean;
      readonly sizeUsd: number;
      readonly volumeUsd: number;
    },
  ): MarketPoint {
    const { at, price, sizeUsd } = of;
    const { tickCents } = this.#candles;
    const onAsk = of.rising && price > tickCents;
    const funding = this.funding(at);
    const left = (funding.at - at) / EIGHT_HOURS_MS;
    return {
      at,
      last: price,
      mark: price,
      index: Math.round(price / (1 + funding.rateE8 / 1e8 * left)),
      bid: onAsk ? price - tickCents : price,
      bidSize: sizeUsd,
      ask: onAsk ? price : price + tickCents,
      askSize: sizeUsd,
      volumeUsd: of.volumeUsd,
    };
  }
}

/** What the bot sees of a point; every point is told by itself, so the extremes are the price. */
export function observationOf(
  point: MarketPoint,
  funding: { readonly rateE8: number; readonly at: number },
): MarketObservation {
  const last = priceCents(point.last);
  const mark = priceCents(point.mark);
  return {
    last,
    lastMin: last,
    lastMax: last,
    mark,
    markMin: mark,
    markMax: mark,
    index: priceCents(point.index),
    bid: point.bid === null ? null : priceCents(point.bid),
    bidSize: usdContracts(point.bidSize),
    ask: point.ask === null ? null : priceCents(point.ask),
    askSize: usdContracts(point.askSize),
    fundingRate: rateE8(funding.rateE8),
    nextFundingAt: epochMs(funding.at),
  };
}

/** UTC ms as the core's moment. */
export function moment(at: number): EpochMs {
  return epochMs(at);
}
