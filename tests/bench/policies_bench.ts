/** Cost of the policies on the hot path: a market observation, the price blocks, a full entry evaluation. */
import { type Block, newBlock } from "../../src/domain/lids.ts";
import type { MarketObservation } from "../../src/domain/market.ts";
import { epochMs } from "../../src/domain/units.ts";
import { emptyBarSeries, foldBars } from "../../src/application/atr.ts";
import { foldPriceBlocks } from "../../src/application/emergency.ts";
import { type EntryInput, evaluateEntry } from "../../src/application/entry_allowed.ts";
import { emptyFeeState } from "../../src/application/fee_verification.ts";
import { emptyMakerState } from "../../src/application/maker_timeout.ts";
import { emptyMetrics } from "../../src/application/metrics_tracker.ts";
import { emptyPriceRing, foldPrice, type PriceRing } from "../../src/application/price_ring.ts";
import { emptySignalState } from "../../src/application/signal_generator.ts";
import { emptyStageState } from "../../src/application/stage.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { btc, flatBars, INSTRUMENT, NOON, price, qty, RATES, TIER, usd } from "../core_values.ts";

const config = defaultTestConfig();
const HOURS = foldBars(emptyBarSeries, flatBars("hour", { count: 200, close: 80000, range: 800, end: NOON }), "hour");
const DAYS = foldBars(emptyBarSeries, flatBars("day", { count: 200, close: 80000, range: 3200, end: NOON }), "day");
const quote = { bid: price(77999.9), bidSize: qty(5000), ask: price(78000), askSize: qty(5000) };
const INPUT: EntryInput = {
  now: NOON,
  config,
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
  quote: { ...quote, last: price(78000), mark: price(78000) },
  hours: HOURS,
  days: DAYS,
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
const QUIET: EntryInput = { ...INPUT, quote: { ...quote, last: price(80000), mark: price(80000) } };

const OBSERVATION: MarketObservation = {
  ...quote,
  last: price(80000),
  lastMin: price(79999),
  lastMax: price(80001),
  mark: price(80000),
  markMin: price(80000),
  markMax: price(80000),
  index: price(80000),
  fundingRate: null,
  nextFundingAt: null,
};

let ring: PriceRing = emptyPriceRing;
let at: number = NOON;
let sink: unknown = null;

Deno.bench("price ring: one observation, 7 minutes kept", () => {
  at += 300;
  ring = foldPrice(ring, { ...OBSERVATION, last: price(80000 + (at % 7)) }, epochMs(at));
});

const NO_BLOCKS: readonly Block[] = [];
Deno.bench("price blocks: nothing to do", () => {
  sink = foldPriceBlocks(NO_BLOCKS, { changes: ring.changes, now: NOON }, config.safety);
});
const ONE_BLOCK = [newBlock("price_drop_1m", { since: NOON, until: NOON })];
Deno.bench("price blocks: one running", () => {
  sink = foldPriceBlocks(ONE_BLOCK, { changes: ring.changes, now: NOON }, config.safety);
});

Deno.bench("entry evaluation: no signal", () => {
  sink = evaluateEntry(QUIET);
});
Deno.bench("entry evaluation: signal, sized, approved", () => {
  sink = evaluateEntry(INPUT);
});
if (sink === undefined) throw new Error("nothing was measured");
