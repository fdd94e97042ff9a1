import type { ExperimentConfig } from "./experiment.ts";

/**
 * The effective configuration: every key of policy.md under its own name, units in the name. Written once at load,
 * recorded in the journal's header (F-11.7), part of the bot. Percent values are percent (3 = 3 %).
 */
export const POLICY_VERSION = "3.0";

/** One column of P-3. */
export type StageConfig = {
  readonly default_leverage: number;
  readonly max_loss_usd_cap: number;
  readonly loss_pct_cap: number;
  readonly ev_fee_multiple_k: number;
  readonly atr_pct_24h_min: number;
  readonly maker_only_default: boolean;
  readonly max_trades_per_day: number;
  readonly liquidation_distance_multiple: number;
  readonly liquidation_distance_min_pct: number;
  /** `post_only` rests at the best quote; `ioc` crosses by at most 0.1 % (P-5). */
  readonly entry_order: "post_only" | "ioc";
  /** `resting_target` or `market` at the touch (F-6.3). */
  readonly exit_order: "resting_target" | "market";
};

export type Config = {
  readonly environment: "testnet";
  readonly symbol: "BTCUSD";
  readonly profile: "standard" | "scenario";
  /** Prefix of signal ids; live scenarios and dry-run use their own (F-11.4). */
  readonly strategy_name: string;
  readonly goal: {
    /** null = the whole wallet. */
    readonly capital_usd: number | null;
    readonly goal_usd: number;
    readonly equity_floor_usd: number;
    /** Absent = "usd": equity in dollars. "trading" = what trading alone left of the capital (ADR 0020). */
    readonly floor_basis?: "usd" | "trading";
    readonly review_after_months: number;
    readonly review_min_equity_usd: number;
    readonly fail_after_months: number;
  };
  readonly stages: {
    readonly bounds_usd: {
      readonly up_1_2: number;
      readonly up_2_3: number;
      readonly down_2_1: number;
      readonly down_3_2: number;
    };
    readonly stage_1: StageConfig;
    readonly stage_2: StageConfig;
    readonly stage_3: StageConfig;
    /** null = the stage's default. */
    readonly leverage: number | null;
    readonly stage_flap_max: number;
    readonly stage_flap_window_min: number;
    readonly stage_flap_block_min: number;
  };
  readonly entry: {
    readonly max_price_divergence_pct: number;
    readonly max_spread_ratio: number;
    readonly book_min_ratio: number;
    readonly entry_timeout_s: number;
    readonly maker_timeout_max: number;
    readonly taker_profit_multiple: number;
    readonly taker_per_day: number;
    readonly taker_block_min: number;
    readonly taker_cross_pct: number;
    readonly max_contracts: number;
  };
  readonly strategy: {
    readonly grid_atr_multiple: number;
    /** The target stands this many spacings from the entry. Left out at its default, 1 (see as_before). */
    readonly target_spacing_multiple?: number;
    readonly grid_anchor_max_age_h: number;
    readonly signal_bar: "1m" | "1h";
    readonly regime_filter: boolean;
    readonly regime_high_vol_percentile: number;
    readonly regime_trend_percentile: number;
    readonly regime_slope_pct: number;
  };
  readonly sizing: {
    readonly stop_distance_multiple: number;
    readonly stop_distance_min_pct: number;
    readonly stop_distance_max_pct: number;
    readonly stop_distance_default_pct: number;
    readonly margin_use_ratio: number;
    readonly unknown_liq_max_leverage: number;
    readonly unknown_liq_max_stop_pct: number;
    readonly unknown_liq_refuse_stop_pct: number;
    readonly unknown_liq_size_ratio: number;
    readonly size_overflow_ratio: number;
  };
  readonly stop: {
    readonly stop_update_threshold_pct: number;
    readonly stop_debounce_s: number;
    readonly stop_missing_max_s: number;
    readonly stop_recovery_max_attempts: number;
    readonly stop_ack_timeout_s: number;
    readonly stop_trigger_by: "MarkPrice" | "LastPrice";
    readonly local_stop_grace_s: number;
    readonly adopt_stop_pct: number;
  };
  readonly runtime: {
    readonly exit_timeout_s: number;
    readonly cancel_confirm_s: number;
    readonly tick_min_s: number;
    readonly tick_s: number;
    readonly tick_max_s: number;
    readonly rest_budget_per_min: number;
    readonly rest_budget_other_per_min: number;
    readonly rest_slow_down_pct: number;
    readonly rest_protective_gap_ms: number;
    readonly rest_timeout_s: number;
    readonly rate_limits_per_s: Readonly<Record<string, number>>;
    readonly min_order_interval_ms: number;
    readonly market_data_max_age_s: number;
    readonly market_data_degraded_s: number;
    readonly halt_auto_release: readonly ("degraded_mode_timeout" | "network_failure" | "venue_maintenance")[];
    readonly dedup_keys_min: number;
    readonly retry_delays_s: readonly number[];
    readonly network_failure_timeouts: number;
    readonly reconnect_loop_count: number;
    readonly reconnect_loop_window_s: number;
    readonly clock_skew_warn_s: number;
    readonly ws_ping_s: number;
    readonly ws_heartbeat_timeout_s: number;
    readonly ws_event_drop_max: number;
    readonly degraded_halt_s: number;
    readonly ws_recovery_cooldown_s: number;
    readonly ws_reconnect_backoff_min_s: number;
    readonly ws_reconnect_backoff_max_s: number;
    readonly ws_queue_max: number;
    readonly reconcile_pending_s: number;
    readonly reconcile_position_s: number;
    readonly reconcile_flat_s: number;
    readonly reconcile_degraded_s: number;
    readonly wallet_period_s: number;
    readonly reconcile_mismatch_confirm: number;
    readonly reconcile_recheck_s: number;
    readonly reconcile_override_pause_s: number;
    readonly reject_streak_max: number;
    readonly reject_cooldown_s: number;
    readonly recv_window_ms: number;
    readonly journal_retention_days: number;
  };
  readonly fees: {
    readonly default_maker_rate: number;
    readonly default_taker_rate: number;
    readonly fee_rate_cache_min: number;
    readonly fee_judge_min_sats: number;
    readonly fee_spike_tighten_h: number;
    readonly fee_spike_ev_multiple: number;
    readonly fee_spike_size_ratio: number;
  };
  readonly performance: {
    readonly backtest_winrate_pct: number | null;
    readonly require_backtest: boolean;
    readonly backtest_winrate_min_pct: number;
    readonly winrate_warn_pct: number;
    readonly winrate_warn_size_ratio: number;
    readonly winrate_halt_pct: number;
    readonly winrate_min_trades: number;
    readonly winrate_full_trades: number;
    readonly winrate_window: number;
    readonly streak_length: number;
    readonly loss_streak_size_ratio: number;
    readonly win_streak_size_ratio: number;
    readonly multiplier_min: number;
    readonly multiplier_max: number;
  };
  /** P-11, from safety_limits.yaml: no silent defaults. */
  readonly safety: {
    readonly drop_1m_pct: number;
    readonly drop_5m_pct: number;
    readonly surge_1m_pct: number;
    readonly surge_5m_pct: number;
    readonly surge_enabled: boolean;
    readonly recovery_1m_pct: number;
    readonly recovery_5m_pct: number;
    readonly recovery_stable_min: number;
    readonly cooldown_min: number;
    readonly latency_block_s: number;
    readonly balance_stale_s: number;
    readonly daily_loss_cap_pct: number;
    readonly weekly_loss_cap_pct: number;
    readonly weekly_cooldown_days: number;
    readonly loss_streak_day: number;
    readonly loss_streak_cooldown: number;
    readonly loss_streak_cooldown_h: number;
    readonly fee_spike_ratio: number;
    readonly fee_spike_count: number;
    readonly fee_spike_min: number;
    readonly slippage_usd: number;
    readonly slippage_count: number;
    readonly slippage_window_s: number;
    readonly slippage_min: number;
    readonly kill_switch_flatten: boolean;
    readonly max_orders_per_hour: number;
  };
  /** A live experiment of two arms; absent = none (lab L-6). */
  readonly experiment?: ExperimentConfig;
  /** P-12; the caps apply only with dry_run. */
  readonly dry_run: { readonly dry_run: boolean; readonly min_equity_usd: number; readonly max_trades_total: number };
};
