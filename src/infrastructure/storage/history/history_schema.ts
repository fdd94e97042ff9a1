/**
 * One line of `data/history/YYYY-MM-DD.jsonl` (M-1.1): what the bot was and had at one moment. Dollars and BTC, times in
 * UTC milliseconds; `contracts` is signed (short below 0). A value that was not known is null or left out.
 */
import { z } from "zod";
import { parseObject } from "../../../common/json.ts";

/** Version of the lines; a reader names every other one. */
export const HISTORY_SCHEMA = 1;

const amount = z.number().nullable();
const price = z.number();

export const historyLine = z.strictObject({
  schema: z.literal(HISTORY_SCHEMA),
  at_ms: z.int().min(0),
  last_usd: amount,
  mark_usd: amount,
  equity_btc: amount,
  /** Equity at the mark price of the moment. */
  equity_usd: amount,
  /** Equity at the BTC price of the start: what trading alone made of the capital. */
  trading_usd: amount,
  /** What the start capital would be worth, had it only been held. */
  held_usd: amount,
  word: z.string(),
  phase: z.string(),
  contracts: z.int(),
  entry_usd: price.optional(),
  stop_usd: price.optional(),
  target_usd: price.optional(),
  /** The venue shows a stop for the whole position; left out while there is none to protect. */
  covered: z.boolean().optional(),
  halt: z.string().optional(),
  blocks: z.array(z.string()).optional(),
  /** Room of the limits: trades of the day, dollars of the day and week, losing trades in a row. */
  left: z.strictObject({ trades: z.int(), day_usd: amount, week_usd: amount, losses: z.int() }),
});
export type HistoryLine = z.infer<typeof historyLine>;

/** The bot's money at its first price; written once, so that curves keep their origin. */
export const historyStart = z.strictObject({
  schema: z.literal(HISTORY_SCHEMA),
  account_uid: z.string(),
  at_ms: z.int().min(0),
  capital_usd: z.number().positive(),
  /** Price of one BTC at the start. */
  btc_usd: z.number().positive(),
});
export type HistoryStart = z.infer<typeof historyStart>;

/** A line that was read; `"version"` = written by another version; null = no line of a history at all. */
export function parseHistoryLine(text: string): HistoryLine | "version" | null {
  const fields = parseObject(text);
  if (fields === null) return null;
  const parsed = historyLine.safeParse(fields);
  if (parsed.success) return parsed.data;
  return typeof fields["schema"] === "number" && fields["schema"] !== HISTORY_SCHEMA ? "version" : null;
}

/** The stored start, or null when there is none that can be read. */
export function parseHistoryStart(text: string): HistoryStart | null {
  const parsed = historyStart.safeParse(parseObject(text));
  return parsed.success ? parsed.data : null;
}
