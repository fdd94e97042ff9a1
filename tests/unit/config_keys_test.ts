/** Every key of the policy by name: its lowest and highest value are taken, the next one beyond is refused. */
import assert from "node:assert/strict";
import { mainSchema, safetySchema } from "../../src/infrastructure/config/schema.ts";

type Bounds = readonly [path: string, low: number, high: number, step: number];

/** Literals of their own, not read from the schema: a change of a bound must be made twice. */
const NUMBERS: readonly Bounds[] = [
  ["goal.capital_usd", 10, 1_000_000, 0.1],
  ["goal.goal_usd", 10, 10_000_000, 0.1],
  ["goal.equity_floor_usd", 1, 1_000_000, 0.1],
  ["goal.review_after_months", 1, 120, 0.1],
  ["goal.review_min_equity_usd", 0, 1_000_000, 0.1],
  ["goal.fail_after_months", 1, 120, 0.1],
  ["stages.bounds_usd.up_1_2", 1, 1_000_000, 0.1],
  ["stages.bounds_usd.up_2_3", 1, 1_000_000, 0.1],
  ["stages.bounds_usd.down_2_1", 1, 1_000_000, 0.1],
  ["stages.bounds_usd.down_3_2", 1, 1_000_000, 0.1],
  ["stages.stage_1.default_leverage", 1, 3, 0.1],
  ["stages.stage_1.max_loss_usd_cap", 0.1, 3, 0.01],
  ["stages.stage_1.loss_pct_cap", 0.1, 3, 0.01],
  ["stages.stage_2.max_loss_usd_cap", 0.1, 20, 0.01],
  ["stages.stage_2.loss_pct_cap", 0.1, 8, 0.01],
  ["stages.stage_3.default_leverage", 1, 2, 0.1],
  ["stages.stage_3.max_loss_usd_cap", 0.1, 30, 0.01],
  ["stages.stage_3.loss_pct_cap", 0.1, 6, 0.01],
  ["stages.stage_1.ev_fee_multiple_k", 1, 100, 0.1],
  ["stages.stage_1.atr_pct_24h_min", 0, 100, 0.1],
  ["stages.stage_1.max_trades_per_day", 0, 50, 1],
  ["stages.stage_1.liquidation_distance_multiple", 1.5, 100, 0.1],
  ["stages.stage_1.liquidation_distance_min_pct", 5, 90, 0.1],
  ["stages.leverage", 1, 3, 0.1],
  ["stages.stage_flap_max", 1, 100, 1],
  ["stages.stage_flap_window_min", 1, 1440, 0.1],
  ["stages.stage_flap_block_min", 1, 1440, 0.1],
  ["entry.max_price_divergence_pct", 0.01, 10, 0.001],
  ["entry.max_spread_ratio", 0.01, 1, 0.001],
  ["entry.book_min_ratio", 0, 10, 0.1],
  ["entry.entry_timeout_s", 5, 60, 0.1],
  ["entry.maker_timeout_max", 1, 20, 1],
  ["entry.taker_profit_multiple", 1, 100, 0.1],
  ["entry.taker_per_day", 0, 10, 1],
  ["entry.taker_block_min", 1, 1440, 0.1],
  ["entry.taker_cross_pct", 0, 0.5, 0.01],
  ["entry.max_contracts", 1, 100_000, 1],
  ["strategy.grid_atr_multiple", 0.1, 20, 0.01],
  ["strategy.target_spacing_multiple", 0.1, 10, 0.01],
  ["strategy.grid_anchor_max_age_h", 1, 720, 0.1],
  ["strategy.regime_high_vol_percentile", 1, 100, 0.1],
  ["strategy.regime_trend_percentile", 1, 100, 0.1],
  ["strategy.regime_slope_pct", 0, 10, 0.1],
  ["sizing.stop_distance_multiple", 0.1, 10, 0.01],
  ["sizing.stop_distance_min_pct", 0.5, 10, 0.1],
  ["sizing.stop_distance_max_pct", 0.5, 10, 0.1],
  ["sizing.stop_distance_default_pct", 0.5, 10, 0.1],
  ["sizing.margin_use_ratio", 0.05, 0.9, 0.01],
  ["sizing.unknown_liq_max_leverage", 1, 3, 0.1],
  ["sizing.unknown_liq_max_stop_pct", 0.5, 10, 0.1],
  ["sizing.unknown_liq_refuse_stop_pct", 0.5, 10, 0.1],
  ["sizing.unknown_liq_size_ratio", 0.05, 1, 0.01],
  ["sizing.size_overflow_ratio", 1, 2, 0.01],
  ["stop.stop_update_threshold_pct", 0, 100, 0.1],
  ["stop.stop_debounce_s", 0.5, 8, 0.1],
  ["stop.stop_missing_max_s", 1, 10, 0.1],
  ["stop.stop_recovery_max_attempts", 1, 10, 1],
  ["stop.stop_ack_timeout_s", 0.5, 8, 0.1],
  ["stop.local_stop_grace_s", 1, 60, 0.1],
  ["stop.adopt_stop_pct", 0.5, 10, 0.1],
  ["runtime.exit_timeout_s", 5, 60, 0.1],
  ["runtime.cancel_confirm_s", 1, 30, 0.1],
  ["runtime.tick_min_s", 0.2, 10, 0.01],
  ["runtime.tick_s", 0.2, 10, 0.01],
  ["runtime.tick_max_s", 0.2, 10, 0.01],
  ["runtime.rest_budget_per_min", 30, 600, 1],
  ["runtime.rest_budget_other_per_min", 20, 600, 1],
  ["runtime.rest_slow_down_pct", 10, 100, 0.1],
  ["runtime.rest_protective_gap_ms", 0, 1000, 1],
  ["runtime.rest_timeout_s", 1, 30, 0.1],
  ["runtime.min_order_interval_ms", 0, 60_000, 1],
  ["runtime.market_data_max_age_s", 1, 120, 0.1],
  ["runtime.market_data_degraded_s", 2, 300, 0.1],
  ["runtime.dedup_keys_min", 100, 1_000_000, 1],
  ["runtime.network_failure_timeouts", 1, 20, 1],
  ["runtime.reconnect_loop_count", 1, 100, 1],
  ["runtime.reconnect_loop_window_s", 10, 3600, 0.1],
  ["runtime.clock_skew_warn_s", 0.1, 10, 0.01],
  ["runtime.ws_ping_s", 1, 20, 0.1],
  ["runtime.ws_heartbeat_timeout_s", 2, 60, 0.1],
  ["runtime.ws_event_drop_max", 1, 100, 1],
  ["runtime.degraded_halt_s", 10, 600, 0.1],
  ["runtime.ws_recovery_cooldown_s", 0, 3600, 0.1],
  ["runtime.ws_reconnect_backoff_min_s", 0.1, 60, 0.01],
  ["runtime.ws_reconnect_backoff_max_s", 0.1, 60, 0.01],
  ["runtime.ws_queue_max", 100, 100_000, 1],
  ["runtime.reconcile_pending_s", 1, 60, 0.1],
  ["runtime.reconcile_position_s", 1, 60, 0.1],
  ["runtime.reconcile_flat_s", 1, 300, 0.1],
  ["runtime.reconcile_degraded_s", 1, 10, 0.1],
  ["runtime.wallet_period_s", 2, 300, 0.1],
  ["runtime.reconcile_mismatch_confirm", 1, 10, 1],
  ["runtime.reconcile_recheck_s", 0.2, 10, 0.01],
  ["runtime.reconcile_override_pause_s", 0, 60, 0.1],
  ["runtime.reject_streak_max", 1, 20, 1],
  ["runtime.reject_cooldown_s", 10, 86_400, 0.1],
  ["runtime.recv_window_ms", 1000, 10_000, 1],
  ["runtime.journal_retention_days", 1, 3650, 1],
  ["files.alerts_keep_months", 1, 1200, 1],
  ["files.history_keep_days", 1, 3650, 1],
  ["fees.default_maker_rate", -0.001, 0.01, 0.0001],
  ["fees.default_taker_rate", 0, 0.01, 0.0001],
  ["fees.fee_rate_cache_min", 1, 1440, 0.1],
  ["fees.fee_judge_min_sats", 0, 1_000_000, 1],
  ["fees.fee_spike_tighten_h", 0, 720, 0.1],
  ["fees.fee_spike_ev_multiple", 1, 10, 0.1],
  ["fees.fee_spike_size_ratio", 0.05, 1, 0.01],
  ["performance.backtest_winrate_pct", 0, 100, 0.1],
  ["performance.backtest_winrate_min_pct", 0, 100, 0.1],
  ["performance.winrate_warn_pct", 0, 100, 0.1],
  ["performance.winrate_warn_size_ratio", 0.05, 1, 0.01],
  ["performance.winrate_halt_pct", 0, 100, 0.1],
  ["performance.winrate_min_trades", 1, 1000, 1],
  ["performance.winrate_full_trades", 1, 1000, 1],
  ["performance.winrate_window", 1, 1000, 1],
  ["performance.streak_length", 1, 20, 1],
  ["performance.loss_streak_size_ratio", 0.05, 1, 0.01],
  ["performance.win_streak_size_ratio", 1, 3, 0.1],
  ["performance.multiplier_min", 0.05, 1, 0.01],
  ["performance.multiplier_max", 0.05, 1, 0.01],
];
const SAFETY: readonly Bounds[] = [
  ["drop_1m_pct", -50, -0.1, 0.01],
  ["drop_5m_pct", -80, -0.1, 0.01],
  ["surge_1m_pct", 0.1, 50, 0.01],
  ["surge_5m_pct", 0.1, 80, 0.01],
  ["recovery_1m_pct", -50, -0.01, 0.001],
  ["recovery_5m_pct", -80, -0.01, 0.001],
  ["recovery_stable_min", 1, 1440, 0.1],
  ["cooldown_min", 1, 10_080, 0.1],
  ["latency_block_s", 0.2, 30, 0.01],
  ["balance_stale_s", 5, 600, 0.1],
  ["daily_loss_cap_pct", 0.1, 25, 0.01],
  ["weekly_loss_cap_pct", 0.1, 50, 0.01],
  ["weekly_cooldown_days", 1, 60, 0.1],
  ["loss_streak_day", 1, 20, 1],
  ["loss_streak_cooldown", 2, 50, 1],
  ["loss_streak_cooldown_h", 1, 720, 0.1],
  ["fee_spike_ratio", 1, 10, 0.1],
  ["fee_spike_count", 1, 20, 1],
  ["fee_spike_min", 1, 1440, 0.1],
  ["slippage_usd", 0.01, 1000, 0.001],
  ["slippage_count", 1, 20, 1],
  ["slippage_window_s", 10, 86_400, 0.1],
  ["slippage_min", 1, 1440, 0.1],
  ["max_orders_per_hour", 1, 600, 1],
  ["min_equity_usd", 1, 1_000_000, 0.1],
  ["max_trades_total", 1, 10_000, 1],
];
/** Words and lists: what is taken, and what is refused. */
const WORDS: readonly (readonly [path: string, taken: readonly unknown[], refused: readonly unknown[]])[] = [
  ["environment", ["testnet"], ["mainnet", "Testnet", "", null]],
  ["symbol", ["BTCUSD"], ["BTCUSDT", "ETHUSD"]],
  ["profile", ["standard", "scenario"], ["fast", 1]],
  ["goal.floor_basis", ["usd", "trading"], ["btc", null]],
  ["strategy_name", ["grid", "a"], ["", "grids", "Grid", "g_1", 1]],
  ["stages.stage_1.maker_only_default", [true, false], ["true", 1]],
  ["stages.stage_1.entry_order", ["post_only", "ioc"], ["market"]],
  ["stages.stage_1.exit_order", ["resting_target", "market"], ["ioc"]],
  ["strategy.signal_bar", ["1m", "1h"], ["5m", 60]],
  ["strategy.regime_filter", [true, false], ["off"]],
  ["stop.stop_trigger_by", ["MarkPrice", "LastPrice"], ["IndexPrice"]],
  ["performance.require_backtest", [true, false], ["no"]],
  ["runtime.halt_auto_release", [[], ["network_failure"], ["venue_maintenance"]], [["kill_switch"], "network_failure"]],
  ["runtime.retry_delays_s", [[0.5, 1, 2], [0.1]], [[], [0], ["1"], 1]],
  ["runtime.rate_limits_per_s", [{}, { "/v5/order/create": 10 }], [{ create: 10 }, { "/v5/order/create": 0 }, 10]],
];
const SAFETY_FLAGS = ["surge_enabled", "kill_switch_flatten", "dry_run"];

