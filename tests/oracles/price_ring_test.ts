import { strict as assert } from "node:assert";
import type { MarketObservation } from "../../src/domain/market.ts";
import type { EpochMs } from "../../src/domain/units.ts";
import {
  changesAt,
  emptyPriceRing,
  fillPast,
  foldPrice,
  lastPrice,
  type PriceRing,
} from "../../src/application/policy/risk/price_ring.ts";
import { after, NO_MARKET, NOON, price } from "../core_values.ts";

const seen = (last: number, extremes: { min?: number; max?: number } = {}): MarketObservation => ({
  ...NO_MARKET,
  last: price(last),
  lastMin: price(extremes.min ?? last),
  lastMax: price(extremes.max ?? last),
});
const run = (rows: readonly [second: number, last: number][]): PriceRing =>
  rows.reduce((ring, [second, last]) => foldPrice(ring, seen(last), after(NOON, second)), emptyPriceRing);
const at = (second: number): EpochMs => after(NOON, second);

Deno.test("[P-1] the 1-minute reference is the newest observation at least 60 s old", () => {
  const ring = run([[0, 100], [10, 200], [60, 300]]);
  assert.equal(changesAt(ring, at(60)).low1m, 200);
  assert.equal(changesAt(ring, at(69.999)).low1m, 200);
  assert.equal(changesAt(ring, at(70)).low1m, 50);
  assert.equal(changesAt(run([[0, 100], [59.999, 200]]), at(59.999)).low1m, null);
});

Deno.test("[P-1][F-7.12] a 1-minute reference older than 120 s is unknown, one of 120 s is not", () => {
  const ring = run([[0, 100], [110, 90]]);
  assert.equal(changesAt(ring, at(120)).low1m, -10);
  assert.equal(changesAt(ring, at(120.001)).low1m, null);
  assert.equal(changesAt(ring, at(170)).low1m, 0);
});

Deno.test("[P-1] the 5-minute reference is at least 300 s and at most 420 s old", () => {
  const ring = run([[0, 100], [299, 80]]);
  assert.equal(changesAt(ring, at(299.999)).low5m, null);
  assert.equal(changesAt(ring, at(300)).low5m, -20);
  assert.equal(changesAt(ring, at(420)).low5m, -20);
  assert.equal(changesAt(ring, at(420.001)).low5m, null);
});

Deno.test("[P-1][F-4.6] minimum and maximum since the previous observation count as now", () => {
  const ring = foldPrice(run([[0, 100]]), seen(100, { min: 89, max: 112 }), at(60));
  const { low1m, high1m } = ring.changes;
  assert.deepEqual([low1m, high1m].map((change) => Math.round(change ?? 0)), [-11, 12]);
  const next = foldPrice(ring, seen(100), at(61));
  assert.deepEqual([next.changes.low1m, next.changes.high1m], [0, 0]);
  const deep = foldPrice(run([[0, 100]]), seen(100, { min: 0.01 }), at(60));
  assert.equal(deep.changes.low1m, -99.99);
  const wrong = foldPrice(
    run([[0, 100]]),
    { ...NO_MARKET, last: price(100), lastMin: price(0), lastMax: null },
    at(60),
  );
  assert.deepEqual([wrong.changes.low1m, wrong.changes.high1m], [0, 0]);
});

Deno.test("[P-1] a price that stands still is one run, but never across more than 60 s of silence", () => {
  const still = run(Array.from({ length: 100 }, (_, i): [number, number] => [i, 100]));
  assert.equal(still.tail.length, 1);
  assert.equal(run([[0, 100], [60, 100]]).tail.length, 1);
  assert.equal(run([[0, 100], [60.001, 100]]).tail.length, 2);
  assert.equal(still.tail.at(-1)?.to, at(99));
  assert.equal(lastPrice(still), price(100));
  assert.equal(lastPrice(emptyPriceRing), null);
  assert.equal(changesAt(emptyPriceRing, NOON).low1m, null);
});

Deno.test("[P-1] an observation without a last price changes nothing", () => {
  const ring = run([[0, 100]]);
  assert.equal(foldPrice(ring, NO_MARKET, at(5)), ring);
  assert.equal(foldPrice(ring, { ...NO_MARKET, last: price(0) }, at(5)), ring);
});

Deno.test("[P-1] the ring stays bounded whatever the venue sends, and still answers after a long run", () => {
  let ring = emptyPriceRing;
  let most = 0;
  for (let i = 0; i < 12_000; i += 1) {
    ring = foldPrice(ring, seen(100 + (i % 7)), at(i * 0.05));
    most = Math.max(most, ring.chunks.length);
  }
  assert.ok(most <= 60, `${most} chunks`);
  assert.ok(most >= 40, `${most} chunks keep seven minutes`);
  assert.notEqual(ring.changes.low5m, null);
});

Deno.test("[P-1] prices closer than 250 ms share a run, which keeps the newer price", () => {
  assert.deepEqual(run([[0, 100], [1, 101], [1.249, 102]]).tail.map((one) => one.price), [price(100), price(102)]);
  assert.equal(run([[0, 100], [1, 101], [1.25, 102]]).tail.length, 3);
});

Deno.test("[P-1][F-7.12] past minute closes stand behind what was observed, never in its place", () => {
  const live = run([[301, 104], [302, 105]]);
  const past = [0, 60, 120, 180, 240, 300, 360].map((second, i) => ({ at: at(second), price: price(100 + i) }));
  const filled = fillPast(live, past, at(302));
  assert.deepEqual(filled.changes, { low1m: 100 / 104, high1m: 100 / 104, low5m: 5, high5m: 5 });
  assert.equal(lastPrice(filled), price(105));
  assert.equal(changesAt(filled, at(361)).low1m, 100 / 104);
  assert.equal(fillPast(filled, past, at(302)), filled);
  assert.equal(lastPrice(fillPast(emptyPriceRing, past, at(302))), price(105));
});

Deno.test("[P-1][F-11.1] past minute closes fill the silence between two processes", () => {
  const before = run(Array.from({ length: 40 }, (_, i): [number, number] => [i, 100 + i]));
  const after = foldPrice(before, seen(80), at(400));
  assert.equal(after.changes.low1m, null);
  const past = [60, 120, 180, 240, 300, 360].map((second) => ({ at: at(second), price: price(90) }));
  const filled = fillPast(after, past, at(400));
  assert.deepEqual(filled.changes.low1m, changesAt(run([[0, 90], [60, 80]]), at(60)).low1m);
  assert.equal(filled.changes.low5m, after.changes.low5m);
  // A minute that ended within 60 s of an observation adds nothing to it.
  assert.equal([...filled.chunks.flat(), ...filled.tail].filter((one) => one.from === at(60)).length, 0);
});
