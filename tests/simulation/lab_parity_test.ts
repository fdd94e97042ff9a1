/** The fast answer beside the slow one (L-1.6). */
import { strict as assert } from "node:assert";
import type { TradeRecord } from "../../src/domain/records.ts";
import { earliestStart } from "../../src/programs/lab/driver/candles.ts";
import { runCandidate } from "../../src/programs/lab/driver/run_candidate.ts";
import type { Candidate } from "../../src/programs/lab/driver/types.ts";
import { realIo } from "../../src/programs/lab/io.ts";
import { labCandles, labConfig } from "../../src/programs/lab/load.ts";
import { compareTrades, parityFigures } from "../../src/programs/lab/parity/compare_trades.ts";
import { runWire } from "../../src/programs/lab/parity/fidelity_wire.ts";

Deno.test("[L-1.6] two days of a narrow grid are the same trades by wire and by bars", () => {
  const { config } = labConfig(realIo(), "config/testnet.yaml");
  const candles = labCandles(realIo(), "config/recordings/winter-2021.csv.gz");
  const from = earliestStart(candles);
  const skip = true;
  const candidate: Candidate = {
    config: { ...config, strategy: { ...config.strategy, grid_atr_multiple: 1 } },
    candles,
    from,
    to: from + 2 * 86_400_000,
    path: "seeded",
    seed: 3,
    options: { skipQuiet: skip, halts: "stop", fill: "touch", walletUsd: 100, slippageBps: 0, keepIntents: false },
  };
  const wire = runWire(candidate).trades;
  const found = compareTrades(wire, runCandidate(candidate).records);
  const figures = parityFigures([found]);
  assert.ok(wire.length >= 4, `${wire.length} trades`);
  assert.ok(figures.paired_pct >= 75 && figures.median_abs_dr <= 0.01, JSON.stringify({ figures, first: found.first }));
});

function tradeOf(to: Partial<TradeRecord>): TradeRecord {
  return {
    type: "trade",
    trade_id: "t",
    signal_id: "s",
    order_ids: { entry: null, stop: null, exit: null },
    order_link_ids: [],
    direction: "long",
    contracts: 100,
    entry_price_avg: 50_000,
    exit_price_avg: 51_000,
    opened_at_ms: 1_000_000,
    closed_at_ms: 2_000_000,
    exit_reason: "profit_target",
    entry_stage: 1,
    policy_version: "3.0",
    stop_distance_pct: 3,
    stop_price: 48_500,
    max_loss_sats: 6_000,
    r_multiple: 0.6,
    fills: [],
    slippage_usd: 0,
    latency_ms: { decision: 0, rest_ack: null, ws_event: null, total: null },
    naked_ms: 0,
    uncovered_ms: 0,
    mark_price: null,
    index_price: null,
    funding_rate: null,
    best_bid: null,
    best_ask: null,
    spread: null,
    market_regime: "ranging",
    gross_pnl_sats: 3_922,
    fees_sats: 80,
    funding_sats: 0,
    net_pnl_sats: 3_842,
    net_pnl_usd: 1.95,
    equity_before_sats: 200_000,
    equity_after_sats: 203_842,
    fee_ratio: 1,
    gate_results: [],
    ...to,
  };
}

Deno.test("[L-1.6] a difference in R is split by cause, and the parts add up", () => {
  const wire = tradeOf({});
  const lab = tradeOf({ exit_price_avg: 51_100, fees_sats: 86, funding_sats: 12, r_multiple: 0.66 });
  const [pair] = compareTrades([wire], [lab]).pairs;
  assert.ok(pair !== undefined);
  const { entry, exit, fees, funding, rest, total } = pair.split;
  assert.equal(entry, 0);
  assert.ok(Math.abs(exit - (100 / 51_000 - 100 / 51_100) * 1e8 / 6_000) < 1e-9 && exit > 0, `${exit}`);
  assert.ok(Math.abs(fees + 0.001) < 1e-9 && Math.abs(funding + 0.002) < 1e-9);
  assert.ok(Math.abs(entry + exit + fees + funding + rest - total) < 1e-12);
  const short = compareTrades([tradeOf({ direction: "short" })], [
    tradeOf({ direction: "short", entry_price_avg: 50_100 }),
  ]);
  assert.ok((short.pairs[0]?.split.entry ?? 0) > 0, "a short that enters higher gains");
});

Deno.test("[L-1.6] trades of one side are listed with their cause, and the first divergence is named", () => {
  const wire = [
    tradeOf({ signal_id: "a", opened_at_ms: 1_000_000 }),
    tradeOf({ signal_id: "b", opened_at_ms: 5_000_000 }),
    tradeOf({ signal_id: "c", opened_at_ms: 9_000_000 }),
  ];
  const lab = [tradeOf({ signal_id: "a" }), tradeOf({ signal_id: "b2", opened_at_ms: 5_060_000 })];
  const found = compareTrades(wire, lab);
  assert.deepEqual(found.alone.map(({ side, trade, cause }) => [side, trade.signal_id, cause]), [
    ["wire", "b", "bar_race"],
    ["wire", "c", "not_taken"],
    ["lab", "b2", "bar_race"],
  ]);
  assert.equal(found.first?.signalId, "b");
  assert.equal(found.longestRun, 1);
  const figures = parityFigures([found]);
  assert.equal(Math.round(figures.paired_pct), 33);
  assert.equal(figures.causes["bar_race_wire"], 1);
  assert.ok(figures.sum_dr_pct > 0);
});
