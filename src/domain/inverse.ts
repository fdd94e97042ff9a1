import {
  type MicroUsd,
  microUsd,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  priceCents,
  type RateE8,
  type UsdContracts,
  usdContracts,
} from "./units.ts";
import type { Direction, Side } from "./orders.ts";

/**
 * Inverse arithmetic of BTCUSD on integers (PROTOCOL §7): 1 contract = 1 USD, results in 10⁻¹² BTC, prices in cents, so
 * value = contracts × 10¹⁴ ÷ cents. Every function names its rounding; none overflows silently: a result beyond a safe
 * integer is a RangeError of the unit's constructor.
 */
const PICO_PER_SAT = 10_000;
/** 1 as a RateE8. */
export const ONE_E8 = 100_000_000;

type Rounding = "down" | "up" | "near";

/**
 * ⌊a × b ÷ c⌋ and the fraction left, c > 0. b is divided first, so that a large one needs no BigInt (hot path): from
 * b = whole × c + rest follows a × b ÷ c = a × whole + a × rest ÷ c. Both products are exact wherever a × b is.
 */
function mulDivFloor(a: number, b: number, how: { readonly by: number }): { floor: number; rest: number } {
  const c = how.by;
  // A quotient of safe integers is never rounded up to the next whole number: cutting it off is exact.
  const whole = Math.trunc(b / c);
  const outer = a * whole;
  const inner = a * (b - whole * c);
  if (!Number.isSafeInteger(outer) || !Number.isSafeInteger(inner)) return mulDivBig(a, b, how);
  // Towards zero first: toZero × c never leaves the safe integers, ⌊inner ÷ c⌋ × c could.
  const toZero = Math.trunc(inner / c);
  const left = inner - toZero * c;
  // + 0, as both may be −0.
  return left < 0 ? { floor: outer + toZero - 1, rest: (left + c) / c } : { floor: outer + toZero + 0, rest: left / c };
}

function mulDivBig(a: number, b: number, how: { readonly by: number }): { floor: number; rest: number } {
  const exact = BigInt(a) * BigInt(b);
  const divisor = BigInt(how.by);
  const rest = ((exact % divisor) + divisor) % divisor;
  return { floor: Number((exact - rest) / divisor), rest: Number(rest) / how.by };
}

/** a × b ÷ c on integers, c > 0; "near" rounds half to even. Throws RangeError for c ≤ 0 or a non-integer. */
export function mulDiv(a: number, b: number, how: { readonly by: number; readonly rounding: Rounding }): number {
  if (!(how.by > 0) || !Number.isSafeInteger(a) || !Number.isSafeInteger(b) || !Number.isSafeInteger(how.by)) {
    throw new RangeError(`Cannot divide ${a} × ${b} by ${how.by} as PROTOCOL §7 needs whole numbers and a divisor > 0`);
  }
  const { floor, rest } = mulDivFloor(a, b, how);
  switch (how.rounding) {
    case "down":
      return floor;
    case "up":
      return rest > 0 ? floor + 1 : floor;
    case "near":
      if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
      return rest > 0.5 ? floor + 1 : floor;
    default: {
      const never: never = how.rounding;
      return never;
    }
  }
}

/** Value of contracts at a price, rounded down. 10⁻¹² BTC. Throws RangeError for price 0 (PROTOCOL §7). */
export function valueDown(contracts: UsdContracts, price: PriceCents): PicoBtc {
  return picoBtc(mulDiv(contracts, 1e14, { by: price, rounding: "down" }));
}

/** Value of contracts at a price, rounded up. 10⁻¹² BTC. Throws RangeError for price 0 (PROTOCOL §7). */
export function valueUp(contracts: UsdContracts, price: PriceCents): PicoBtc {
  return picoBtc(mulDiv(contracts, 1e14, { by: price, rounding: "up" }));
}

/** Value rounded to a whole satoshi, half to even, as the venue books it (PROTOCOL §7 "Rounding"). 10⁻¹² BTC. */
export function valueBooked(contracts: UsdContracts, price: PriceCents): PicoBtc {
  return picoBtc(mulDiv(contracts, 1e10, { by: price, rounding: "near" }) * PICO_PER_SAT);
}

/** An amount rounded to a whole satoshi, half to even (PROTOCOL §7 "Rounding"). 10⁻¹² BTC. */
export function bookedSats(amount: PicoBtc): PicoBtc {
  return picoBtc(mulDiv(amount, 1, { by: PICO_PER_SAT, rounding: "near" }) * PICO_PER_SAT);
}