function nested(path: string, value: unknown): Record<string, unknown> {
  return path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}
function mainTakes(path: string, value: unknown): boolean {
  const base = path === "environment" ? {} : { environment: "testnet" };
  return mainSchema.safeParse({ ...base, ...nested(path, value) }).success;
}
const goodSafety = (() => {
  const good: Record<string, unknown> = Object.fromEntries(SAFETY.map(([key, low]) => [key, low]));
  for (const key of SAFETY_FLAGS) good[key] = false;
  return good;
})();
function safetyTakes(key: string, value: unknown): boolean {
  return safetySchema.safeParse({ ...goodSafety, [key]: value }).success;
}

function checkBounds([path, low, high, step]: Bounds, takes: (path: string, value: unknown) => boolean): void {
  assert.ok(takes(path, low), `${path} = ${low}`);
  assert.ok(takes(path, high), `${path} = ${high}`);
  assert.ok(!takes(path, low - step), `${path} = ${low - step}`);
  assert.ok(!takes(path, high + step), `${path} = ${high + step}`);
  for (const odd of [String(low), NaN, Infinity, [low]]) assert.ok(!takes(path, odd), `${path} = ${String(odd)}`);
  if (step === 1) assert.ok(!takes(path, low + 0.5), `${path} = ${low + 0.5}`);
}

