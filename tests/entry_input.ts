/** What an entry evaluation is given when every gate passes: the tests change one thing at a time. */
import { emptyBarSeries, foldBars } from "../src/application/policy/entry/atr.ts";
import type { EntryInput } from "../src/application/policy/entry/entry_allowed.ts";
import { emptyFeeState } from "../src/application/policy/entry/fee_verification.ts";
import { emptyMakerState } from "../src/application/policy/entry/maker_timeout.ts";
import { emptyMetrics } from "../src/application/policy/risk/metrics_tracker.ts";
import { emptySignalState } from "../src/application/policy/entry/signal_generator.ts";
import { emptyStageState } from "../src/application/policy/entry/stage.ts";
import { defaultTestConfig } from "./config_fixture.ts";
import { btc, flatBars, INSTRUMENT, NOON, price, qty, RATES, TIER, usd } from "./core_values.ts";

const HOURS = foldBars(emptyBarSeries, flatBars("hour", { count: 130, close: 80000, range: 800, end: NOON }), "hour");
/** Daily candles of an ATR of so many percent. */
export const dailyAtr = (pct: number) =>
  foldBars(emptyBarSeries, flatBars("day", { count: 30, close: 80000, range: 800 * pct, end: NOON }), "day");

/** 100 USD at 78,000 with the grid at 80,000 ± 1,600: everything passes and a long is approved. */
export const GOOD_ENTRY: EntryInput = {
  now: NOON,
  config: defaultTestConfig(),
  halt: null,
  killSwitch: false,
  blocks: [],
  emergencyBlock: false,
  degraded: false,
  phaseFlat: true,
  ordersClean: true,
  marketStale: false,
  reconnectLoop: false,
  hedgeMode: false,
  confirmedLeverageE2: 300,
  tradesToday: 0,
  tradesTotal: 0,
  quote: {
    last: price(78000),
    mark: price(78000),
    bid: price(77999.9),
    bidSize: qty(5000),
    ask: price(78000),
    askSize: qty(5000),
  },
  hours: HOURS,
  days: dailyAtr(4),
  equityBtc: btc(100 / 78000),
  equityUsd: usd(100),
  freeBtc: btc(5),
  instrument: INSTRUMENT,
  tier: TIER,
  stage: emptyStageState,
  signals: { ...emptySignalState, anchor: { price: price(80000), at: NOON } },
  fees: { ...emptyFeeState, rates: RATES, readAt: NOON },
  maker: emptyMakerState,
  metrics: emptyMetrics,
};