/** Satoshis of an amount for records, with up to four decimals (policy units). */
export function satsOf(amount: PicoBtc): number {
  return amount / PICO_PER_SAT;
}

/** Harmonic average entry of a position worth `value` at its fills, nearest cent; null when empty (PROTOCOL §7). */
export function averageEntry(contracts: UsdContracts, value: PicoBtc): PriceCents | null {
  if (contracts === 0 || value <= 0) return null;
  return priceCents(mulDiv(contracts, 1e14, { by: value, rounding: "near" }));
}

/** The part of an entry value that belongs to `closed` of `total` contracts, rounded down. 10⁻¹² BTC. */
export function shareDown(
  value: PicoBtc,
  part: { readonly closed: UsdContracts; readonly total: UsdContracts },
): PicoBtc {
  if (part.closed > part.total) {
    throw new RangeError(`Cannot close ${part.closed} as the position holds ${part.total} (F-1.27)`);
  }
  return part.total === 0 ? picoBtc(0) : picoBtc(mulDiv(value, part.closed, { by: part.total, rounding: "down" }));
}

/** s·(entry value − value now): realised at an exit value, unrealised at the mark value. 10⁻¹² BTC (PROTOCOL §7). */
export function pnlOf(
  direction: Direction,
  values: { readonly entry: PicoBtc; readonly now: PicoBtc },
): PicoBtc {
  return picoBtc(direction === "long" ? values.entry - values.now : values.now - values.entry);
}

/** Unrealised PnL of a position at the mark, against us by at most one 10⁻¹² BTC (P-1, PROTOCOL §7). */
export function unrealisedPnl(
  direction: Direction,
  held: { readonly contracts: UsdContracts; readonly entryValue: PicoBtc; readonly mark: PriceCents },
): PicoBtc {
  const now = direction === "long" ? valueUp(held.contracts, held.mark) : valueDown(held.contracts, held.mark);
  return pnlOf(direction, { entry: held.entryValue, now });
}

/** Fee of a fill worth `value`, rounded up (a cost is never flattered). 10⁻¹² BTC, signed with the rate. */
export function feeUp(value: PicoBtc, rate: RateE8): PicoBtc {
  return picoBtc(mulDiv(value, rate, { by: ONE_E8, rounding: "up" }));
}

/** Fee as the venue books it: whole satoshis, half to even (PROTOCOL §7). 10⁻¹² BTC. */
export function feeBooked(value: PicoBtc, rate: RateE8): PicoBtc {
  return picoBtc(mulDiv(value, rate, { by: ONE_E8 * PICO_PER_SAT, rounding: "near" }) * PICO_PER_SAT);
}

/** Funding a position pays (> 0) or receives (< 0) at the mark; nearest. 10⁻¹² BTC (PROTOCOL §7, F-1.28). */
export function fundingOf(
  direction: Direction,
  at: { readonly contracts: UsdContracts; readonly mark: PriceCents; readonly rate: RateE8 },
): PicoBtc {
  const amount = mulDiv(valueDown(at.contracts, at.mark), at.rate, { by: ONE_E8, rounding: "near" });
  return picoBtc(direction === "long" ? amount : -amount);
}

/** Initial margin = value ÷ leverage, rounded up; leverage × 100 > 0. 10⁻¹² BTC (PROTOCOL §7). */
export function initialMarginUp(value: PicoBtc, leverageE2: number): PicoBtc {
  return picoBtc(mulDiv(value, 100, { by: leverageE2, rounding: "up" }));
}

/** Maintenance margin = value × rate, without deduction, rounded up. 10⁻¹² BTC (PROTOCOL §7). */
export function maintenanceMarginUp(value: PicoBtc, rate: RateE8): PicoBtc {
  return picoBtc(mulDiv(value, rate, { by: ONE_E8, rounding: "up" }));
}

type LiquidationTerms = { readonly entry: PriceCents; readonly leverageE2: number; readonly maintenanceRate: RateE8 };

/**
 * Liquidation price by the inverse isolated-margin formula, rounded towards the entry (nearer, so never flattering);
 * null = never liquidated (short with leverage ≤ 1), the entry itself when the maintenance rate leaves no room. Cents
 * (PROTOCOL §7, P-7.7).
 */
export function liquidationToward(direction: Direction, terms: LiquidationTerms): PriceCents | null {
  const top = terms.leverageE2 * ONE_E8;
  const mmr = terms.leverageE2 * terms.maintenanceRate;
  const bottom = direction === "long" ? top + 100 * ONE_E8 - mmr : top - 100 * ONE_E8 + mmr;
  if (direction === "short" && terms.leverageE2 <= 100) return null;
  if (bottom <= 0) return terms.entry;
  return priceCents(mulDiv(terms.entry, top, { by: bottom, rounding: direction === "long" ? "up" : "down" }));
}

