import { strict as assert } from "node:assert";
import { signalId } from "../../src/domain/ids.ts";
import type { Config } from "../../src/domain/limits.ts";
import * as signal from "../../src/application/policy/entry/signal_generator.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, NOON, price, time } from "../core_values.ts";

const { strategy, entry } = defaultTestConfig();
const ANCHORED: signal.SignalState = { ...signal.emptySignalState, anchor: { price: price(80000), at: NOON } };
type Seen = Parameters<typeof signal.nextSignal>[1];
const SEEN: Seen = { now: NOON, last: price(80000), atr: price(800), regime: "ranging", strategyName: "grid" };
const next = (some: Partial<Seen>, state = ANCHORED, limits: Config["strategy"] = strategy) =>
  signal.nextSignal(state, { ...SEEN, ...some }, limits);

Deno.test("[P-5 grid_atr_multiple] price one spacing from the reference is a signal, one tick less is none", () => {
  assert.equal(next({ last: price(81600) })?.side, "Sell");
  assert.equal(next({ last: price(81599.9) }), null);
  assert.equal(next({ last: price(78400) })?.side, "Buy");
  assert.equal(next({ last: price(78400.1) }), null);
  assert.equal(next({ last: price(81600) }, ANCHORED, { ...strategy, grid_atr_multiple: 2.01 }), null);
  const sell = next({ last: price(82000) });
  assert.deepEqual([sell?.gridLine, sell?.spacing, sell?.spacingPct], [
    price(81600),
    price(1600),
    (1600 / 82000) * 100,
  ]);
});

Deno.test("[P-5] without anchor, without ATR or with an ATR of 0 there is no signal", () => {
  assert.equal(next({ last: price(90000) }, signal.emptySignalState), null);
  assert.equal(next({ last: price(90000), atr: null }), null);
  assert.equal(next({ last: price(90000), atr: price(0) }), null);
  assert.equal(signal.gridSpacingPct(price(1600), price(0)), null);
  assert.equal(signal.gridSpacingPct(null, price(80000)), null);
  assert.equal(signal.gridSpacing(null, strategy), null);
});

Deno.test("[P-5][F-10.1 signal_bar] a signal belongs to the last bar close and ends at the next", () => {
  const now = time("2026-03-04 12:34:56");
  const hour = next({ last: price(78000), now });
  assert.deepEqual([hour?.barCloseAt, hour?.endsAt], [NOON, time("2026-03-04 13:00")]);
  assert.equal(hour?.signalId, signalId("grid", { barCloseAt: NOON, side: "Buy" }));
  const minute = next({ last: price(78000), now }, ANCHORED, { ...strategy, signal_bar: "1m" });
  assert.deepEqual([minute?.barCloseAt, minute?.endsAt], [time("2026-03-04 12:34"), time("2026-03-04 12:35")]);
});

Deno.test("[P-5] one signal per bar close and side: spent by a fill, not by an order without one", () => {
  const down = { last: price(78000) };
  const first = next(down) ?? never();
  const sent = signal.foldEntrySent(ANCHORED, first);
  assert.equal(next(down, sent)?.generation, 2);
  assert.equal(next(down, signal.foldEntrySent(sent, first))?.generation, 3);
  const filled = signal.foldEntryFilled(sent, "Buy");
  assert.equal(next(down, filled), null);
  assert.equal(next({ last: price(82000) }, filled)?.generation, 1);
  const later = { ...down, now: after(NOON, 3600) };
  assert.equal(next(later, filled)?.generation, 1);
  const again = signal.foldEntrySent(filled, next(later, filled) ?? never());
  assert.deepEqual(again.buy, { barCloseAt: after(NOON, 3600), sent: 1, filled: false });
  assert.equal(signal.foldEntryFilled(ANCHORED, "Buy"), ANCHORED);
  assert.equal(signal.foldEntryFilled(filled, "Buy"), filled);
  assert.equal(signal.foldEntrySent(filled, first).buy?.filled, true);
});

Deno.test("[P-5] a sell signal has its own memory", () => {
  const up = { last: price(82000) };
  const sent = signal.foldEntrySent(ANCHORED, next(up) ?? never());
  assert.deepEqual([next(up, sent)?.generation, sent.sell?.sent, sent.buy], [2, 1, null]);
  assert.equal(next(up, signal.foldEntryFilled(sent, "Sell")), null);
});

