import type { Config } from "../../../domain/limits.ts";
import type { NewHalt } from "../../../domain/halts_and_blocks.ts";
import type { WalletRow } from "../../../domain/orders.ts";
import { btcDown, usdDown } from "../../../domain/inverse.ts";
import {
  type EpochMs,
  type MicroUsd,
  microUsd,
  type PicoBtc,
  picoBtc,
  type PriceCents,
} from "../../../domain/units.ts";
import type { CapitalState } from "../../../domain/slices.ts";

export type { CapitalState } from "../../../domain/slices.ts";

export const emptyCapital: CapitalState = {
  base: null,
  realised: picoBtc(0),
  wallet: null,
  agreed: null,
  unexplainedSince: null,
};

const EXPLAIN_MS = 60_000;
/** Bookings carry 8 decimals: differences below this many 10⁻¹² BTC are rounding, not money (10 satoshi). */
const ROUNDING_PICO = 100_000;
const FLOW_HALT_PCT = 20;

/** Fixes `capital_btc = capital_usd ÷ mark` once, for the journal's first record; null USD = the wallet (P-1). */
export function fixBase(
  state: CapitalState,
  seen: { readonly mark: PriceCents | null; readonly wallet: PicoBtc | null },
  goal: Config["goal"],
): CapitalState {
  if (state.base !== null || seen.wallet === null) return state;
  if (goal.capital_usd === null) return { ...state, base: seen.wallet };
  if (seen.mark === null || seen.mark <= 0) return state;
  return { ...state, base: btcDown(microUsd(Math.round(goal.capital_usd * 1_000_000)), seen.mark) };
}

/** Counts own realised money: gross PnL − fees − funding, exact from venue strings (P-1). */
export function foldOwnMoney(state: CapitalState, amount: PicoBtc): CapitalState {
  return amount === 0 ? state : { ...state, realised: picoBtc(state.realised + amount) };
}

/** `equity_btc`: base + realised + unrealised, never more than wallet + unrealised; null = unknown (P-1). */
export function equityBtc(state: CapitalState, unrealised: PicoBtc): PicoBtc | null {
  if (state.base === null || state.wallet === null) return null;
  return picoBtc(Math.min(state.base + state.realised, state.wallet) + unrealised);
}

/** `equity_usd` = equity_btc × mark; null = unknown (P-1). 10⁻⁶ USD. */
export function equityUsd(equity: PicoBtc | null, mark: PriceCents | null): MicroUsd | null {
  return equity === null || mark === null || mark <= 0 ? null : usdDown(equity, mark);
}

/** Free BTC: walletBalance − position margin − order margin − locked − bonus; null = unknown (P-7.4). */
export function freeBtc(wallet: WalletRow): PicoBtc | null {
  if (wallet.walletBalance === null || wallet.totalPositionIm === null || wallet.totalOrderIm === null) return null;
  const free = wallet.walletBalance - wallet.totalPositionIm - wallet.totalOrderIm - (wallet.locked ?? 0) -
    (wallet.bonus ?? 0);
  return picoBtc(Math.max(0, free));
}

export type CashFlow = {
  readonly state: CapitalState;
  /** External cash flow found, > 0 = deposit; the caller journals and alerts (F-7.16). */
  readonly flow: PicoBtc | null;
  readonly halt: NewHalt | null;
};

/**
 * Folds a wallet read or push; a balance not explained within 60 s is an external cash flow (F-7.16). The same state when
 * it agrees as before.
 */
export function foldWallet(
  state: CapitalState,
  seen: { readonly balance: PicoBtc; readonly now: EpochMs },
): CashFlow {
  if (state.wallet === seen.balance && state.unexplainedSince === null && isAgreed(state)) {
    return { state, flow: null, halt: null };
  }
  const next = { ...state, wallet: seen.balance };
  const agreed = { wallet: seen.balance, realised: state.realised };
  if (state.agreed === null) return { state: { ...next, agreed }, flow: null, halt: null };
  const gap = unexplained(next);
  if (gap === 0) return { state: { ...next, agreed, unexplainedSince: null }, flow: null, halt: null };
  const grown = Math.abs(unexplained(state)) <= ROUNDING_PICO && Math.abs(gap) > ROUNDING_PICO;
  if (state.unexplainedSince === null || grown) {
    return { state: { ...next, unexplainedSince: seen.now }, flow: null, halt: null };
  }
  if (seen.now - state.unexplainedSince < EXPLAIN_MS) return { state: next, flow: null, halt: null };
  if (Math.abs(gap) > ROUNDING_PICO) return external(next, picoBtc(gap), seen.balance);
  return { state: { ...next, agreed, unexplainedSince: null }, flow: null, halt: null };
}

function isAgreed({ agreed, wallet, realised }: CapitalState): boolean {
  return agreed !== null && agreed.wallet === wallet && agreed.realised === realised;
}

/** Change of the wallet since both agreed that own money does not explain; 0 while nothing is known. Pico BTC. */
function unexplained(state: CapitalState): number {
  if (state.agreed === null || state.wallet === null) return 0;
  return state.wallet - state.agreed.wallet - (state.realised - state.agreed.realised);
}

/** Since when the wallet holds a change that no known fill or funding explains; null when none does (F-7.16). */
export function unexplainedSince(state: CapitalState): EpochMs | null {
  return unexplained(state) === 0 ? null : state.unexplainedSince;
}

function external(state: CapitalState, flow: PicoBtc, balance: PicoBtc): CashFlow {
  const before = state.base === null ? null : state.base + state.realised;
  const base = state.base === null ? null : picoBtc(state.base + flow);
  const agreed = { wallet: balance, realised: state.realised };
  const large = before !== null && Math.abs(flow) * 100 > FLOW_HALT_PCT * before;
  const halt: NewHalt | null = large
    ? { reason: "balance_anomaly", detail: `external cash flow of ${flow} pico BTC is over 20 % of equity (F-7.16)` }
    : null;
  return { state: { ...state, base, agreed, unexplainedSince: null }, flow, halt };
}
