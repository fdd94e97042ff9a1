import type { TradeRecord } from "../../src/domain/records.ts";
import { DAY } from "./journal_rig.ts";

/** A long of 100 contracts, closed at its target with 1,250 sats gross. */
export function trade(n: number, change: Partial<TradeRecord> = {}): TradeRecord {
  const closedAt = DAY + n * 3_600_000;
  const fill = { price: 60_000, qty: 100, is_maker: true, time_ms: closedAt };
  return {
    type: "trade",
    trade_id: `t${n}`,
    signal_id: `grid_000000000${n % 10}_l`,
    order_ids: { entry: "e", stop: "s", exit: null },
    order_link_ids: ["grid_l_Buy"],
    direction: "long",
    contracts: 100,
    entry_price_avg: 60_000,
    exit_price_avg: 60_500,
    opened_at_ms: closedAt - 60_000,
    closed_at_ms: closedAt,
    exit_reason: "profit_target",
    entry_stage: 1,
    policy_version: "3.0",
    stop_distance_pct: 2,
    stop_price: 58_800,
    max_loss_sats: 5_000,
    r_multiple: 0.25,
    fills: [
      { ...fill, exec_id: `a${n}`, fee_sats: 33.3333, role: "entry" },
      { ...fill, exec_id: `b${n}`, fee_sats: 33.0578, role: "target" },
    ],
    slippage_usd: 0,
    latency_ms: { decision: 1, rest_ack: 80, ws_event: 70, total: 90 },
    naked_ms: 120,
    uncovered_ms: 180,
    mark_price: 60_500.5,
    index_price: 60_501,
    funding_rate: 0.0001,
    best_bid: 60_500,
    best_ask: 60_500.5,
    spread: 0.5,
    market_regime: "ranging",
    gross_pnl_sats: 1_377.4105,
    fees_sats: 66.3911,
    funding_sats: 0,
    net_pnl_sats: 1_311.0194,
    net_pnl_usd: 0.79,
    equity_before_sats: 166_666,
    equity_after_sats: 167_977.0194,
    fee_ratio: 1,
    gate_results: [{ gate: 1, code: null, inputs: { word: "FLAT" } }],
    ...change,
  };
}
