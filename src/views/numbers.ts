/** Numbers as a person reads them: rounded, with their unit. */

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** An exact BTC price: `$31,730`, `$30,903.50`; `unknown` for null. USD. */
export function priceText(usd: number | null): string {
  if (usd === null) return "unknown";
  return `$${Number.isInteger(usd) ? WHOLE.format(usd) : CENTS.format(usd)}`;
}

/** A BTC price near enough: `$31,730`. USD. */
export function roundPriceText(usd: number | null): string {
  return usd === null ? "unknown" : `$${WHOLE.format(usd)}`;
}

/** A limit that somebody set: `$80`, `$1,000`, `$0.50`. USD. */
export function limitText(usd: number | null): string {
  return priceText(usd);
}

/** A result: `+$1.20`, `-$0.24`, `$0.00`. USD. */
export function resultText(usd: number | null): string {
  if (usd === null) return "unknown";
  const text = CENTS.format(Math.abs(usd));
  if (text === "0.00") return "$0.00";
  return `${usd < 0 ? "-" : "+"}$${text}`;
}

/** A result in units of what was risked: `+0.42 R`, `-0.08 R`. */
export function rText(r: number | null): string {
  if (r === null) return "unknown";
  const text = Math.abs(r).toFixed(2);
  return `${text === "0.00" ? "" : r < 0 ? "-" : "+"}${text} R`;
}

/** `1.6 %`, `3 %`, `0.05 %`: one digit after the point from 1 on, two below. */
export function percentText(percent: number | null): string {
  if (percent === null) return "unknown";
  const text = percent.toFixed(Math.abs(percent) < 1 ? 2 : 1);
  return `${text.includes(".") ? text.replace(/\.?0+$/, "") : text} %`;
}

/** `1,234 sat`. */
export function satText(sats: number): string {
  return `${WHOLE.format(Math.round(sats))} sat`;
}

/** `1 contract`, `147 contracts`, `no trades`. */
export function countText(count: number, noun: string): string {
  return `${count === 0 ? "no" : WHOLE.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A moment near now: `14:05 UTC`, `00:00 UTC tomorrow`, `2026-12-03 00:00 UTC`. UTC milliseconds. */
export function momentText(at: number, now: number): string {
  const text = new Date(Math.ceil(at / MINUTE_MS) * MINUTE_MS).toISOString();
  const [day, clock] = [text.slice(0, 10), text.slice(11, 16)];
  const days = Math.floor(Date.parse(day) / DAY_MS) - Math.floor(now / DAY_MS);
  if (days === 0) return `${clock} UTC`;
  return days === 1 ? `${clock} UTC tomorrow` : `${day} ${clock} UTC`;
}

/** The first letter large, a full stop at the end. */
export function sentenceOf(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
