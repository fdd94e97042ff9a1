import type { Bar, FeeRates } from "./market.ts";
import type { EpochMs, MicroUsd, PicoBtc, PriceCents } from "./units.ts";

/** The memories of the policies, as parts of the bot. Each is written by the policy of its name in application. */

export type PriceRun = { readonly price: PriceCents; readonly from: EpochMs; readonly to: EpochMs };
/** Changes in percent by extremes since the previous observation; null = unknown (P-1). */
export type PriceChanges = {
  readonly low1m: number | null;
  readonly high1m: number | null;
  readonly low5m: number | null;
  readonly high5m: number | null;
};
/** History of the last traded price for the 1- and 5-minute changes (P-1); see price_ring. */
export type PriceRing = {
  /** Full chunks, oldest first. */
  readonly chunks: readonly (readonly PriceRun[])[];
  /** The chunk being filled; never empty once a price was seen. */
  readonly tail: readonly PriceRun[];
  readonly changes: PriceChanges;
};

/** Closed bars of one interval with everything derived from them, recomputed only when the bars change (P-1, P-6). */
export type BarSeries = {
  /** Oldest first, at most 200, without a gap. */
  readonly bars: readonly Bar[];
  /** Wilder ATR(14) in cents, not rounded; null = too few bars. */
  readonly atr: number | null;
  /** Share of the 100 ATR values before the current one that lie below it, 0 … 100; null = too few. */
  readonly atrPercentile: number | null;
  /** Change of SMA(20) of closes over one bar, percent; null = too few. */
  readonly slopePct: number | null;
};

/** One UTC day or week: where it began, the equity it is judged against, and what was realised in it (F-8, P-11). */
export type RiskSpan = {
  readonly startAt: EpochMs;
  /** First equity after the start; null until one is known. */
  readonly equity: MicroUsd | null;
  readonly realised: MicroUsd;
};
/** Session risk counters; they survive restarts and resets (F-8.11). */
export type SessionRiskState = {
  readonly day: RiskSpan | null;
  readonly week: RiskSpan | null;
  readonly lossStreak: number;
  readonly feeSpikes: number;
  /** Moments of large slippage, newest last, at most `slippage_count`. */
  readonly slippages: readonly EpochMs[];
  /** Losses of an established session, newest last, at most `reconnect_loop_count`. */
  readonly linkLosses: readonly EpochMs[];
  readonly tradesToday: number;
};

/** The bot's own money (P-1): fixed base, external flows, and everything it realised itself since. 10⁻¹² BTC. */
export type CapitalState = {
  readonly base: PicoBtc | null;
  /** Net of own fees and funding. */
  readonly realised: PicoBtc;
  /** Newest wallet balance; null = not read. */
  readonly wallet: PicoBtc | null;
  /** Wallet balance and own realised at the last agreement; null before the first read. */
  readonly agreed: { readonly wallet: PicoBtc; readonly realised: PicoBtc } | null;
  /** Since when the wallet differs from what our own bookings explain, or null (F-7.16). */
  readonly unexplainedSince: EpochMs | null;
};

/** Updates in a row with equity below the floor, ≥ 1 s apart (F-7.4). */
export type EquityWatch = { readonly below: number; readonly countedAt: EpochMs | null };
/** Reads of the wallet: last good one, and failed ones in a row ≥ 5 s apart (F-7.3). */
export type WalletWatch = {
  readonly okAt: EpochMs | null;
  readonly failures: number;
  readonly failedAt: EpochMs | null;
};

/** Closed trades as P-9 sees them. */
export type MetricsState = {
  /** Closed trades since the start or the last fresh window (F-13.2). */
  readonly closed: number;
  /** Newest last, at most `winrate_window`; true = win. */
  readonly recent: readonly boolean[];
  /** Wins in a row (> 0) or losses in a row (< 0). */
  readonly streak: number;
  readonly streakMultiplier: number;
};

/** Rejections of entry orders in a row (F-9). */
export type RejectionState = { readonly inRow: number };

/** Maker timeouts of the newest signal, and taker entries of the day (F-10.6). */
export type MakerState = {
  readonly signalId: string | null;
  readonly timeouts: number;
  readonly takerDay: EpochMs | null;
  readonly takersSent: number;
};

/** What the goal is judged from (P-2). Goal and floor may be replaced by an accepted reset (F-13.2). */
export type GoalState = {
  readonly startedAt: EpochMs | null;
  readonly everLiquidated: boolean;
  /** Flag `strategy_review_required` (P-2). */
  readonly reviewRequired: boolean;
  readonly goalUsd: number | null;
  readonly floorUsd: number | null;
};

/** Cached account rates and the tightening after a fee spike (P-10). */
export type FeeState = {
  readonly rates: FeeRates | null;
  readonly readAt: EpochMs | null;
  readonly tightUntil: EpochMs | null;
};

/** What was sent for the newest signal of one side: its bar, the orders so far, and whether one of them filled. */
export type SignalUse = { readonly barCloseAt: EpochMs; readonly sent: number; readonly filled: boolean };
/** The grid's memory (P-5). */
export type SignalState = {
  readonly anchor: { readonly price: PriceCents; readonly at: EpochMs } | null;
  readonly buy: SignalUse | null;
  readonly sell: SignalUse | null;
};

export type Stage = 1 | 2 | 3;
/** Stage of the newest evaluation, and the moments it differed between evaluations with a signal (P-3). */
export type StageState = {
  readonly candidate: Stage | null;
  /** Stage of the newest evaluation with a signal: only these count as changes. */
  readonly signalled: Stage | null;
  /** Newest last; never more than `stage_flap_max` + 1. */
  readonly changes: readonly EpochMs[];
};
