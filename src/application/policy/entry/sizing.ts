import type { Config, StageConfig } from "../../../domain/limits.ts";
import type { FeeRates, Instrument, RiskTier } from "../../../domain/market.ts";
import type { Direction } from "../../../domain/orders.ts";
import {
  btcDown,
  contractsDown,
  feeUp,
  initialMarginUp,
  mulDiv,
  ONE_E8,
  pnlOf,
  stopPrice,
  valueDown,
  valueUp,
} from "../../../domain/inverse.ts";
import {
  microUsd,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  priceCents,
  type RateE8,
  rateE8,
  type UsdContracts,
  usdContracts,
} from "../../../domain/units.ts";
import { liquidationGate, type LiquidationVerdict } from "./liquidation_gate.ts";

/** Refusal codes of sizing; they rank after gate 8 (P-4, P-7). */
export type SizingCode =
  | "stop_distance_invalid"
  | "margin_insufficient"
  | "qty_below_minimum"
  | "liquidation_too_close"
  | "liquidation_unknown";

export type SizingInput = {
  readonly direction: Direction;
  /** Limit price of the entry, on the tick. */
  readonly entry: PriceCents;
  /** Grid spacing in percent; null = no spacing. */
  readonly spacingPct: number | null;
  readonly equity: PicoBtc;
  readonly free: PicoBtc;
  readonly stage: StageConfig;
  readonly leverageE2: number;
  readonly rates: FeeRates;
  readonly entryRole: "maker" | "taker";
  readonly exitRole: "maker" | "taker";
  /** Product of the size multipliers of P-9 and P-10. */
  readonly multiplier: number;
  readonly maxContracts: number;
  readonly instrument: Instrument | null;
  readonly tier: RiskTier | null;
};

/** What sizing found; every number is there whether refused or not. `code` null = the order may be sent. */
export type Sizing = {
  readonly code: SizingCode | null;
  readonly contracts: UsdContracts;
  readonly distance: RateE8;
  readonly stopPrice: PriceCents;
  readonly maxLoss: PicoBtc;
  /** Loss at the stop with both fees, rounded up. */
  readonly worstLoss: PicoBtc;
  readonly byLoss: UsdContracts;
  readonly byMargin: UsdContracts;
  readonly liquidation: LiquidationVerdict | null;
};

/** Tick used while the instrument is not known: a multiple of every tick BTCUSD has had. */
export const FALLBACK_TICK = priceCents(50);
/** Far above any venue limit; keeps contracts × 10⁶ a safe integer. */
const MOST_CONTRACTS = 9_000_000_000;
const ONE_CONTRACT = usdContracts(1);

/** Stop distance: clamp(spacing × 1.5, 2 %, 6 %), 3 % without spacing; null for a spacing ≤ 0 (P-7.1). */
export function stopDistance(spacingPct: number | null, sizing: Config["sizing"]): RateE8 | null {
  const toRate = (pct: number) => rateE8(Math.round((pct * ONE_E8) / 100));
  if (spacingPct === null) return positive(toRate(sizing.stop_distance_default_pct));
  if (!(spacingPct > 0) || !Number.isFinite(spacingPct)) return null;
  const wanted = spacingPct * sizing.stop_distance_multiple;
  return positive(toRate(Math.min(sizing.stop_distance_max_pct, Math.max(sizing.stop_distance_min_pct, wanted))));
}
function positive(distance: RateE8): RateE8 | null {
  return distance > 0 ? distance : null;
}

/** Loss budget: min(equity × loss_pct_cap, max_loss_usd_cap ÷ price), rounded down. 10⁻¹² BTC (P-7.2). */
export function lossBudget(equity: PicoBtc, at: { readonly price: PriceCents; readonly stage: StageConfig }): PicoBtc {
  const share = Math.round((at.stage.loss_pct_cap * ONE_E8) / 100);
  const byEquity = mulDiv(Math.max(0, equity), share, { by: ONE_E8, rounding: "down" });
  const byCap = btcDown(microUsd(Math.round(at.stage.max_loss_usd_cap * 1_000_000)), at.price);
  return picoBtc(Math.min(byEquity, byCap));
}

/**
 * ⌊ max_loss × entry ÷ ( d/(1∓d) + f_entry + f_taker/(1∓d) ) ⌋, upper sign long, exact on integers (P-7.3). Rates and d
 * as RateE8.
 */
export function contractsByLoss(
  direction: Direction,
  terms: {
    readonly maxLoss: PicoBtc;
    readonly entry: PriceCents;
    readonly distance: RateE8;
    readonly entryRate: RateE8;
    readonly takerRate: RateE8;
  },
): UsdContracts {
  const keep = direction === "long" ? ONE_E8 - terms.distance : ONE_E8 + terms.distance;
  const cost = (terms.distance + terms.takerRate) * ONE_E8 + terms.entryRate * keep;
  if (cost === 0) return usdContracts(0);
  const budget = BigInt(terms.maxLoss) * BigInt(terms.entry) * BigInt(keep) * BigInt(ONE_E8);
  const contracts = budget / (100_000_000_000_000n * BigInt(cost));
  return usdContracts(Math.min(MOST_CONTRACTS, Math.max(0, Number(contracts))));
}

/** ⌊ min(equity, free) × margin_use_ratio × leverage × entry ⌋ (P-7.4). */
export function contractsByMargin(
  money: { readonly equity: PicoBtc; readonly free: PicoBtc },
  terms: { readonly entry: PriceCents; readonly leverageE2: number; readonly useRatio: number },
): UsdContracts {
  const own = Math.max(0, Math.min(money.equity, money.free));
  const share = BigInt(Math.round(terms.useRatio * 10_000)) * BigInt(terms.leverageE2) * BigInt(terms.entry);
  // ÷ 10⁴ for the ratio, ÷ 100 for leverage × 100, ÷ 10¹⁴ for pico × cents; BigInt as a large wallet leaves 2⁵³.
  const contracts = (BigInt(own) * share) / 100_000_000_000_000_000_000n;
  return usdContracts(Math.min(MOST_CONTRACTS, Number(contracts)));
}

