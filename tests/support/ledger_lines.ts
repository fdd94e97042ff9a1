/** Lines of a trade log for tests of figures: only the money is given. */
import {
  type AdjustmentLine,
  adjustmentLine as adjustmentSchema,
  type TradeLine,
  tradeLine as tradeSchema,
} from "../../src/infrastructure/storage/trades/trade_schema.ts";
import { trade } from "./trade_sample.ts";

const INTEGRITY = {
  schema_version: "1.0" as const,
  config_hash: "a".repeat(64),
  git_commit: "abc",
  app_version: "0.1.0",
  exchange_server_time_offset_ms: 0,
  journal_seq: 1,
  prev_hash: "b".repeat(64),
  hash: "c".repeat(64),
};

/** A closed long; satoshi, dollars, the price of its exit. */
export function tradeLine(of: {
  readonly at: number;
  readonly gross: number;
  readonly fees: number;
  readonly usd: number;
  readonly price: number;
}): TradeLine {
  const { type: _, ...fields } = trade(1, {
    opened_at_ms: of.at - 60_000,
    closed_at_ms: of.at,
    gross_pnl_sats: of.gross,
    fees_sats: of.fees,
    funding_sats: 0,
    net_pnl_sats: of.gross - of.fees,
    net_pnl_usd: of.usd,
    entry_price_avg: of.price,
    exit_price_avg: of.price,
    r_multiple: 0.42,
  });
  return tradeSchema.parse({ ...fields, ...INTEGRITY });
}

/** Fees and funding that came late; satoshi. */
export function adjustmentLine(of: {
  readonly at: number;
  readonly fees: number;
  readonly funding: number;
}): AdjustmentLine {
  return adjustmentSchema.parse({
    type: "adjustment",
    at: of.at,
    trade_id: "t1",
    exec_id: "x1",
    fees_sats: of.fees,
    funding_sats: of.funding,
    gross_pnl_sats: 0,
    ...INTEGRITY,
  });
}
