/** The shape and the ranges of every configuration key (policy.md). The defaults are the policy's own. */
import { z } from "zod";
import { TARGET_SPACING_MULTIPLE } from "./as_before.ts";

/** Marks a key that the file must give: P-11 allows no silent default. */
type Range = { readonly min: number; readonly max: number; readonly unit: string; readonly above?: string };

function numberRule(range: Range, what: string): string {
  const { min, max, unit } = range;
  return `must be ${what} from ${min} to ${max}${unit === "" ? "" : ` (${unit})`}${range.above ?? ""}`;
}
function real(range: Range) {
  const error = numberRule(range, "a number");
  return z.number({ error }).min(range.min, { error }).max(range.max, { error });
}
function whole(range: Range) {
  const error = numberRule(range, "a whole number");
  return z.int({ error }).min(range.min, { error }).max(range.max, { error });
}
function flag() {
  return z.boolean({ error: "must be true or false" });
}
function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be ${words.join(" or ")}` });
}
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be a section of `key: value` lines, indented" : undefined),
  });
}

const pct = (min: number, max: number) => ({ min, max, unit: "percent" });
const usd = (min: number, max: number) => ({ min, max, unit: "dollars" });
const seconds = (min: number, max: number) => ({ min, max, unit: "seconds" });
const millis = (min: number, max: number) => ({ min, max, unit: "milliseconds" });
const minutes = (min: number, max: number) => ({ min, max, unit: "minutes" });
const hours = (min: number, max: number) => ({ min, max, unit: "hours" });
const months = (min: number, max: number) => ({ min, max, unit: "months" });
const count = (min: number, max: number) => ({ min, max, unit: "" });

/** Looser than policy.md needs a decision record (P-3), so the policy's value is the limit. */
const LOOSER = ", looser needs a decision record (P-3)";

type StageDefaults = {
  readonly leverage: number;
  readonly lossUsd: number;
  readonly lossPct: number;
  readonly feeMultiple: number;
  readonly atr: number;
  readonly makerOnly: boolean;
  readonly trades: number;
  readonly liquidationMultiple: number;
  readonly liquidationPct: number;
  readonly entry: "post_only" | "ioc";
  readonly exit: "resting_target" | "market";
};
function stage(policy: StageDefaults) {
  return section({
    default_leverage: real({ min: 1, max: policy.leverage, unit: "times", above: LOOSER }).default(policy.leverage),
    max_loss_usd_cap: real({ ...usd(0.1, policy.lossUsd), above: LOOSER }).default(policy.lossUsd),
    loss_pct_cap: real({ ...pct(0.1, policy.lossPct), above: LOOSER }).default(policy.lossPct),
    ev_fee_multiple_k: real({ min: 1, max: 100, unit: "times the fees" }).default(policy.feeMultiple),
    atr_pct_24h_min: real(pct(0, 100)).default(policy.atr),
    maker_only_default: flag().default(policy.makerOnly),
    max_trades_per_day: whole({ min: 0, max: 50, unit: "trades" }).default(policy.trades),
    liquidation_distance_multiple: real({ min: 1.5, max: 100, unit: "stop distances" }).default(
      policy.liquidationMultiple,
    ),
    liquidation_distance_min_pct: real(pct(5, 90)).default(policy.liquidationPct),
    entry_order: oneOf(["post_only", "ioc"]).default(policy.entry),
    exit_order: oneOf(["resting_target", "market"]).default(policy.exit),
  }).prefault({});
}
/** P-3, column by column. */
export const STAGE_POLICY: { readonly [Stage in "stage_1" | "stage_2" | "stage_3"]: StageDefaults } = {
  stage_1: {
    leverage: 3,
    lossUsd: 3,
    lossPct: 3,
    feeMultiple: 2,
    atr: 3,
    makerOnly: true,
    trades: 5,
    liquidationMultiple: 4,
    liquidationPct: 15,
    entry: "post_only",
    exit: "resting_target",
  },
  stage_2: {
    leverage: 3,
    lossUsd: 20,
    lossPct: 8,
    feeMultiple: 2.5,
    atr: 4,
    makerOnly: false,
    trades: 10,
    liquidationMultiple: 3.5,
    liquidationPct: 15,
    entry: "post_only",
    exit: "resting_target",
  },
  stage_3: {
    leverage: 2,
    lossUsd: 30,
    lossPct: 6,
    feeMultiple: 3,
    atr: 5,
    makerOnly: false,
    trades: 10,
    liquidationMultiple: 3,
    liquidationPct: 12,
    entry: "ioc",
    exit: "market",
  },
};

const goal = section({
  capital_usd: real(usd(10, 1_000_000)).nullable().default(100),
  goal_usd: real(usd(10, 10_000_000)).default(1000),
  equity_floor_usd: real(usd(1, 1_000_000)).default(80),
  floor_basis: oneOf(["usd", "trading"]).default("usd"),
  review_after_months: real(months(1, 120)).default(12),
  review_min_equity_usd: real(usd(0, 1_000_000)).default(200),
  fail_after_months: real(months(1, 120)).default(18),
}).prefault({});

const stages = section({
  bounds_usd: section({
    up_1_2: real(usd(1, 1_000_000)).default(300),
    up_2_3: real(usd(1, 1_000_000)).default(700),
    down_2_1: real(usd(1, 1_000_000)).default(291),
    down_3_2: real(usd(1, 1_000_000)).default(679),
  }).prefault({}),
  stage_1: stage(STAGE_POLICY.stage_1),
  stage_2: stage(STAGE_POLICY.stage_2),
  stage_3: stage(STAGE_POLICY.stage_3),
  leverage: real({ min: 1, max: 3, unit: "times", above: ", or null" }).nullable().default(null),
  stage_flap_max: whole(count(1, 100)).default(2),
  stage_flap_window_min: real(minutes(1, 1440)).default(60),
  stage_flap_block_min: real(minutes(1, 1440)).default(60),
}).prefault({});

const entry = section({
  max_price_divergence_pct: real(pct(0.01, 10)).default(1),
  max_spread_ratio: real({ min: 0.01, max: 1, unit: "share of the stop distance" }).default(0.25),
  book_min_ratio: real({ min: 0, max: 10, unit: "share of our contracts" }).default(0.5),
  entry_timeout_s: real(seconds(5, 60)).default(60),
  maker_timeout_max: whole(count(1, 20)).default(3),
  taker_profit_multiple: real({ min: 1, max: 100, unit: "times the taker fee" }).default(5),
  taker_per_day: whole(count(0, 10)).default(1),
  taker_block_min: real(minutes(1, 1440)).default(60),
  taker_cross_pct: real(pct(0, 0.5)).default(0.1),
  max_contracts: whole({ min: 1, max: 100_000, unit: "contracts of 1 dollar" }).default(2000),
}).prefault({});

const strategy = section({
  grid_atr_multiple: real({ min: 0.1, max: 20, unit: "times ATR" }).default(2),
  target_spacing_multiple: real({ min: 0.1, max: 10, unit: "times the grid spacing" }).default(TARGET_SPACING_MULTIPLE),
  grid_anchor_max_age_h: real(hours(1, 720)).default(24),
  signal_bar: oneOf(["1m", "1h"]).default("1h"),
  regime_filter: flag().default(false),
  regime_high_vol_percentile: real(pct(1, 100)).default(80),
  regime_trend_percentile: real(pct(1, 100)).default(50),
  regime_slope_pct: real(pct(0, 10)).default(0.1),
}).prefault({});

const sizing = section({
  stop_distance_multiple: real({ min: 0.1, max: 10, unit: "times the grid spacing" }).default(1.5),
  stop_distance_min_pct: real(pct(0.5, 10)).default(2),
  stop_distance_max_pct: real(pct(0.5, 10)).default(6),
  stop_distance_default_pct: real(pct(0.5, 10)).default(3),
  margin_use_ratio: real({ min: 0.05, max: 0.9, unit: "share of the margin" }).default(0.8),
  unknown_liq_max_leverage: real({ min: 1, max: 3, unit: "times" }).default(3),
  unknown_liq_max_stop_pct: real(pct(0.5, 10)).default(5),
  unknown_liq_refuse_stop_pct: real(pct(0.5, 10)).default(4),
  unknown_liq_size_ratio: real({ min: 0.05, max: 1, unit: "share of the contracts" }).default(0.8),
  size_overflow_ratio: real({ min: 1, max: 2, unit: "times the sizing" }).default(1.1),
}).prefault({});

const stop = section({
  stop_update_threshold_pct: real(pct(0, 100)).default(20),
  stop_debounce_s: real(seconds(0.5, 8)).default(2),
  stop_missing_max_s: real(seconds(1, 10)).default(10),
  stop_recovery_max_attempts: whole(count(1, 10)).default(3),
  stop_ack_timeout_s: real(seconds(0.5, 8)).default(2),
  stop_trigger_by: oneOf(["MarkPrice", "LastPrice"]).default("MarkPrice"),
  local_stop_grace_s: real(seconds(1, 60)).default(3),
  adopt_stop_pct: real(pct(0.5, 10)).default(3),
}).prefault({});

/** The venue's table (PROTOCOL §6): calls a second per endpoint. */
const VENUE_RATES: Readonly<Record<string, number>> = {
  "/v5/order/create": 10,
  "/v5/order/amend": 10,
  "/v5/order/cancel": 10,
  "/v5/order/realtime": 50,
  "/v5/order/history": 50,
  "/v5/execution/list": 50,
  "/v5/position/list": 50,
  "/v5/position/set-leverage": 10,
  "/v5/account/wallet-balance": 50,
  "/v5/account/info": 50,
  "/v5/account/fee-rate": 5,
  "/v5/account/set-limit-px-action": 10,
};
const rateKey = z.string().regex(/^\/v5\/[a-z/-]+$/, { error: "must be an endpoint such as /v5/order/create" });

const runtime = section({
  exit_timeout_s: real(seconds(5, 60)).default(60),
  cancel_confirm_s: real(seconds(1, 30)).default(5),
  tick_min_s: real(seconds(0.2, 10)).default(1),
  tick_s: real(seconds(0.2, 10)).default(2),
  tick_max_s: real(seconds(0.2, 10)).default(3),
  rest_budget_per_min: whole({ min: 30, max: 600, unit: "calls a minute" }).default(90),
  rest_budget_other_per_min: whole({ min: 20, max: 600, unit: "calls a minute" }).default(70),
  rest_slow_down_pct: real(pct(10, 100)).default(80),
  rest_protective_gap_ms: whole(millis(0, 1000)).default(200),
  rest_timeout_s: real(seconds(1, 30)).default(5),
  rate_limits_per_s: z.record(rateKey, real({ min: 1, max: 100, unit: "calls a second" }), {
    error: "must be a section of `/v5/…: calls a second` lines, indented",
  }).default(VENUE_RATES),
  min_order_interval_ms: whole(millis(0, 60_000)).default(200),
  market_data_max_age_s: real(seconds(1, 120)).default(15),
  market_data_degraded_s: real(seconds(2, 300)).default(30),
  halt_auto_release: z.array(oneOf(["degraded_mode_timeout", "network_failure", "venue_maintenance"]), {
    error: "must be a list such as [network_failure], or []",
  }).max(3, { error: "names each reason once" }).default([]),
  dedup_keys_min: whole(count(100, 1_000_000)).default(1000),
  retry_delays_s: z.array(real(seconds(0.1, 60)), { error: "must be a list of seconds such as [0.5, 1, 2]" })
    .min(1, { error: "must hold at least one delay" }).max(10, { error: "must hold at most ten delays" })
    .default([0.5, 1, 2]),
  network_failure_timeouts: whole(count(1, 20)).default(3),
  reconnect_loop_count: whole(count(1, 100)).default(3),
  reconnect_loop_window_s: real(seconds(10, 3600)).default(300),
  clock_skew_warn_s: real(seconds(0.1, 10)).default(1),
  ws_ping_s: real(seconds(1, 20)).default(5),
  ws_heartbeat_timeout_s: real(seconds(2, 60)).default(10),
  ws_event_drop_max: whole(count(1, 100)).default(3),
  degraded_halt_s: real(seconds(10, 600)).default(60),
  ws_recovery_cooldown_s: real(seconds(0, 3600)).default(300),
  ws_reconnect_backoff_min_s: real(seconds(0.1, 60)).default(0.5),
  ws_reconnect_backoff_max_s: real(seconds(0.1, 60)).default(5),
  ws_queue_max: whole(count(100, 100_000)).default(1000),
  reconcile_pending_s: real(seconds(1, 60)).default(5),
  reconcile_position_s: real(seconds(1, 60)).default(10),
  reconcile_flat_s: real(seconds(1, 300)).default(30),
  reconcile_degraded_s: real(seconds(1, 10)).default(1),
  wallet_period_s: real(seconds(2, 300)).default(15),
  reconcile_mismatch_confirm: whole(count(1, 10)).default(3),
  reconcile_recheck_s: real(seconds(0.2, 10)).default(1),
  reconcile_override_pause_s: real(seconds(0, 60)).default(5),
  reject_streak_max: whole(count(1, 20)).default(3),
  reject_cooldown_s: real(seconds(10, 86_400)).default(300),
  recv_window_ms: whole(millis(1000, 10_000)).default(5000),
  journal_retention_days: whole({ min: 1, max: 3650, unit: "days" }).default(30),
}).prefault({});

const fees = section({
  default_maker_rate: real({ min: -0.001, max: 0.01, unit: "fraction, 0.0002 = 0.02 %" }).default(0.0002),
  default_taker_rate: real({ min: 0, max: 0.01, unit: "fraction, 0.00055 = 0.055 %" }).default(0.00055),
  fee_rate_cache_min: real(minutes(1, 1440)).default(60),
  fee_judge_min_sats: whole({ min: 0, max: 1_000_000, unit: "satoshi" }).default(100),
  fee_spike_tighten_h: real(hours(0, 720)).default(24),
  fee_spike_ev_multiple: real({ min: 1, max: 10, unit: "times" }).default(1.5),
  fee_spike_size_ratio: real({ min: 0.05, max: 1, unit: "share of the size" }).default(0.5),
}).prefault({});

const performance = section({
  backtest_winrate_pct: real(pct(0, 100)).nullable().default(null),
  require_backtest: flag().default(true),
  backtest_winrate_min_pct: real(pct(0, 100)).default(55),
  winrate_warn_pct: real(pct(0, 100)).default(40),
  winrate_warn_size_ratio: real({ min: 0.05, max: 1, unit: "share of the size" }).default(0.5),
  winrate_halt_pct: real(pct(0, 100)).default(45),
  winrate_min_trades: whole({ min: 1, max: 1000, unit: "trades" }).default(10),
  winrate_full_trades: whole({ min: 1, max: 1000, unit: "trades" }).default(30),
  winrate_window: whole({ min: 1, max: 1000, unit: "trades" }).default(50),
  streak_length: whole(count(1, 20)).default(3),
  loss_streak_size_ratio: real({ min: 0.05, max: 1, unit: "share of the size" }).default(0.5),
  win_streak_size_ratio: real({ min: 1, max: 3, unit: "times the size" }).default(1.5),
  multiplier_min: real({ min: 0.05, max: 1, unit: "share of the size" }).default(0.25),
  multiplier_max: real({ min: 0.05, max: 1, unit: "share of the size" }).default(1),
}).prefault({});

/** How long files are kept. No decision of the bot depends on it, so it is no part of the configuration's hash (P-13). */
const files = section({
  alerts_keep_months: whole(months(1, 1200)).default(24),
  history_keep_days: whole({ min: 1, max: 3650, unit: "days" }).default(400),
}).prefault({});

/** Of an arm: the keys that say neither how much is risked nor what protects it, in the ranges they have anywhere. */
const arm = section({
  strategy: section({
    grid_atr_multiple: real({ min: 0.1, max: 20, unit: "times ATR" }).exactOptional(),
    target_spacing_multiple: real({ min: 0.1, max: 10, unit: "times the grid spacing" }).exactOptional(),
    regime_filter: flag().exactOptional(),
  }).exactOptional(),
  sizing: section({
    stop_distance_multiple: real({ min: 0.1, max: 10, unit: "times the grid spacing" }).exactOptional(),
  }).exactOptional(),
  entry: section({
    entry_timeout_s: real(seconds(5, 60)).exactOptional(),
    maker_timeout_max: whole(count(1, 20)).exactOptional(),
    taker_profit_multiple: real({ min: 1, max: 100, unit: "times the taker fee" }).exactOptional(),
  }).exactOptional(),
});
const experimentName = "must be 1 to 40 of a-z, 0-9 and -";
/** A live experiment of two arms (lab L-6). */
const experiment = section({
  name: z.string({ error: experimentName }).regex(/^[a-z0-9-]{1,40}$/, { error: experimentName }),
  arms: section({ A: arm, B: arm }),
  seed: whole(count(0, 1_000_000_000)),
  block_days: whole({ min: 2, max: 8, unit: "days" })
    .refine((days) => days % 2 === 0, { error: "must be an even number of days, so that both arms get half" })
    .default(4),
  max_days: whole({ min: 8, max: 1100, unit: "days" }),
});

/** The main file after `extends` is resolved. Mode of the lock-out: `environment` has one value (F-12.3). */
export const mainSchema = section({
  environment: z.literal("testnet", { error: "must be testnet: this program reaches nothing else (F-12.3)" }),
  symbol: z.literal("BTCUSD", { error: "must be BTCUSD, the one instrument of this bot" }).default("BTCUSD"),
  profile: oneOf(["standard", "scenario"]).default("standard"),
  strategy_name: z.string({ error: "must be 1 to 4 small letters" })
    .regex(/^[a-z]{1,4}$/, { error: "must be 1 to 4 small letters" }).default("grid"),
  goal,
  stages,
  entry,
  strategy,
  sizing,
  stop,
  runtime,
  fees,
  performance,
  files,
  experiment: experiment.exactOptional(),
});

/** Safety limits: every key must stand in the file (P-11). */
export const safetySchema = section({
  drop_1m_pct: real(pct(-50, -0.1)),
  drop_5m_pct: real(pct(-80, -0.1)),
  surge_1m_pct: real(pct(0.1, 50)),
  surge_5m_pct: real(pct(0.1, 80)),
  surge_enabled: flag(),
  recovery_1m_pct: real(pct(-50, -0.01)),
  recovery_5m_pct: real(pct(-80, -0.01)),
  recovery_stable_min: real(minutes(1, 1440)),
  cooldown_min: real(minutes(1, 10_080)),
  latency_block_s: real(seconds(0.2, 30)),
  balance_stale_s: real(seconds(5, 600)),
  daily_loss_cap_pct: real(pct(0.1, 25)),
  weekly_loss_cap_pct: real(pct(0.1, 50)),
  weekly_cooldown_days: real({ min: 1, max: 60, unit: "days" }),
  loss_streak_day: whole({ min: 1, max: 20, unit: "losses in a row" }),
  loss_streak_cooldown: whole({ min: 2, max: 50, unit: "losses in a row" }),
  loss_streak_cooldown_h: real(hours(1, 720)),
  fee_spike_ratio: real({ min: 1, max: 10, unit: "times the expected fees" }),
  fee_spike_count: whole(count(1, 20)),
  fee_spike_min: real(minutes(1, 1440)),
  slippage_usd: real(usd(0.01, 1000)),
  slippage_count: whole(count(1, 20)),
  slippage_window_s: real(seconds(10, 86_400)),
  slippage_min: real(minutes(1, 1440)),
  kill_switch_flatten: flag(),
  max_orders_per_hour: whole({ min: 1, max: 600, unit: "orders that add risk" }),
  dry_run: flag(),
  min_equity_usd: real(usd(1, 1_000_000)),
  max_trades_total: whole({ min: 1, max: 10_000, unit: "trades" }),
});