/** Bankruptcy price: long E·L/(L+1), short E·L/(L−1) or null; rounded towards the entry. Cents (PROTOCOL §7). */
export function bankruptcyToward(
  direction: Direction,
  terms: { readonly entry: PriceCents; readonly leverageE2: number },
): PriceCents | null {
  const bottom = direction === "long" ? terms.leverageE2 + 100 : terms.leverageE2 - 100;
  if (bottom <= 0) return null;
  const rounding = direction === "long" ? "up" : "down";
  return priceCents(mulDiv(terms.entry, terms.leverageE2, { by: bottom, rounding }));
}

/** BTC as money at a price: 10⁻⁶ USD, rounded down (against us for gains and losses alike). */
export function usdDown(amount: PicoBtc, price: PriceCents): MicroUsd {
  return microUsd(mulDiv(price, amount, { by: ONE_E8, rounding: "down" }));
}

/** Money as BTC at a price, rounded down. 10⁻¹² BTC. Throws RangeError for price 0. */
export function btcDown(amount: MicroUsd, price: PriceCents): PicoBtc {
  return picoBtc(mulDiv(amount, ONE_E8, { by: price, rounding: "down" }));
}

/** Whole steps of contracts, rounded down; step 0 counts as 1. */
export function contractsDown(contracts: number, step: UsdContracts): UsdContracts {
  const size = Math.max(1, step);
  return usdContracts(Math.max(0, Math.floor(contracts / size) * size));
}

/** Price on the tick at or below. Throws RangeError for tick 0. */
export function ticksDown(price: number, tick: PriceCents): PriceCents {
  if (!(tick > 0)) throw new RangeError(`Cannot round a price as the tick must be > 0: current value is ${tick}`);
  return priceCents(Math.floor(price / tick) * tick);
}

/** Price on the tick at or above. Throws RangeError for tick 0. */
export function ticksUp(price: number, tick: PriceCents): PriceCents {
  if (!(tick > 0)) throw new RangeError(`Cannot round a price as the tick must be > 0: current value is ${tick}`);
  return priceCents(Math.ceil(price / tick) * tick);
}

/** Price on the tick, towards an anchor (F-5.2: the stop towards the entry). Cents. */
export function ticksToward(
  price: number,
  to: { readonly anchor: PriceCents; readonly tick: PriceCents },
): PriceCents {
  return price < to.anchor ? ticksUp(price, to.tick) : ticksDown(price, to.tick);
}

/** Price on the tick on the passive side of a limit: floor for Buy, ceil for Sell (PROTOCOL §7, P-7.5). Cents. */
export function ticksPassive(price: number, order: { readonly side: Side; readonly tick: PriceCents }): PriceCents {
  return order.side === "Buy" ? ticksDown(price, order.tick) : ticksUp(price, order.tick);
}

/** Stop price: entry × (1 ∓ d), rounded to the tick towards the entry; d as RateE8. Cents (F-5.2). */
export function stopPrice(
  direction: Direction,
  terms: { readonly entry: PriceCents; readonly distance: RateE8; readonly tick: PriceCents },
): PriceCents {
  const factor = direction === "long" ? ONE_E8 - terms.distance : ONE_E8 + terms.distance;
  if (factor <= 0) throw new RangeError(`Cannot place a stop as F-5.2 needs a distance < 100 %: ${terms.distance}`);
  const rounding = direction === "long" ? "up" : "down";
  const raw = mulDiv(terms.entry, factor, { by: ONE_E8, rounding });
  return ticksToward(raw, { anchor: terms.entry, tick: terms.tick });
}

/** Profit target: entry ± spacing in favour, to the tick on the passive side of the closing limit. Cents (P-5). */
export function targetPrice(
  direction: Direction,
  terms: { readonly entry: PriceCents; readonly spacing: PriceCents; readonly tick: PriceCents },
): PriceCents {
  return direction === "long"
    ? ticksUp(terms.entry + terms.spacing, terms.tick)
    : ticksDown(Math.max(terms.tick, terms.entry - terms.spacing), terms.tick);
}

/** Direction an order of this side opens. */
export function directionOf(side: Side): Direction {
  return side === "Buy" ? "long" : "short";
}
/** Side that opens a position of this direction. */
export function openingSide(direction: Direction): Side {
  return direction === "long" ? "Buy" : "Sell";
}
/** Side that closes a position of this direction. */
export function closingSide(direction: Direction): Side {
  return direction === "long" ? "Sell" : "Buy";
}
