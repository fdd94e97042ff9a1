import type { Config } from "../../../domain/limits.ts";
import type { Side } from "../../../domain/orders.ts";
import { type EpochMs, epochMs, type PriceCents, priceCents } from "../../../domain/units.ts";
import { directionOf, ticksPassive } from "../../../domain/inverse.ts";
import { signalId } from "../../../domain/ids.ts";
import { regimeDrops } from "./market_regime.ts";
import type { MarketRegime } from "../../../domain/words.ts";
import type { SignalState, SignalUse } from "../../../domain/slices.ts";

export type { SignalState, SignalUse } from "../../../domain/slices.ts";

export type Signal = {
  readonly signalId: string;
  readonly side: Side;
  readonly barCloseAt: EpochMs;
  /** The next bar close: the signal's end (F-10.6). */
  readonly endsAt: EpochMs;
  readonly gridLine: PriceCents;
  readonly spacing: PriceCents;
  /** Percent of the price at the decision. */
  readonly spacingPct: number;
  /** Generation the next order of this signal carries (F-10.3). */
  readonly generation: number;
};

export const emptySignalState: SignalState = { anchor: null, buy: null, sell: null };

const BAR_MS = { "1m": 60_000, "1h": 3_600_000 };
const HOUR_MS = 3_600_000;

/** Grid spacing in whole cents: `atr_grid × grid_atr_multiple`; null when ATR is missing (P-5). */
export function gridSpacing(atr: PriceCents | null, strategy: Config["strategy"]): PriceCents | null {
  return atr === null ? null : priceCents(Math.round(atr * strategy.grid_atr_multiple));
}

/** Distance of the target from the entry for a spacing, in cents or percent: `target_spacing_multiple`, usually 1 (P-5). */
export function targetDistance(spacing: number, strategy: Config["strategy"]): number {
  return spacing * (strategy.target_spacing_multiple ?? 1);
}

/** Grid spacing as percent of a price; null when ATR is missing (P-5). */
export function gridSpacingPct(spacing: PriceCents | null, price: PriceCents): number | null {
  return spacing === null || price <= 0 ? null : (spacing / price) * 100;
}

/**
 * Keeps the reference price: the first price after warm-up when there is none, the current price when the anchor is
 * older than `grid_anchor_max_age_h` without a trade (P-5 ruling). `warm` = ATR is there.
 */
export function foldAnchor(
  state: SignalState,
  seen: { readonly last: PriceCents; readonly now: EpochMs; readonly warm: boolean },
  strategy: Config["strategy"],
): SignalState {
  if (!seen.warm) return state;
  const maxAge = strategy.grid_anchor_max_age_h * HOUR_MS;
  if (state.anchor !== null && seen.now - state.anchor.at <= maxAge) return state;
  return { ...state, anchor: { price: seen.last, at: seen.now } };
}

/** The last fill price becomes the reference (P-5). */
export function foldAnchorFill(
  state: SignalState,
  fill: { readonly price: PriceCents; readonly at: EpochMs },
): SignalState {
  return { ...state, anchor: { price: fill.price, at: fill.at } };
}

function useOf(state: SignalState, side: Side): SignalUse | null {
  return side === "Buy" ? state.buy : state.sell;
}
function withUse(state: SignalState, side: Side, use: SignalUse): SignalState {
  return side === "Buy" ? { ...state, buy: use } : { ...state, sell: use };
}

/** Counts an entry order sent for a signal, which fixes the next generation (F-10.3). */
export function foldEntrySent(state: SignalState, signal: Pick<Signal, "side" | "barCloseAt">): SignalState {
  const use = useOf(state, signal.side);
  const sent = use !== null && use.barCloseAt === signal.barCloseAt ? use.sent + 1 : 1;
  const filled = use !== null && use.barCloseAt === signal.barCloseAt && use.filled;
  return withUse(state, signal.side, { barCloseAt: signal.barCloseAt, sent, filled });
}

