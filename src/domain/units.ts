/** Numbers that move money. Each has one unit, one constructor, and no silent conversion (policy.md, units). */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Whole USD contracts of BTCUSD inverse, never negative. Bybit's `qty` on category=inverse; 1 contract = 1 USD. */
export type UsdContracts = Unit<"UsdContracts">;
/** Integer count of 10⁻¹² BTC, signed. Safe up to 9,007 BTC. */
export type PicoBtc = Unit<"PicoBtc">;
/**
 * Price as an integer count of 0.01 USD, never negative. Finer than any instrument tick of BTCUSD, so that a change of
 * tickSize does not change what a recorded number means (ADR "prices in cents"). Orders are rounded to the instrument
 * tick, itself a count of cents.
 */
export type PriceCents = Unit<"PriceCents">;
/** Milliseconds since the Unix epoch, UTC, server-corrected where it comes from an event (F-3.5). */
export type EpochMs = Unit<"EpochMs">;
/** A span of time in milliseconds. */
export type DurationMs = Unit<"DurationMs">;
/** A rate as an integer count of 10⁻⁸: taker 0.00055 is 55,000; signed (funding, rebates). */
export type RateE8 = Unit<"RateE8">;
/** Integer count of 10⁻⁶ USD, signed: equity, PnL and slippage as money for people, stages and caps (policy P-1). */
export type MicroUsd = Unit<"MicroUsd">;

function whole(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot make ${name} as it must be a safe integer: current value is ${value}`);
  }
  return value === 0 ? 0 : value;
}
function wholeFromZero(value: number, name: string): number {
  if (value < 0) throw new RangeError(`Cannot make ${name} as it must be >= 0: current value is ${value}`);
  return whole(value, name);
}

/** Contracts, integer ≥ 0. Throws RangeError. */
export function usdContracts(value: number): UsdContracts {
  return wholeFromZero(value, "UsdContracts") as UsdContracts;
}
/** 10⁻¹² BTC, safe integer. Throws RangeError. */
export function picoBtc(value: number): PicoBtc {
  return whole(value, "PicoBtc") as PicoBtc;
}
/** Price in 0.01 USD, integer ≥ 0. Throws RangeError. */
export function priceCents(value: number): PriceCents {
  return wholeFromZero(value, "PriceCents") as PriceCents;
}
/** UTC milliseconds, integer ≥ 0. Throws RangeError. */
export function epochMs(value: number): EpochMs {
  return wholeFromZero(value, "EpochMs") as EpochMs;
}
/** Milliseconds, integer ≥ 0. Throws RangeError. */
export function durationMs(value: number): DurationMs {
  return wholeFromZero(value, "DurationMs") as DurationMs;
}
/** 10⁻⁸ rate, safe integer. Throws RangeError. */
export function rateE8(value: number): RateE8 {
  return whole(value, "RateE8") as RateE8;
}
/** 10⁻⁶ USD, safe integer. Throws RangeError. */
export function microUsd(value: number): MicroUsd {
  return whole(value, "MicroUsd") as MicroUsd;
}
