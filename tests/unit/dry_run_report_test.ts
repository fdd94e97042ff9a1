import assert from "node:assert/strict";
import { dryRunReport, lossStreakOf } from "../../src/programs/rehearsal/dry_run_report.ts";
import type { TradeLine } from "../../src/infrastructure/storage/trades/trade_schema.ts";

const HASH = "0".repeat(64);
const DAY = Date.UTC(2026, 10, 20);

/** A trade that won or lost so many satoshis, closed this many minutes after midnight. */
function trade(net: number, minute: number): TradeLine {
  const at = DAY + minute * 60_000;
  const fill = { price: 50_000, qty: 100, fee_sats: 5, is_maker: true, time_ms: at };
  return {
    trade_id: `t${minute}`,
    signal_id: `s${minute}`,
    order_ids: { entry: "1", stop: "2", exit: "3" },
    order_link_ids: [],
    direction: "long",
    contracts: 100,
    entry_price_avg: 50_000,
    exit_price_avg: 50_000,
    opened_at_ms: at,
    closed_at_ms: at,
    exit_reason: net > 0 ? "take_profit" : "stop_loss",
    entry_stage: 1,
    policy_version: "1",
    stop_distance_pct: 1,
    stop_price: 49_500,
    max_loss_sats: 1000,
    r_multiple: 0,
    fills: [{ ...fill, exec_id: `a${minute}`, role: "entry" }, {
      ...fill,
      exec_id: `b${minute}`,
      role: net > 0 ? "target" : "stop",
    }],
    slippage_usd: 0.01,
    latency_ms: { decision: null, rest_ack: null, ws_event: null, total: null },
    naked_ms: 20,
    uncovered_ms: 0,
    mark_price: 50_000,
    index_price: null,
    funding_rate: null,
    best_bid: null,
    best_ask: null,
    spread: null,
    market_regime: "range",
    gross_pnl_sats: net + 10,
    fees_sats: 10,
    funding_sats: 0,
    net_pnl_sats: net,
    net_pnl_usd: net * 0.0005,
    equity_before_sats: 1_000_000,
    equity_after_sats: 1_000_000 + net,
    fee_ratio: 1,
    gate_results: [],
    schema_version: "1.0",
    config_hash: HASH,
    git_commit: "dev",
    app_version: "dev",
    exchange_server_time_offset_ms: 0,
    journal_seq: 1,
    prev_hash: HASH,
    hash: HASH,
  };
}

const lines = [trade(1000, 1), trade(-200, 2), trade(-300, 3)];
const counters = {
  tradesTotal: 3,
  lossStreak: 2,
  day: { startAt: DAY, realisedUsd: 0.25 },
  week: { startAt: DAY - 4 * 86_400_000, realisedUsd: 0.25 },
};
const facts = {
  wanted: 3,
  startedAt: DAY,
  endedAt: DAY + 3_600_000,
  configHash: HASH,
  lines,
  faults: [],
  counters,
  lids: [],
  notes: [],
  books: [],
};

Deno.test("[P-12 F-8.3] a dry run whose log and counters agree has no problems", () => {
  const { text, problems } = dryRunReport(facts);
  assert.deepEqual(problems, []);
  assert.match(text, /\| trades closed \| 3 of 3 \|/);
  assert.match(text, /\| log completeness \| 100 % \(3 of 3\) \|/);
  assert.match(text, /\| closed by stop \| 2 \|/);
  assert.match(text, /\| loss streak \| 2 \| 2 \| yes \|/);
  assert.match(text, /\| PnL of the UTC day \| 0\.2500 \| 0\.2500 \| yes \|/);
  assert.match(text, /## Problems found\n\nNone\.\n/);
});

Deno.test("[P-12] every way a dry run can disagree is a problem by name", () => {
  const wrong = {
    ...facts,
    wanted: 4,
    faults: ["line 1 of x: torn"],
    counters: { ...counters, tradesTotal: 4, lossStreak: 3, day: { startAt: DAY, realisedUsd: 0.35 } },
    notes: ["left open: phase position"],
    books: [
      { trade_id: "t1", own: 1000, venue: 1001, contracts: 100, venueContracts: 100, same: true },
      { trade_id: "t2", own: -200, venue: -260, contracts: 100, venueContracts: 100, same: false },
    ],
    lines: [...lines.slice(0, 2), { ...trade(-300, 3), stop_price: null }],
  };
  const { text, problems } = dryRunReport(wrong);
  assert.match(text, /\| t1 \| 1000\.00 \| 1001\.00 \| yes \|\n\| t2 \| -200\.00 \| -260\.00 \| NO \|/);
  assert.deepEqual(problems, [
    "left open: phase position",
    "trade log: line 1 of x: torn",
    "3 of 4 trades were closed",
    "trades: the log gives 3, the bot 4",
    "loss streak: the log gives 2, the bot 3",
    "PnL of the UTC day: the log gives 0.2500, the bot 0.3500",
    "t2: net without funding is -200.00 sats in the log, -260.00 at the venue",
    "t3: closed without ever having a stop",
  ]);
});

Deno.test("[F-8.3] losses in a row are counted from the end of the log", () => {
  assert.equal(lossStreakOf([]), 0);
  assert.equal(lossStreakOf(lines), 2);
  assert.equal(lossStreakOf([trade(-1, 1), trade(0, 2)]), 2);
  assert.equal(lossStreakOf([trade(-1, 1), trade(5, 2)]), 0);
});
