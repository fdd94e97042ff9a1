import {
  type EpochMs,
  epochMs,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  priceCents,
  type RateE8,
  rateE8,
  type UsdContracts,
  usdContracts,
} from "../../../domain/units.ts";
import type { Word } from "../../../domain/orders.ts";

/** A field that decides money and cannot be read. Caught where the frame or reply is parsed, never further. */
export class ParseFailure extends Error {
  override readonly name = "ParseFailure";
}
export function fail(field: string, value: unknown): never {
  throw new ParseFailure(`Cannot read ${field}: current value is ${describe(value)}`);
}
/** A value of the venue's in a few characters. Never looks inside: a list may be nested deeper than a call may. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Venue decimal → integer count of 10^-places. Exact where the digits fit; digits beyond `places` round half up in
 * magnitude ("half_up") or must be zero ("exact"). Plain short decimals take the first loop, everything else (also the
 * testnet's "1e+06", PROTOCOL §2.1) goes through BigInt. null when it is no decimal or leaves the safe integers.
 */
export function scaled(text: string, options: { places: number; rounding: "half_up" | "exact" }): number | null {
  const { places } = options;
  const length = text.length;
  if (length === 0 || length > 40) return null;
  let digits = 0;
  let decimals = -1;
  const negative = text.charCodeAt(0) === 45;
  const first = negative ? 1 : 0;
  for (let i = first; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (decimals >= 0 || i === first) return null;
      decimals = 0;
    } else if (code >= 48 && code <= 57) {
      if (decimals === places) return scaledSlowly(text, options);
      digits = digits * 10 + (code - 48);
      if (decimals >= 0) decimals++;
    } else return scaledSlowly(text, options);
  }
  if (length === first) return null;
  for (let i = Math.max(decimals, 0); i < places; i++) digits *= 10;
  if (digits > Number.MAX_SAFE_INTEGER) return null;
  return negative && digits !== 0 ? -digits : digits;
}

function scaledSlowly(text: string, options: { places: number; rounding: "half_up" | "exact" }): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = options.places - fraction.length + Number(exponent);
  let value = BigInt(whole + fraction);
  if (shift >= 0) value *= 10n ** BigInt(shift);
  else {
    const step = 10n ** BigInt(-shift);
    const rest = value % step;
    if (rest !== 0n && options.rounding === "exact") return null;
    value = value / step + (rest * 2n >= step ? 1n : 0n);
  }
  const result = Number(value);
  if (!Number.isSafeInteger(result)) return null;
  return sign === "-" && result !== 0 ? -result : result;
}

const CENTS = { places: 2, rounding: "half_up" } as const;
const PICO = { places: 12, rounding: "exact" } as const;
const PICO_ROUNDED = { places: 12, rounding: "half_up" } as const;
const WHOLE = { places: 0, rounding: "exact" } as const;
const E8 = { places: 8, rounding: "half_up" } as const;
const E2 = { places: 2, rounding: "half_up" } as const;

/** Price string → cents, half up. Throws ParseFailure. */
export function cents(field: string, value: unknown): PriceCents {
  const read = typeof value === "string" ? scaled(value, CENTS) : null;
  return read === null || read < 0 ? fail(field, value) : priceCents(read);
}
/** Price string → cents; "" and missing are not available; zero too where the venue writes "0" for none. */
export function centsOrNone(field: string, value: unknown): PriceCents | null {
  if (value === "" || value === undefined || value === null) return null;
  const read = cents(field, value);
  return read === 0 ? null : read;
}
/** BTC string → 10⁻¹² BTC exactly. Throws ParseFailure. */
export function pico(field: string, value: unknown): PicoBtc {
  const read = typeof value === "string" ? scaled(value, PICO) : null;
  return read === null ? fail(field, value) : picoBtc(read);
}
/**
 * BTC balance string → 10⁻¹² BTC, "" not available. Balances carry up to 18 decimals and are rounded; one above the
 * 9,007 BTC that fit is cut to that, since the bot never uses more.
 */
export function balanceOrNone(field: string, value: unknown): PicoBtc | null {
  if (value === "" || value === undefined || value === null) return null;
  const read = typeof value === "string" ? scaled(value, PICO_ROUNDED) : null;
  if (read !== null) return picoBtc(read);
  const whole = typeof value === "string" ? scaled(value, { places: 0, rounding: "half_up" }) : null;
  return whole === null || whole < 9007 ? fail(field, value) : picoBtc(Number.MAX_SAFE_INTEGER);
}
export function picoOrNone(field: string, value: unknown): PicoBtc | null {
  return value === "" || value === undefined || value === null ? null : pico(field, value);
}
/** Contract string → whole USD, also "100.000". Throws ParseFailure. */
export function contracts(field: string, value: unknown): UsdContracts {
  const read = typeof value === "string" ? scaled(value, WHOLE) : null;
  return read === null || read < 0 ? fail(field, value) : usdContracts(read);
}
export function contractsOrNone(field: string, value: unknown): UsdContracts | null {
  return value === "" || value === undefined || value === null ? null : contracts(field, value);
}
/** Rate string → 10⁻⁸. Throws ParseFailure. */
export function rate(field: string, value: unknown): RateE8 {
  const read = typeof value === "string" ? scaled(value, E8) : null;
  return read === null ? fail(field, value) : rateE8(read);
}
/** A number with two decimals as an integer × 100 (leverage). Throws ParseFailure. */
export function hundredths(field: string, value: unknown): number {
  const read = typeof value === "string" ? scaled(value, E2) : null;
  return read === null || read < 0 ? fail(field, value) : read;
}
/** Milliseconds as number (public data) or string (private data), TRAPS 70. Throws ParseFailure. */
export function time(field: string, value: unknown): EpochMs {
  const read = typeof value === "number" ? value : typeof value === "string" ? scaled(value, WHOLE) : null;
  return read === null || !Number.isSafeInteger(read) || read < 0 ? fail(field, value) : epochMs(read);
}
/** Like `time`; "", missing, zero and unreadable are not available. */
export function timeOrNone(value: unknown): EpochMs | null {
  const read = typeof value === "number" ? value : typeof value === "string" ? scaled(value, WHOLE) : null;
  return read === null || !Number.isSafeInteger(read) || read <= 0 ? null : epochMs(read);
}
/** Known word or the raw one (F-4.8). */
export function word<Known extends string>(known: ReadonlySet<Known>, raw: string): Word<Known> {
  return known.has(raw as Known) ? raw as Known : { kind: "unknown", raw };
}