/** The newest signal of a side has become a trade: no second one for the same bar and side (P-5). */
export function foldEntryFilled(state: SignalState, side: Side): SignalState {
  const use = useOf(state, side);
  return use === null || use.filled ? state : withUse(state, side, { ...use, filled: true });
}

function sideBeyond(
  last: PriceCents,
  grid: { readonly anchor: PriceCents; readonly spacing: PriceCents },
): Side | null {
  if (last >= grid.anchor + grid.spacing) return "Sell";
  if (last <= grid.anchor - grid.spacing) return "Buy";
  return null;
}

/** The signal of this moment, or null: price beyond the grid, once per (bar close, side) (P-5, F-10.1). */
export function nextSignal(
  state: SignalState,
  seen: {
    readonly now: EpochMs;
    readonly last: PriceCents;
    readonly atr: PriceCents | null;
    readonly regime: MarketRegime;
    readonly strategyName: string;
  },
  strategy: Config["strategy"],
): Signal | null {
  const spacing = gridSpacing(seen.atr, strategy);
  const spacingPct = gridSpacingPct(spacing, seen.last);
  if (state.anchor === null || spacing === null || spacing <= 0 || spacingPct === null) return null;
  const side = sideBeyond(seen.last, { anchor: state.anchor.price, spacing });
  if (side === null || regimeDrops(seen.regime, side, strategy)) return null;
  const bar = BAR_MS[strategy.signal_bar];
  const barCloseAt = epochMs(Math.floor(seen.now / bar) * bar);
  const use = useOf(state, side);
  const used = use !== null && use.barCloseAt === barCloseAt ? use : null;
  if (used?.filled === true) return null;
  const line = side === "Sell" ? state.anchor.price + spacing : state.anchor.price - spacing;
  return {
    signalId: signalId(seen.strategyName, { barCloseAt, side }),
    side,
    barCloseAt,
    endsAt: epochMs(barCloseAt + bar),
    gridLine: priceCents(line),
    spacing,
    spacingPct,
    generation: (used?.sent ?? 0) + 1,
  };
}

/** True while a signal may still be acted on: before the next bar close and price beyond its grid line (F-10.6). */
export function signalLives(
  signal: Pick<Signal, "side" | "endsAt" | "gridLine">,
  seen: { readonly now: EpochMs; readonly last: PriceCents | null },
): boolean {
  if (seen.now >= signal.endsAt || seen.last === null) return false;
  return signal.side === "Buy" ? seen.last <= signal.gridLine : seen.last >= signal.gridLine;
}

/** Best quotes and tick an entry price is made from; null = not known. */
export type Quotes = { readonly bid: PriceCents | null; readonly ask: PriceCents | null; readonly tick: PriceCents };

/** Maker price: best quote of the own side, never beyond the grid line, on the passive tick; null without a quote (P-5). */
export function makerPrice(signal: Pick<Signal, "side" | "gridLine">, quotes: Quotes): PriceCents | null {
  const best = signal.side === "Buy" ? quotes.bid : quotes.ask;
  if (best === null || best <= 0) return null;
  const price = signal.side === "Buy" ? Math.min(best, signal.gridLine) : Math.max(best, signal.gridLine);
  const onTick = ticksPassive(price, { side: signal.side, tick: quotes.tick });
  return onTick > 0 ? onTick : null;
}

/** Taker price: best opposite quote ± `taker_cross_pct`, never further; null without a quote (P-5, F-10.6). */
export function takerPrice(side: Side, quotes: Quotes, entry: Config["entry"]): PriceCents | null {
  const best = side === "Buy" ? quotes.ask : quotes.bid;
  if (best === null) return null;
  const cross = (best * entry.taker_cross_pct) / 100;
  const onTick = ticksPassive(side === "Buy" ? best + cross : best - cross, { side, tick: quotes.tick });
  return onTick > 0 ? onTick : null;
}

/** Direction a signal opens. */
export function signalDirection(signal: Pick<Signal, "side">) {
  return directionOf(signal.side);
}
