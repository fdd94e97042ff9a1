import type { DurationMs, EpochMs, PriceCents, RateE8, UsdContracts } from "./units.ts";

/**
 * One conflated observation of the market: latest values, and the extremes of last and mark since the previous
 * observation (F-4.6). `null` = never seen since the subscription's snapshot, or an empty side of the book.
 */
export type MarketObservation = {
  readonly last: PriceCents | null;
  readonly lastMin: PriceCents | null;
  readonly lastMax: PriceCents | null;
  readonly mark: PriceCents | null;
  readonly markMin: PriceCents | null;
  readonly markMax: PriceCents | null;
  readonly index: PriceCents | null;
  readonly bid: PriceCents | null;
  readonly bidSize: UsdContracts | null;
  readonly ask: PriceCents | null;
  readonly askSize: UsdContracts | null;
  readonly fundingRate: RateE8 | null;
  readonly nextFundingAt: EpochMs | null;
};

/** Nothing seen yet. */
export const emptyObservation: MarketObservation = {
  last: null,
  lastMin: null,
  lastMax: null,
  mark: null,
  markMin: null,
  markMax: null,
  index: null,
  bid: null,
  bidSize: null,
  ask: null,
  askSize: null,
  fundingRate: null,
  nextFundingAt: null,
};

export type BarInterval = "1m" | "1h" | "1d";

/** One closed candle. `startAt` = open of the bar, UTC. */
export type Bar = {
  readonly startAt: EpochMs;
  readonly open: PriceCents;
  readonly high: PriceCents;
  readonly low: PriceCents;
  readonly close: PriceCents;
};

/** What the venue says about BTCUSD; read at start and re-read (F-12.6, F-7.17). */
export type Instrument = {
  readonly symbol: string;
  readonly contractType: string;
  /** "Trading" or another venue word. */
  readonly status: string;
  /** Smallest price step, in cents. */
  readonly tickCents: PriceCents;
  readonly qtyStep: UsdContracts;
  readonly minOrderQty: UsdContracts;
  readonly maxOrderQty: UsdContracts;
  readonly maxMarketOrderQty: UsdContracts;
  readonly minNotional: UsdContracts;
  /** Leverage × 100. */
  readonly maxLeverageE2: number;
  readonly fundingInterval: DurationMs;
};

/** Lowest risk tier of BTCUSD, normalised to a fraction (PROTOCOL §2.1 unit trap). */
export type RiskTier = {
  /** Position value up to which the tier holds, in pico BTC; beyond safe integers is clamped by the parser. */
  readonly limitPico: number;
  readonly maintenanceRate: RateE8;
  readonly initialRate: RateE8;
};

export type FeeRates = { readonly maker: RateE8; readonly taker: RateE8 };
