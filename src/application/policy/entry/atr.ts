import type { Bar } from "../../../domain/market.ts";
import { type PriceCents, priceCents } from "../../../domain/units.ts";
import type { BarSeries } from "../../../domain/slices.ts";

export type { BarSeries } from "../../../domain/slices.ts";

export type SeriesKind = "hour" | "day";

const LENGTH = 14;
const KEPT = 200;
const RANKED = 100;
const SMA = 20;
const STEP_MS = { hour: 3_600_000, day: 86_400_000 };
/** Fewer hourly bars than this ⇒ `atr_unavailable`; daily ones need 15, which fourteen ranges need anyway (P-1). */
const HOURS_NEEDED = 115;

export const emptyBarSeries: BarSeries = { bars: [], atr: null, atrPercentile: null, slopePct: null };

function isUsable(bar: Bar): boolean {
  return bar.low > 0 && bar.high >= bar.low && bar.close > 0;
}

function merged(old: readonly Bar[], added: readonly Bar[]): readonly Bar[] {
  const [only] = added;
  const newest = old[old.length - 1];
  // The usual case, one bar newer than all, needs no table and no sorting (hot path).
  if (added.length === 1 && only !== undefined && newest !== undefined && only.startAt > newest.startAt) {
    return isUsable(only) ? [...old, only] : old;
  }
  const byStart = new Map<number, Bar>();
  for (const bar of old) byStart.set(bar.startAt, bar);
  for (const bar of added) if (isUsable(bar)) byStart.set(bar.startAt, bar);
  return [...byStart.values()].sort((a, b) => a.startAt - b.startAt);
}

/** The newest bars without a hole: an average across a hole would be of another market (P-1). */
function contiguousTail(bars: readonly Bar[], step: number): readonly Bar[] {
  let from = bars.length - 1;
  while (from > 0 && bars.length - from < KEPT) {
    const [earlier, later] = [bars[from - 1], bars[from]];
    if (earlier === undefined || later === undefined || later.startAt - earlier.startAt !== step) break;
    from -= 1;
  }
  return bars.slice(Math.max(0, from));
}

/** Wilder ATR(14) of each bar from the fifteenth on, seeded by the mean of the first 14 true ranges. Cents (P-1). */
export function wilderAtr(bars: readonly Bar[]): readonly number[] {
  const values: number[] = [];
  let seed = 0;
  for (let i = 1; i < bars.length; i += 1) {
    const [before, bar] = [bars[i - 1], bars[i]];
    if (before === undefined || bar === undefined) continue;
    const range = Math.max(bar.high, before.close) - Math.min(bar.low, before.close);
    const last = values[values.length - 1];
    if (last !== undefined) values.push((last * (LENGTH - 1) + range) / LENGTH);
    else {
      seed += range;
      if (i === LENGTH) values.push(seed / LENGTH);
    }
  }
  return values;
}

function percentileOf(values: readonly number[]): number | null {
  const current = values[values.length - 1];
  if (current === undefined || values.length <= RANKED) return null;
  const before = values.slice(-RANKED - 1, -1);
  return (before.filter((value) => value < current).length / RANKED) * 100;
}

function slopeOf(bars: readonly Bar[]): number | null {
  if (bars.length <= SMA) return null;
  const sum = (list: readonly Bar[]) => list.reduce((total, bar) => total + bar.close, 0);
  const before = sum(bars.slice(-SMA - 1, -1));
  return ((sum(bars.slice(-SMA)) - before) / before) * 100;
}

/** Folds closed bars; the same bars again change nothing (P-1, P-6). */
export function foldBars(series: BarSeries, added: readonly Bar[], kind: SeriesKind): BarSeries {
  const bars = contiguousTail(merged(series.bars, added), STEP_MS[kind]);
  const same = bars.length === series.bars.length && bars.every((bar, i) => bar === series.bars[i]);
  if (same) return series;
  const values = kind === "hour" && bars.length < HOURS_NEEDED ? [] : wilderAtr(bars);
  return {
    bars,
    atr: values[values.length - 1] ?? null,
    atrPercentile: kind === "hour" ? percentileOf(values) : null,
    slopePct: kind === "hour" ? slopeOf(bars) : null,
  };
}

/** `atr_grid` in whole cents, nearest; null = `atr_unavailable` (P-1). */
export function atrGrid(hours: BarSeries): PriceCents | null {
  return hours.atr === null ? null : priceCents(Math.round(hours.atr));
}

/** `atr_pct_24h` = daily ATR ÷ last daily close, percent; null = `atr_unavailable` (P-1). */
export function atrPct24h(days: BarSeries): number | null {
  const close = days.bars[days.bars.length - 1]?.close;
  return days.atr === null || close === undefined ? null : (days.atr / close) * 100;
}
