import { unitAt } from "./market_path.ts";
import type { MarketPoint } from "./market_point.ts";

/** One step of a price path and the step before it, 0.01 USD and UTC ms. */
export type KeyedStep = {
  readonly at: number;
  readonly price: number;
  readonly volumeUsd: number;
  readonly beforeAt: number;
  readonly beforePrice: number;
};
export type KeyedRules = {
  readonly seed: number;
  readonly tickCents: number;
  /** Best level of the book, USD, before it is drawn. */
  readonly levelUsd: number;
  /** Funding that settles at `fundingAt`, a fraction. */
  readonly fundingRate: number;
  readonly fundingAt: number;
};

const EIGHT_HOURS_MS = 28_800_000;
const MARK_SMOOTHING_MS = 500;
const MARK_BOUND = 0.0005;
const LEAST_BOOK_USD = 2_000;
const SIDE_SALT = 11;
const BID_SALT = 12;
const ASK_SALT = 13;

/** The best level of the book for the volume of a minute, USD (market_feed.ts). */
export function bookLevelUsd(minuteVolumeUsd: number): number {
  return Math.max(LEAST_BOOK_USD, minuteVolumeUsd / 30);
}

/**
 * A point by the rules of market_feed.ts, from one step and the one before: what is drawn is drawn by (seed, time), and
 * nothing is remembered, so that a reader may begin anywhere and still sees the same market.
 */
export function keyedPoint(step: KeyedStep, rules: KeyedRules): MarketPoint {
  const { at, price, beforePrice } = step;
  const { seed, tickCents, levelUsd } = rules;
  const passed = at - step.beforeAt;
  const bound = price * MARK_BOUND;
  const smooth = beforePrice + (price - beforePrice) * passed / (passed + MARK_SMOOTHING_MS);
  const mark = Math.round(Math.min(Math.max(smooth, price - bound), price + bound));
  const index = Math.round(mark / (1 + rules.fundingRate * (rules.fundingAt - at) / EIGHT_HOURS_MS));
  const moved = price - beforePrice;
  const onAsk = price > tickCents && (moved > 0 || moved === 0 && unitAt(seed, { at, salt: SIDE_SALT }) < 0.5);
  return {
    at,
    last: price,
    mark,
    index,
    bid: onAsk ? price - tickCents : price,
    bidSize: Math.floor(levelUsd * (0.3 + 1.7 * unitAt(seed, { at, salt: BID_SALT }))),
    ask: onAsk ? price : price + tickCents,
    askSize: Math.floor(levelUsd * (0.3 + 1.7 * unitAt(seed, { at, salt: ASK_SALT }))),
    volumeUsd: step.volumeUsd,
  };
}
