import type { Config } from "../../../domain/limits.ts";
import type { FeeRates } from "../../../domain/market.ts";
import { type EpochMs, epochMs, type PicoBtc, rateE8 } from "../../../domain/units.ts";
import { ONE_E8, satsOf } from "../../../domain/inverse.ts";
import type { FeeState } from "../../../domain/slices.ts";

export type { FeeState } from "../../../domain/slices.ts";

export const emptyFeeState: FeeState = { rates: null, readAt: null, tightUntil: null };

/** Rates that count now: last read ones, however old, else the configured defaults (P-10). */
export function currentRates(state: FeeState, fees: Config["fees"]): FeeRates {
  if (state.rates !== null) return state.rates;
  return {
    maker: rateE8(Math.round(fees.default_maker_rate * ONE_E8)),
    taker: rateE8(Math.round(fees.default_taker_rate * ONE_E8)),
  };
}

/** True when the cache is missing or at least `fee_rate_cache_min` old (P-10). A failed read never halts. */
export function feeRatesDue(state: FeeState, now: EpochMs, fees: Config["fees"]): boolean {
  return state.readAt === null || now - state.readAt >= fees.fee_rate_cache_min * 60_000;
}

/** Folds a successful read of the account's rates (P-10). */
export function foldFeeRates(state: FeeState, read: { readonly rates: FeeRates; readonly now: EpochMs }): FeeState {
  return { ...state, rates: read.rates, readAt: read.now };
}

/** Paid ÷ expected fees of one trade; null when fewer than `fee_judge_min_sats` were expected (P-10). */
export function feeRatio(
  trade: { readonly paid: PicoBtc; readonly expected: PicoBtc },
  fees: Config["fees"],
): number | null {
  if (trade.expected <= 0 || satsOf(trade.expected) < fees.fee_judge_min_sats) return null;
  return trade.paid / trade.expected;
}

/** Folds a closed trade's ratio: above `fee_spike_ratio` tightens for `fee_spike_tighten_h` (P-10). */
export function foldFeeRatio(
  state: FeeState,
  closed: { readonly ratio: number | null; readonly now: EpochMs },
  config: Pick<Config, "fees" | "safety">,
): FeeState {
  if (closed.ratio === null || closed.ratio <= config.safety.fee_spike_ratio) return state;
  return { ...state, tightUntil: epochMs(closed.now + config.fees.fee_spike_tighten_h * 3_600_000) };
}

/** True while fee-spike tightening holds: K × 1.5, maker only, size × 0.5 (P-10). */
export function feesTight(state: FeeState, now: EpochMs): boolean {
  return state.tightUntil !== null && now < state.tightUntil;
}