/** Loss of a position closed at its stop, entry and exit fees in, rounded up. 10⁻¹² BTC (P-7, property). */
export function lossAtStop(
  direction: Direction,
  terms: {
    readonly contracts: UsdContracts;
    readonly entry: PriceCents;
    readonly stop: PriceCents;
    readonly entryRate: RateE8;
    readonly takerRate: RateE8;
  },
): PicoBtc {
  const long = direction === "long";
  const entryValue = long ? valueDown(terms.contracts, terms.entry) : valueUp(terms.contracts, terms.entry);
  const stopValue = long ? valueUp(terms.contracts, terms.stop) : valueDown(terms.contracts, terms.stop);
  const loss = -pnlOf(direction, { entry: entryValue, now: stopValue });
  const fees = feeUp(valueUp(terms.contracts, terms.entry), terms.entryRate) +
    feeUp(valueUp(terms.contracts, terms.stop), terms.takerRate);
  return picoBtc(loss + fees);
}

function rateOf(role: "maker" | "taker", rates: FeeRates): RateE8 {
  return role === "maker" ? rates.maker : rates.taker;
}

/** Steps 3 to 5 of P-7: the smaller of loss and margin, × multiplier, capped, on the quantity step. */
function fittedContracts(
  input: SizingInput,
  found: { readonly byLoss: UsdContracts; readonly byMargin: UsdContracts },
  sizing: Config["sizing"],
): UsdContracts {
  const both = Math.min(found.byLoss, found.byMargin);
  const known = input.instrument !== null && input.tier !== null;
  const share = input.multiplier * (known ? 1 : sizing.unknown_liq_size_ratio);
  const scaled = mulDiv(both, Math.round(share * ONE_E8), { by: ONE_E8, rounding: "down" });
  const most = Math.min(input.maxContracts, input.instrument?.maxOrderQty ?? input.maxContracts);
  return contractsDown(Math.min(scaled, most), input.instrument?.qtyStep ?? ONE_CONTRACT);
}

/** Step 6 of P-7: margin and fees must fit into the equity after rounding. */
function marginFits(input: SizingInput, contracts: UsdContracts): boolean {
  const value = valueUp(contracts, input.entry);
  const margin = initialMarginUp(value, input.leverageE2);
  const fees = feeUp(value, rateOf(input.entryRole, input.rates)) + feeUp(value, rateOf(input.exitRole, input.rates));
  return margin + fees <= input.equity;
}

function belowMinimum(contracts: UsdContracts, instrument: Instrument | null): boolean {
  const least = instrument === null ? 1 : Math.max(1, instrument.minOrderQty, instrument.minNotional);
  return contracts < least;
}

function sizingCode(
  input: SizingInput,
  found: { readonly contracts: UsdContracts; readonly byMargin: UsdContracts; readonly gate: LiquidationVerdict },
): SizingCode | null {
  if (found.byMargin === 0) return "margin_insufficient";
  if (belowMinimum(found.contracts, input.instrument)) return "qty_below_minimum";
  if (!marginFits(input, found.contracts)) return "margin_insufficient";
  return found.gate.code;
}

/** Sizes one entry by P-7; never throws for a price > 0, a stop distance that is no distance is a code. */
export function sizeEntry(input: SizingInput, sizing: Config["sizing"]): Sizing {
  const distance = stopDistance(input.spacingPct, sizing);
  if (distance === null) return nothing("stop_distance_invalid", input);
  const tick = input.instrument?.tickCents ?? FALLBACK_TICK;
  const stop = stopPrice(input.direction, { entry: input.entry, distance, tick });
  const maxLoss = lossBudget(input.equity, { price: input.entry, stage: input.stage });
  const entryRate = rateOf(input.entryRole, input.rates);
  const takerRate = input.rates.taker;
  const terms = { entry: input.entry, entryRate, takerRate };
  const byLoss = contractsByLoss(input.direction, { ...terms, maxLoss, distance });
  const byMargin = contractsByMargin(input, {
    entry: input.entry,
    leverageE2: input.leverageE2,
    useRatio: sizing.margin_use_ratio,
  });
  const step = input.instrument?.qtyStep ?? ONE_CONTRACT;
  const loss = (contracts: UsdContracts) => lossAtStop(input.direction, { ...terms, contracts, stop });
  let contracts = fittedContracts(input, { byLoss, byMargin }, sizing);
  // Each part of the loss is rounded up by 10⁻¹² BTC, which may cost the last step when the budget is met exactly.
  let worstLoss = loss(contracts);
  while (worstLoss > maxLoss) {
    contracts = contractsDown(contracts - step, step);
    worstLoss = loss(contracts);
  }
  const tier = input.instrument === null ? null : input.tier;
  const gate = liquidationGate(
    input.direction,
    { entry: input.entry, leverageE2: input.leverageE2, distance, tier },
    { stage: input.stage, sizing },
  );
  const code = sizingCode(input, { contracts, byMargin, gate });
  return { code, contracts, distance, stopPrice: stop, maxLoss, worstLoss, byLoss, byMargin, liquidation: gate };
}

function nothing(code: SizingCode, input: SizingInput): Sizing {
  const none = usdContracts(0);
  return {
    code,
    contracts: none,
    distance: rateE8(0),
    stopPrice: input.entry,
    maxLoss: picoBtc(0),
    worstLoss: picoBtc(0),
    byLoss: none,
    byMargin: none,
    liquidation: null,
  };
}
