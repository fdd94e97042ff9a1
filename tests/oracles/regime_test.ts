import { strict as assert } from "node:assert";
import type { Bar } from "../../src/domain/market.ts";
import { epochMs, priceCents } from "../../src/domain/units.ts";
import { atrGrid, atrPct24h, emptyBarSeries, foldBars, wilderAtr } from "../../src/application/policy/entry/atr.ts";
import { marketRegime, regimeDrops } from "../../src/application/policy/entry/market_regime.ts";
import type { MarketRegime } from "../../src/domain/words.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { flatBars, NOON, price } from "../core_values.ts";

const { strategy } = defaultTestConfig();
const hours = (count: number) => flatBars("hour", { count, close: 80000, range: 800, end: NOON });
const days = (count: number) => flatBars("day", { count, close: 80000, range: 3200, end: NOON });
const bar = (hour: number, low: number, high: number, close: number): Bar => ({
  startAt: epochMs(hour * 3_600_000),
  open: price(close),
  high: price(high),
  low: price(low),
  close: price(close),
});

Deno.test("[P-1] Wilder ATR(14) is seeded by the mean of 14 true ranges and smoothed by 1/14", () => {
  const bars = [bar(0, 90, 110, 100)];
  for (let i = 1; i <= 14; i += 1) bars.push(bar(i, 100, 100 + i, 100));
  bars.push(bar(15, 100, 121, 100));
  const values = wilderAtr(bars);
  assert.deepEqual(values, [750, (750 * 13 + 2100) / 14]);
});

Deno.test("[P-1] the true range counts the gap from the previous close", () => {
  const up = [bar(0, 90, 110, 100), ...Array.from({ length: 14 }, (_, i) => bar(i + 1, 104, 105, 100))];
  assert.deepEqual(wilderAtr(up), [500]);
  const down = [bar(0, 90, 110, 100), ...Array.from({ length: 14 }, (_, i) => bar(i + 1, 95, 96, 100))];
  assert.deepEqual(wilderAtr(down), [500]);
});

Deno.test("[P-1] fewer than 115 hourly or 15 daily bars: atr_unavailable", () => {
  assert.equal(atrGrid(foldBars(emptyBarSeries, hours(114), "hour")), null);
  assert.equal(atrGrid(foldBars(emptyBarSeries, hours(115), "hour")), price(800));
  assert.equal(atrPct24h(foldBars(emptyBarSeries, days(14), "day")), null);
  assert.equal(atrPct24h(foldBars(emptyBarSeries, days(15), "day")), 4);
  assert.equal(atrPct24h(emptyBarSeries), null);
});

Deno.test("[P-1] only the last 200 closed bars count, whatever came before", () => {
  const wild = flatBars("hour", { count: 200, close: 80000, range: 8000, end: epochMs(NOON - 200 * 3_600_000) });
  const series = foldBars(foldBars(emptyBarSeries, wild, "hour"), hours(200), "hour");
  assert.equal(series.bars.length, 200);
  assert.equal(atrGrid(series), price(800));
});

Deno.test("[P-1] bars come in any order and twice, and change nothing when they are the same", () => {
  const once = foldBars(emptyBarSeries, hours(130), "hour");
  const shuffled = foldBars(foldBars(emptyBarSeries, hours(60), "hour"), hours(130).toReversed(), "hour");
  assert.deepEqual(shuffled, once);
  assert.equal(foldBars(once, once.bars, "hour"), once);
  assert.equal(foldBars(once, [], "hour"), once);
});

Deno.test("[P-1] bars across a hole do not count, and a bar that is none is ignored", () => {
  const all = hours(130);
  const torn = [...all.slice(0, 10), ...all.slice(11)];
  const series = foldBars(emptyBarSeries, torn, "hour");
  assert.equal(series.bars.length, 119);
  assert.deepEqual(foldBars(series, all, "hour"), foldBars(emptyBarSeries, all, "hour"));
  const last = all[129] ?? never();
  const bad: Bar[] = [{ ...last, low: priceCents(0) }, { ...last, high: priceCents(1) }, {
    ...last,
    close: priceCents(0),
  }];
  const whole = foldBars(emptyBarSeries, all, "hour");
  for (const one of bad) assert.equal(foldBars(whole, [one], "hour"), whole);
});

Deno.test("[P-6] the percentile ranks the current ATR among the 100 before it, the slope is of SMA(20)", () => {
  const calm = foldBars(emptyBarSeries, hours(115), "hour");
  assert.deepEqual([calm.atrPercentile, calm.slopePct], [0, 0]);
  const next = hours(115).at(-1) ?? never();
  const wide: Bar = { ...next, startAt: epochMs(next.startAt + 3_600_000), high: price(84000), close: price(81600) };
  const moved = foldBars(calm, [wide], "hour");
  assert.equal(moved.atrPercentile, 100);
  assert.equal(Math.round((moved.slopePct ?? 0) * 1e6), 100_000);
  const back: Bar = { ...next, startAt: epochMs(next.startAt + 7_200_000), low: price(81500), high: price(81600) };
  assert.equal(foldBars(moved, [back], "hour").atrPercentile, 99);
  assert.equal(foldBars(emptyBarSeries, days(30), "day").atrPercentile, null);
  assert.equal(foldBars(emptyBarSeries, hours(20), "hour").slopePct, null);
  assert.equal(foldBars(emptyBarSeries, hours(21), "hour").slopePct, 0);
});

Deno.test("[P-6 regime_high_vol_percentile regime_trend_percentile regime_slope_pct] regimes in their order", () => {
  const rows: [percentile: number | null, slope: number | null, regime: MarketRegime][] = [
    [80, 5, "high_vol"],
    [79.9, 5, "ranging"],
    [49.9, 0.11, "trending_up"],
    [50, 0.11, "ranging"],
    [49.9, 0.1, "ranging"],
    [49.9, -0.11, "trending_down"],
    [49.9, -0.1, "ranging"],
    [50, -0.11, "ranging"],
    [null, 0, "unknown"],
    [0, null, "unknown"],
  ];
  for (const [atrPercentile, slopePct, regime] of rows) {
    assert.equal(marketRegime({ atrPercentile, slopePct }, strategy), regime, `${atrPercentile} ${slopePct}`);
  }
  const other = { ...strategy, regime_high_vol_percentile: 81, regime_trend_percentile: 81, regime_slope_pct: 0.2 };
  assert.equal(marketRegime({ atrPercentile: 80, slopePct: 0.21 }, other), "trending_up");
  assert.equal(marketRegime({ atrPercentile: 80, slopePct: 0.2 }, other), "ranging");
});

Deno.test("[P-5 regime_filter] the filter drops longs down-trend, shorts up-trend, both in high volatility", () => {
  const on = { ...strategy, regime_filter: true };
  const dropped = (regime: MarketRegime) => [regimeDrops(regime, "Buy", on), regimeDrops(regime, "Sell", on)];
  assert.deepEqual(dropped("high_vol"), [true, true]);
  assert.deepEqual(dropped("unknown"), [true, true]);
  assert.deepEqual(dropped("trending_up"), [false, true]);
  assert.deepEqual(dropped("trending_down"), [true, false]);
  assert.deepEqual(dropped("ranging"), [false, false]);
  assert.equal(regimeDrops("high_vol", "Buy", strategy), false);
});

function never(): never {
  throw new Error("no bar");
}
