/**
 * Exact arithmetic of the inverse contract. Prices are integers of 0.01 USD, quantities integers of USD, money integers
 * of 0.00000001 BTC; the entry value of a position is kept at 10⁻¹⁶ BTC so that partial closes lose nothing.
 * Every booked amount is rounded to 8 decimals, half to even (PROTOCOL §7).
 */

/** numerator / denominator, half to even. Denominator > 0. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  let quotient = numerator / denominator;
  let rest = numerator - quotient * denominator;
  if (rest < 0n) {
    quotient -= 1n;
    rest += denominator;
  }
  const twice = rest * 2n;
  if (twice > denominator || (twice === denominator && (quotient & 1n) === 1n)) quotient += 1n;
  return quotient;
}

/** Value of `qty` contracts at `priceCents`, satoshi. */
export function valueSat(qty: number, priceCents: number): number {
  return Number(divideHalfEven(BigInt(qty) * 10_000_000_000n, BigInt(priceCents)));
}

/** The same at 10⁻¹⁶ BTC. */
export function valueE16(qty: number, priceCents: number): bigint {
  return divideHalfEven(BigInt(qty) * 1_000_000_000_000_000_000n, BigInt(priceCents));
}

/** 10⁻¹⁶ BTC to satoshi. */
export function satOfE16(value: bigint): number {
  return Number(divideHalfEven(value, 100_000_000n));
}

/** Value × rate, satoshi; the rate in 10⁻⁸. Signed like the rate. Used for fees and funding. */
export function chargeSat(notional: { readonly qty: number; readonly priceCents: number }, rateE8: number): number {
  return Number(divideHalfEven(BigInt(notional.qty) * 100n * BigInt(rateE8), BigInt(notional.priceCents)));
}

/** Gross result of closing `qty` that entered at `entryE16` (10⁻¹⁶ BTC), satoshi: s·(entry value − exit value). */
export function closePnlSat(
  closing: { readonly long: boolean; readonly qty: number; readonly entryE16: bigint },
  exitCents: number,
): number {
  const price = BigInt(exitCents);
  const numerator = closing.entryE16 * price - BigInt(closing.qty) * 1_000_000_000_000_000_000n;
  const pnl = Number(divideHalfEven(closing.long ? numerator : -numerator, price * 100_000_000n));
  return pnl === 0 ? 0 : pnl;
}

/** Average price of `qty` contracts worth `value` (10⁻¹⁶ BTC), in 0.01 USD, not rounded to the tick. */
export function averageCents(qty: number, value: bigint): number {
  if (value === 0n) return 0;
  return Number(divideHalfEven(BigInt(qty) * 1_000_000_000_000_000_000_000_000n, value)) / 1e6;
}

/** What stands between the whole and the first digit that counts, by how many digits the rest is short of eight. */
const POINT = [".", ".0", ".00", ".000", ".0000", ".00000", ".000000", ".0000000"];

/** Satoshi as a plain decimal of BTC without trailing zeros: 512345 → "0.00512345". */
export function satText(sat: number): string {
  if (sat === 0) return "0";
  const size = sat < 0 ? -sat : sat;
  const whole = Math.floor(size / 1e8);
  let rest = size - whole * 1e8;
  const head = sat < 0 ? "-" + whole : "" + whole;
  if (rest === 0) return head;
  let short = 0;
  for (let bound = 1e7; bound > 1 && rest < bound; bound /= 10) short++;
  while (rest % 10 === 0) rest /= 10;
  return head + POINT[short]! + rest;
}

/** "0.00512345" → 512345. Throws on anything but a decimal of at most 8 places. */
export function satOf(text: string): number {
  const match = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null) throw new Error(`Cannot read "${text}" as BTC: expected a decimal with at most 8 places`);
  const sat = Number(match[2]) * 1e8 + Number((match[3] ?? "").padEnd(8, "0"));
  return match[1] === "-" ? -sat : sat;
}

/** A rate as decimal text ("0.00055") × 10⁸. */
export function rateE8Of(text: string): number {
  return satOf(text);
}

export function rateText(rateE8: number): string {
  return satText(rateE8);
}

/** 8380760 → "83807.60": the public streams' spelling. */
export function priceText(cents: number): string {
  const whole = Math.floor(cents / 100);
  const rest = cents - whole * 100;
  return rest < 10 ? whole + ".0" + rest : whole + "." + rest;
}

/** 8380760 → "83807.6": the private rows' spelling. */
export function priceTrim(cents: number): string {
  const whole = Math.floor(cents / 100);
  const rest = cents - whole * 100;
  if (rest === 0) return "" + whole;
  return rest % 10 === 0 ? whole + "." + rest / 10 : rest < 10 ? whole + ".0" + rest : whole + "." + rest;
}

/** A price that is not on the tick, up to 8 decimals: 2746450.441675 → "27464.50441675". */
export function averageText(cents: number): string {
  return satText(Math.round(cents * 1e6));
}

/** "60000.1" → 6000010; null when it is not a positive decimal; fractions of a cent → NaN. */
export function centsOf(text: string): number | null {
  const match = /^(\d{1,9})(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const places = (match[2] ?? "").replace(/0+$/, "");
  if (places.length > 2) return NaN;
  return Number(match[1]) * 100 + Number(places.padEnd(2, "0"));
}
