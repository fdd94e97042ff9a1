import type { BlockReason } from "./halts_and_blocks.ts";

/** Market regime words of P-6; `unknown` until enough hourly bars are there. */
export type MarketRegime = "high_vol" | "trending_up" | "trending_down" | "ranging" | "unknown";

/** Why an entry is refused (P-4), in the order of the gates. */
export type RefusalCode =
  | "state_halt"
  | "state_cooldown"
  | "emergency_block"
  | "degraded_mode"
  | "state_not_flat"
  | "orders_not_clean"
  | "market_data_stale"
  | "leverage_unconfirmed"
  | "cooldown_active"
  | "max_trades_per_day"
  | `session_risk:${BlockReason}`
  | "dry_run_limit"
  | "stage_flap"
  | "leverage_above_stage"
  | "atr_too_low"
  | "atr_unavailable"
  | "price_divergence"
  | "spread_too_wide"
  | "book_too_thin"
  | "ev_insufficient"
  | "maker_only_violation"
  | "taker_quota"
  | "winrate_hard"
  | "backtest_winrate_low"
  | "hedge_mode_detected"
  | "stop_distance_invalid"
  | "margin_insufficient"
  | "qty_below_minimum"
  | "liquidation_too_close"
  | "liquidation_unknown"
  | "no_signal";

/** Why the stop was last updated or not (F-14 PF-*); "" before its first. */
export type StopNote =
  | ""
  | "placed"
  | "replaced"
  | "replace_after_refusals"
  | "replace_trigger_source"
  | "amend_rejected_wait"
  | "amend_rejected_retry_amend_before_cancel_place"
  | "amend_not_now"
  | "delta_under_20pct_threshold_blocks_stop_update"
  | "delta_at_or_above_20pct_triggers_amend_priority"
  | "debounce_coalesces_stop_update"
  | "exact_sync_after_debounce"
  | "replace_trigger_source";

export type ExitReason =
  | "stop_loss"
  | "stop_loss_local"
  | "profit_target"
  | "manual"
  | "kill_switch"
  | "unprotected"
  | "liquidation_too_close"
  | "foreign"
  | "liquidation"
  | "adl"
  | "other_side";

/** What closed a trade, as its record says: why the exit was decided, or how the position came to be over. */
export type ClosedBy = ExitReason | "size_overflow" | "reconciled";