Deno.test("[P-5 grid_anchor_max_age_h] the anchor is the first price after warm-up, and moves when older than 24 h", () => {
  const fold = (state: signal.SignalState, hours: number, warm = true, limits = strategy) =>
    signal.foldAnchor(state, { last: price(90000), now: after(NOON, hours * 3600), warm }, limits).anchor?.price;
  assert.equal(fold(signal.emptySignalState, 0), price(90000));
  assert.equal(fold(signal.emptySignalState, 0, false), undefined);
  assert.equal(fold(ANCHORED, 24), price(80000));
  assert.equal(fold(ANCHORED, 24.001), price(90000));
  assert.equal(fold(ANCHORED, 24.001, false), price(80000));
  assert.equal(fold(ANCHORED, 24.001, true, { ...strategy, grid_anchor_max_age_h: 25 }), price(80000));
  const traded = signal.foldAnchorFill(ANCHORED, { price: price(85000), at: after(NOON, 3600) });
  assert.deepEqual(traded.anchor, { price: price(85000), at: after(NOON, 3600) });
});

Deno.test("[P-5 regime_filter] a filtered side has no signal", () => {
  const on = { ...strategy, regime_filter: true };
  assert.equal(next({ last: price(78000), regime: "trending_down" }, ANCHORED, on), null);
  assert.equal(next({ last: price(78000), regime: "trending_up" }, ANCHORED, on)?.side, "Buy");
});

Deno.test("[F-10.6] a signal lives until its next bar close and while price is beyond its grid line", () => {
  const buy = next({ last: price(78000) }) ?? never();
  const lives = (one: signal.Signal, second: number, last: number | null) =>
    signal.signalLives(one, { now: after(NOON, second), last: last === null ? null : price(last) });
  assert.equal(lives(buy, 3599.999, 78400), true);
  assert.equal(lives(buy, 3600, 78400), false);
  assert.equal(lives(buy, 0, 78400.1), false);
  assert.equal(lives(buy, 0, null), false);
  const sell = next({ last: price(82000) }) ?? never();
  assert.equal(lives(sell, 0, 81600), true);
  assert.equal(lives(sell, 0, 81599.9), false);
});

Deno.test("[P-5] a maker entry rests at the best own quote, never beyond the grid line, on the passive tick", () => {
  const buy = next({ last: price(78000) }) ?? never();
  const sell = next({ last: price(82000) }) ?? never();
  const at = (one: signal.Signal, bid: number, ask: number, tick = 0.5) =>
    signal.makerPrice(one, { bid: price(bid), ask: price(ask), tick: price(tick) });
  assert.equal(at(buy, 78000.3, 78010), price(78000));
  assert.equal(at(buy, 78500, 78510), price(78400));
  assert.equal(at(sell, 81990, 82000.3), price(82000.5));
  assert.equal(at(sell, 81000, 81010), price(81600));
  assert.equal(signal.makerPrice(buy, { bid: null, ask: price(1), tick: price(0.5) }), null);
  assert.equal(signal.makerPrice(sell, { bid: price(1), ask: price(0), tick: price(0.5) }), null);
  assert.equal(signal.makerPrice(sell, { bid: price(1), ask: price(0.01), tick: price(0.5) }), price(81600));
  assert.equal(at(buy, 0.3, 78010), null);
});

Deno.test("[P-5][F-10.6 taker_cross_pct] a taker entry crosses the best opposite quote by at most 0.1 %", () => {
  const quotes = { bid: price(79990), ask: price(80000), tick: price(0.1) };
  assert.equal(signal.takerPrice("Buy", quotes, entry), price(80080));
  assert.equal(signal.takerPrice("Sell", quotes, entry), price(79910.1));
  assert.equal(signal.takerPrice("Buy", quotes, { ...entry, taker_cross_pct: 0.2 }), price(80160));
  assert.equal(signal.takerPrice("Buy", { ...quotes, ask: null }, entry), null);
  assert.equal(signal.takerPrice("Buy", { ...quotes, ask: price(0.09) }, entry), null);
  assert.equal(signal.takerPrice("Buy", { ...quotes, ask: price(0.1) }, entry), price(0.1));
  assert.equal(signal.takerPrice("Sell", { ...quotes, bid: price(0) }, entry), null);
});

Deno.test("[P-5] a Buy signal opens a long, a Sell signal a short", () => {
  assert.deepEqual([signal.signalDirection({ side: "Buy" }), signal.signalDirection({ side: "Sell" })], [
    "long",
    "short",
  ]);
});

function never(): never {
  throw new Error("no signal");
}
