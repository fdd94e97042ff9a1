import type { Config } from "../../../domain/limits.ts";
import type { NewHalt } from "../../../domain/halts_and_blocks.ts";
import { mulDiv } from "../../../domain/inverse.ts";
import { type EpochMs, epochMs, type MicroUsd, microUsd, type PicoBtc } from "../../../domain/units.ts";
import type { GoalState } from "../../../domain/slices.ts";

export type { GoalState } from "../../../domain/slices.ts";

const MICRO = 1_000_000;

export const emptyGoal: GoalState = {
  startedAt: null,
  everLiquidated: false,
  reviewRequired: false,
  goalUsd: null,
  floorUsd: null,
};

/** The same day and time some calendar months later, UTC; the last day of a shorter month where needed (P-2). */
export function monthsLater(at: EpochMs, months: number): EpochMs {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  return epochMs(Date.UTC(year, month, day) + (at % 86_400_000));
}

const SHORTEST_MONTH_MS = 28 * 86_400_000;

/** True from so many calendar months after `from` on; the calendar is asked only when it can matter (hot path). */
function monthsPassed(span: { readonly from: EpochMs; readonly now: EpochMs }, months: number): boolean {
  return span.now - span.from >= months * SHORTEST_MONTH_MS && span.now >= monthsLater(span.from, months);
}

/** Floor that counts now, USD (P-2, F-7.4). */
export function floorUsd(state: GoalState, goal: Config["goal"]): number {
  return state.floorUsd ?? goal.equity_floor_usd;
}

/**
 * What the floor is measured on. "usd": equity in dollars. "trading": the share of the capital that trading alone left, at
 * the price of the start, so that the BTC price moves it only through what is open (ADR 0020). 10⁻⁶ USD; null = unknown.
 */
export function floorEquity(
  seen: { readonly btc: PicoBtc | null; readonly usd: MicroUsd | null; readonly base: PicoBtc | null },
  goal: Config["goal"],
): MicroUsd | null {
  const { btc, usd, base } = seen;
  if (goal.floor_basis !== "trading" || goal.capital_usd === null) return usd;
  // An account that is empty is judged as one, whatever the basis (F-7.3).
  if (btc === null || base === null || base <= 0 || btc <= 0) return usd;
  return microUsd(mulDiv(btc, Math.round(goal.capital_usd * MICRO), { by: base, rounding: "down" }));
}

/** Judges goal and time, to be called in phase flat only (P-2). */
export function judgeGoal(
  state: GoalState,
  seen: { readonly equity: MicroUsd; readonly now: EpochMs },
  goal: Config["goal"],
): { readonly halt: NewHalt | null; readonly reviewRequired: boolean } {
  const usd = seen.equity / 1_000_000;
  const wanted = state.goalUsd ?? goal.goal_usd;
  if (usd >= wanted && !state.everLiquidated) {
    const detail = `equity ${usd} USD has reached ${wanted} USD (P-2)`;
    return { halt: { reason: "goal_reached", detail }, reviewRequired: false };
  }
  if (state.startedAt === null) return { halt: null, reviewRequired: false };
  const span = { from: state.startedAt, now: seen.now };
  const reviewRequired = usd < goal.review_min_equity_usd && monthsPassed(span, goal.review_after_months);
  if (!monthsPassed(span, goal.fail_after_months)) return { halt: null, reviewRequired };
  const detail = `${goal.fail_after_months} months passed with equity ${usd} USD (P-2)`;
  return { halt: { reason: "goal_missed", detail }, reviewRequired };
}
