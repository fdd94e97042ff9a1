import type { Config } from "../../../domain/limits.ts";
import { type Block, newBlock } from "../../../domain/halts_and_blocks.ts";
import { usdDown } from "../../../domain/inverse.ts";
import {
  type EpochMs,
  epochMs,
  type MicroUsd,
  microUsd,
  type PicoBtc,
  type PriceCents,
} from "../../../domain/units.ts";
import type { RiskSpan, SessionRiskState } from "../../../domain/slices.ts";

export type { RiskSpan, SessionRiskState } from "../../../domain/slices.ts";

/** One closed trade as the streak rules see it; its money is counted by `foldRealised`. */
export type RiskTrade = {
  /** Gross − fees − funding. */
  readonly net: PicoBtc;
  /** Null = not judged (P-10). */
  readonly feeRatio: number | null;
};

export type RiskStep = { readonly risk: SessionRiskState; readonly blocks: readonly Block[] };

export const emptySessionRisk: SessionRiskState = {
  day: null,
  week: null,
  lossStreak: 0,
  feeSpikes: 0,
  slippages: [],
  linkLosses: [],
  tradesToday: 0,
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Both sockets lost within this time are one loss (F-8.7). */
const ONE_LOSS_MS = 5_000;
/** "Until 00:00" is never shorter than this (F-8). */
const SHORTEST_DAY_BLOCK_MS = 4 * HOUR_MS;
/** 1970-01-01 was a Thursday: Monday 00:00 UTC is four days later. */
const MONDAY_OFFSET_MS = 4 * DAY_MS;

/** 00:00 UTC of the day of a moment (F-8). */
export function dayStart(at: EpochMs): EpochMs {
  return epochMs(Math.floor(at / DAY_MS) * DAY_MS);
}

/** Monday 00:00 UTC of the week of a moment (F-8.2); the first days of 1970 count to week 0. */
export function weekStart(at: EpochMs): EpochMs {
  const weeks = Math.floor((at - MONDAY_OFFSET_MS) / (7 * DAY_MS));
  return epochMs(Math.max(0, weeks * 7 * DAY_MS + MONDAY_OFFSET_MS));
}

/** "Until 00:00" = the later of the next 00:00 UTC and now + 4 h (F-8). */
export function untilMidnight(now: EpochMs): EpochMs {
  return epochMs(Math.max(dayStart(now) + DAY_MS, now + SHORTEST_DAY_BLOCK_MS));
}

function rolled(span: RiskSpan | null, startAt: EpochMs, equity: MicroUsd | null): RiskSpan {
  if (span === null || span.startAt < startAt) return { startAt, equity, realised: microUsd(0) };
  return span.equity === null && equity !== null ? { ...span, equity } : span;
}

/** Opens a new UTC day or week and stores the first equity seen in it; judges losses that waited for it (P-11). */
export function rollSession(
  risk: SessionRiskState,
  seen: { readonly now: EpochMs; readonly equity: MicroUsd | null },
  safety: Config["safety"],
): RiskStep {
  const day = rolled(risk.day, dayStart(seen.now), seen.equity);
  const week = rolled(risk.week, weekStart(seen.now), seen.equity);
  if (day === risk.day && week === risk.week) return { risk, blocks: [] };
  const newDay = risk.day === null || day.startAt > risk.day.startAt;
  const next = { ...risk, day, week, tradesToday: newDay ? 0 : risk.tradesToday };
  return { risk: next, blocks: newDay ? [] : lossBlocks(next, seen.now, safety) };
}

function belowCap(span: RiskSpan | null, capPct: number): boolean {
  if (span === null || span.equity === null || span.equity <= 0) return false;
  return span.realised * 100 <= -capPct * span.equity;
}

function lossBlocks(risk: SessionRiskState, now: EpochMs, safety: Config["safety"]): readonly Block[] {
  const blocks: Block[] = [];
  if (belowCap(risk.day, safety.daily_loss_cap_pct)) {
    blocks.push(newBlock("daily_loss", { since: now, until: untilMidnight(now) }));
  }
  if (belowCap(risk.week, safety.weekly_loss_cap_pct)) {
    const until = epochMs(now + safety.weekly_cooldown_days * DAY_MS);
    blocks.push(newBlock("weekly_loss", { since: now, until }));
  }
  return blocks;
}

function addTo(span: RiskSpan | null, amount: MicroUsd, at: EpochMs): RiskSpan | null {
  return span === null || at < span.startAt ? span : { ...span, realised: microUsd(span.realised + amount) };
}

/**
 * Counts realised money in the day and week of `at` and judges the caps (F-8.1, F-8.2). `amount` > 0 is a gain; `usd` is
 * what was counted.
 */
export function foldRealised(
  risk: SessionRiskState,
  money: { readonly amount: PicoBtc; readonly mark: PriceCents; readonly at: EpochMs; readonly now: EpochMs },
  safety: Config["safety"],
): RiskStep & { readonly usd: MicroUsd } {
  const usd = usdDown(money.amount, money.mark);
  const next = { ...risk, day: addTo(risk.day, usd, money.at), week: addTo(risk.week, usd, money.at) };
  return { usd, risk: next, blocks: lossBlocks(next, money.now, safety) };
}

function streakBlocks(streak: number, now: EpochMs, safety: Config["safety"]): readonly Block[] {
  if (streak >= safety.loss_streak_cooldown) {
    const until = epochMs(now + safety.loss_streak_cooldown_h * HOUR_MS);
    return [newBlock("loss_streak", { since: now, until })];
  }
  if (streak >= safety.loss_streak_day) {
    return [newBlock("loss_streak_day", { since: now, until: untilMidnight(now) })];
  }
  return [];
}

/** Folds a closed trade: loss streak and fee spikes (F-8.3 … F-8.5, F-8.10). `now` = the step's time. */
export function foldTrade(
  risk: SessionRiskState,
  closed: { readonly trade: RiskTrade; readonly now: EpochMs },
  safety: Config["safety"],
): RiskStep {
  const { trade, now } = closed;
  const lossStreak = trade.net > 0 ? 0 : risk.lossStreak + 1;
  const spike = trade.feeRatio === null ? null : trade.feeRatio > safety.fee_spike_ratio;
  const feeSpikes = spike === null ? risk.feeSpikes : (spike ? risk.feeSpikes + 1 : 0);
  const blocks = [...streakBlocks(lossStreak, now, safety)];
  if (spike === true && feeSpikes >= safety.fee_spike_count) {
    const until = epochMs(now + safety.fee_spike_min * 60_000);
    blocks.push(newBlock("fee_spike", { since: now, until }));
  }
  return { risk: { ...risk, lossStreak, feeSpikes }, blocks };
}

/** Counts an opened trade for `max_trades_per_day` (P-3). */
export function foldTradeOpened(risk: SessionRiskState): SessionRiskState {
  return { ...risk, tradesToday: risk.tradesToday + 1 };
}

/** Folds the slippage of one execution: more than `slippage_usd`, `slippage_count` times within the window (F-8.6). */
export function foldSlippage(
  risk: SessionRiskState,
  seen: { readonly slippage: MicroUsd; readonly now: EpochMs },
  safety: Config["safety"],
): RiskStep {
  if (seen.slippage <= Math.round(safety.slippage_usd * 1_000_000)) return { risk, blocks: [] };
  const since = seen.now - safety.slippage_window_s * 1000;
  const slippages = [...risk.slippages.filter((at) => at >= since), seen.now].slice(-safety.slippage_count);
  const next = { ...risk, slippages };
  if (slippages.length < safety.slippage_count) return { risk: next, blocks: [] };
  const until = epochMs(seen.now + safety.slippage_min * 60_000);
  return { risk: next, blocks: [newBlock("slippage", { since: seen.now, until })] };
}

/** Slippage as money: |average − reference| ÷ reference × contracts (P-1). 10⁻⁶ USD, rounded up. */
export function slippageOf(
  fill: { readonly average: PriceCents; readonly reference: PriceCents; readonly contracts: number },
): MicroUsd {
  if (fill.reference <= 0) return microUsd(0);
  const gap = Math.abs(fill.average - fill.reference) / fill.reference;
  return microUsd(Math.ceil(gap * fill.contracts * 1_000_000));
}

/** Folds the loss of an established session; both sockets within 5 s are one (F-8.7). */
export function foldLinkLoss(risk: SessionRiskState, now: EpochMs, runtime: Config["runtime"]): SessionRiskState {
  const last = risk.linkLosses[risk.linkLosses.length - 1];
  if (last !== undefined && now - last < ONE_LOSS_MS) return risk;
  return { ...risk, linkLosses: [...risk.linkLosses, now].slice(-runtime.reconnect_loop_count) };
}

/** True while `reconnect_loop_count` losses lie within the window: entries are blocked, nothing else (F-8.7). */
export function reconnectLoop(risk: SessionRiskState, now: EpochMs, runtime: Config["runtime"]): boolean {
  const index = risk.linkLosses.length - runtime.reconnect_loop_count;
  // An index below zero would be looked up as a name, on every tick.
  const first = index < 0 ? undefined : risk.linkLosses[index];
  return first !== undefined && now - first <= runtime.reconnect_loop_window_s * 1000;
}
