/** Short makers of domain values for tests, in the units people say them in. */
import type { Vitals } from "../src/domain/events.ts";
import {
  type Bar,
  emptyObservation,
  type FeeRates,
  type Instrument,
  type MarketObservation,
  type RiskTier,
} from "../src/domain/market.ts";
import {
  durationMs,
  type EpochMs,
  epochMs,
  type MicroUsd,
  microUsd,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  priceCents,
  type RateE8,
  rateE8,
  type UsdContracts,
  usdContracts,
} from "../src/domain/units.ts";

/** Price in USD. */
export const price = (usd: number): PriceCents => priceCents(Math.round(usd * 100));
/** Amount in BTC. */
export const btc = (amount: number): PicoBtc => picoBtc(Math.round(amount * 1e12));
/** Money in USD. */
export const usd = (amount: number): MicroUsd => microUsd(Math.round(amount * 1e6));
/** A fraction: 0.02 = 2 %. */
export const rate = (fraction: number): RateE8 => rateE8(Math.round(fraction * 1e8));
export const qty = (contracts: number): UsdContracts => usdContracts(contracts);
/** A moment written as "2026-03-02 09:30" or with seconds, UTC. */
export const time = (text: string): EpochMs => epochMs(Date.parse(`${text.replace(" ", "T")}Z`));
/** A moment some seconds after another. */
export const after = (from: EpochMs, seconds: number): EpochMs => epochMs(from + Math.round(seconds * 1000));

/** Monday. */
export const MONDAY = time("2026-03-02 00:00");
/** A Wednesday noon, far from day and week borders. */
export const NOON = time("2026-03-04 12:00");

export const RATES: FeeRates = { maker: rate(0.0002), taker: rate(0.00055) };

/** A market of which nothing is known. */
export const NO_MARKET: MarketObservation = emptyObservation;

/** A link that has heard and called nothing. */
export const NO_VITALS: Vitals = {
  privateFrameAt: null,
  publicFrameAt: null,
  marketFrameAt: null,
  drops60s: 0,
  restP95: null,
  restTimeoutsInRow: 0,
  restCalls60s: 0,
  restProtectiveCalls60s: 0,
  clockSkewMs: null,
  journalLagMs: 0,
};

export const INSTRUMENT: Instrument = {
  symbol: "BTCUSD",
  contractType: "InversePerpetual",
  status: "Trading",
  tickCents: priceCents(10),
  qtyStep: usdContracts(1),
  minOrderQty: usdContracts(1),
  maxOrderQty: usdContracts(25_000_000),
  maxMarketOrderQty: usdContracts(5_000_000),
  minNotional: usdContracts(1),
  maxLeverageE2: 10_000,
  fundingInterval: durationMs(8 * 3_600_000),
};

export const TIER: RiskTier = { limitPico: 150 * 1e12, maintenanceRate: rate(0.005), initialRate: rate(0.01) };

const STEP = { hour: 3_600_000, day: 86_400_000 };

/** Closed bars up to `end`, each `range` USD wide around `close` USD: their Wilder ATR is exactly `range`. */
export function flatBars(
  kind: "hour" | "day",
  of: { readonly count: number; readonly close: number; readonly range: number; readonly end: EpochMs },
): Bar[] {
  const bars: Bar[] = [];
  const last = Math.floor(of.end / STEP[kind]) * STEP[kind] - STEP[kind];
  for (let i = of.count - 1; i >= 0; i -= 1) {
    bars.push({
      startAt: epochMs(last - i * STEP[kind]),
      open: price(of.close),
      high: price(of.close + of.range / 2),
      low: price(of.close - of.range / 2),
      close: price(of.close),
    });
  }
  return bars;
}
