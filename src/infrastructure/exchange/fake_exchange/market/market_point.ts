/** What the market feed hands the fake venue. Prices are integers of 0.01 USD, sizes integers of USD, times UTC ms. */
export type MarketPoint = {
  readonly at: number;
  /** Last traded price. */
  readonly last: number;
  readonly mark: number;
  readonly index: number;
  /** null = that side of the book is empty. */
  readonly bid: number | null;
  readonly bidSize: number;
  readonly ask: number | null;
  readonly askSize: number;
  /** Volume that traded at or through `last` since the previous point; what resting orders at that price may fill from. */
  readonly volumeUsd: number;
};

/** One candle as the kline endpoint serves it. Prices in 0.01 USD, volume in USD. */
export type Candle = {
  readonly startAt: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volumeUsd: number;
};

/** Recorded market, walked forward once. `next()` is ascending in `at`; null at the end. */
export interface MarketFeed {
  /** First moment that is played; everything before is history for klines only. */
  readonly startAt: number;
  readonly endAt: number;
  next(): MarketPoint | null;
  /** Candles of this length whose start is in [from, to), oldest first, including the one still open at `now`. */
  candles(
    options: { readonly minutes: number; readonly from: number; readonly to: number; readonly now: number },
  ): Candle[];
  /** Funding rate × 10⁸ that settles at this time (00, 08, 16 UTC). */
  fundingRateE8(at: number): number;
}