/** `tick_s of runtime`. */
function keyOf(path: string): string {
  const parts = path.split(".");
  const key = parts.pop() ?? path;
  return parts.length === 0 ? key : `${key} of ${parts.join(".")}`;
}

for (const bounds of NUMBERS) {
  Deno.test(`[P-8] the configuration holds ${keyOf(bounds[0])} between ${bounds[1]} and ${bounds[2]}`, () => {
    checkBounds(bounds, mainTakes);
  });
}
for (const bounds of SAFETY) {
  Deno.test(`[P-11] the safety limits hold ${bounds[0]} between ${bounds[1]} and ${bounds[2]} and need it`, () => {
    checkBounds(bounds, safetyTakes);
    assert.ok(!safetyTakes(bounds[0], undefined));
  });
}
for (const [path, taken, refused] of WORDS) {
  Deno.test(`[P-8] the configuration takes only the words of ${keyOf(path)}`, () => {
    for (const value of taken) assert.ok(mainTakes(path, value), `${path} = ${JSON.stringify(value)}`);
    for (const value of refused) assert.ok(!mainTakes(path, value), `${path} = ${JSON.stringify(value)}`);
  });
}
for (const key of SAFETY_FLAGS) {
  Deno.test(`[P-11] the safety limits need ${key} as true or false`, () => {
    assert.ok(safetyTakes(key, true) && safetyTakes(key, false));
    for (const odd of [undefined, null, "true", 1]) assert.ok(!safetyTakes(key, odd));
  });
}

Deno.test("[P-8] no key of the schemas is missing from these tables", () => {
  const listed = new Set([...NUMBERS.map(([path]) => path), ...WORDS.map(([path]) => path)]);
  const leaves = (value: unknown, path: string): string[] =>
    typeof value !== "object" || value === null || Array.isArray(value) || path === "runtime.rate_limits_per_s"
      ? [path]
      : Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
  // The three stages share one shape; the first stands for the others where they have the same bounds.
  const same = (path: string) => path.replace(/stage_[23]\./, "stage_1.");
  const missing = leaves(mainSchema.parse({ environment: "testnet" }), "").filter((path) =>
    !listed.has(path) && !listed.has(same(path))
  );
  assert.deepEqual(missing, []);
  assert.deepEqual(
    Object.keys(safetySchema.shape).toSorted(),
    [...SAFETY.map(([key]) => key), ...SAFETY_FLAGS].toSorted(),
  );
});
