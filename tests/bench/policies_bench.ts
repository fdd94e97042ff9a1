/** Cost of the policies on the hot path: a market observation, the price blocks, a full entry evaluation. */
import { type Block, newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { MarketObservation } from "../../src/domain/market.ts";
import { epochMs } from "../../src/domain/units.ts";
import { foldPriceBlocks } from "../../src/application/policy/risk/emergency.ts";
import { evaluateEntry } from "../../src/application/policy/entry/entry_allowed.ts";
import { emptyPriceRing, foldPrice, type PriceRing } from "../../src/application/policy/risk/price_ring.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { GOOD_ENTRY } from "../entry_input.ts";
import { NOON, price } from "../core_values.ts";

const config = defaultTestConfig();
const QUIET = { ...GOOD_ENTRY, quote: { ...GOOD_ENTRY.quote, last: price(80000), mark: price(80000) } };

const OBSERVATION: MarketObservation = {
  ...GOOD_ENTRY.quote,
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
  sink = evaluateEntry(GOOD_ENTRY);
});
if (sink === undefined) throw new Error("nothing was measured");
