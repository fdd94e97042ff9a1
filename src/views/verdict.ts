/** The verdict first: did *trading* win, and what would just holding the BTC have brought. */
import { dollarText } from "../common/text.ts";
import { countText, percentText, rText, satText } from "./numbers.ts";

export type VerdictFacts = {
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
  readonly trades: number;
  readonly wins: number;
  readonly r_mean: number | null;
  /** What trading brought, in satoshi, and in dollars at the last price. */
  readonly trading_sats: number;
  readonly trading_usd: number;
  /** USD; null = not known. */
  readonly start_usd: number | null;
  readonly end_usd: number | null;
  /** What only holding the BTC of the start would be worth at the end. USD. */
  readonly held_usd: number | null;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `59 days`, `36 hours`, `40 minutes`. */
export function spanText(ms: number): string {
  if (ms >= 2 * DAY_MS) return countText(Math.round(ms / DAY_MS), "day");
  if (ms >= 2 * HOUR_MS) return countText(Math.round(ms / HOUR_MS), "hour");
  return countText(Math.round(ms / 60_000), "minute");
}

/** `Trading lost $19.91 (42,318 sat) in 59 days (66 trades, 53 % won, average -0.08 R).` */
export function verdictSentence(facts: VerdictFacts): string {
  const { trades, wins, trading_usd: usd, r_mean: mean } = facts;
  const span = spanText(facts.to - facts.from);
  if (trades === 0 && Math.abs(usd) < 0.005) return `Trading did nothing in ${span}: no trade was closed.`;
  const won = trades === 0 ? "" : `, ${percentText(Math.round((wins / trades) * 100))} won`;
  const average = mean === null ? "" : `, average ${rText(mean)}`;
  const detail = `(${countText(trades, "trade")}${won}${average})`;
  if (Math.abs(usd) < 0.005) return `Trading neither won nor lost in ${span} ${detail}.`;
  const word = usd < 0 ? "lost" : "won";
  return `Trading ${word} ${dollarText(Math.abs(usd))} (${
    satText(Math.abs(facts.trading_sats))
  }) in ${span} ${detail}.`;
}

/** `Just holding the BTC would have ended at $156.16; the account ended at $136.25, from $100.00.` */
export function holdingSentence(facts: VerdictFacts): string | null {
  const { start_usd: start, end_usd: end, held_usd: held } = facts;
  if (start === null || end === null || held === null) return null;
  return `Just holding the BTC would have ended at ${dollarText(held)}; the account ended at ${dollarText(end)}, ` +
    `from ${dollarText(start)}.`;
}
