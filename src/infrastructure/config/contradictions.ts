/** Rules between two keys: each alone is fine, together they cannot be meant. */
import type { Config, StageConfig } from "../../domain/limits.ts";
import { STAGE_POLICY } from "./schema.ts";

/** The key to point at, and what is wrong; paths are those of the files, safety keys without a section. */
export type Contradiction = { readonly path: string; readonly rule: string };

type Rule = { readonly path: string; readonly holds: boolean; readonly rule: string };

function goalRules(config: Config): readonly Rule[] {
  const { goal } = config;
  const capital = goal.capital_usd;
  return [
    {
      path: "goal.equity_floor_usd",
      holds: capital === null || goal.equity_floor_usd < capital,
      rule: `must be below goal.capital_usd (${capital}), else the bot halts at its first look`,
    },
    {
      path: "goal.floor_basis",
      holds: goal.floor_basis !== "trading" || capital !== null,
      rule: "needs goal.capital_usd: without it there is no capital that trading could have lost",
    },
    {
      path: "goal.goal_usd",
      holds: capital === null || goal.goal_usd > capital,
      rule: `must be above goal.capital_usd (${capital}), else the goal is reached at the start`,
    },
    {
      path: "goal.fail_after_months",
      holds: goal.fail_after_months > goal.review_after_months,
      rule: `must be more than goal.review_after_months (${goal.review_after_months})`,
    },
  ];
}

function stageRules(config: Config): readonly Rule[] {
  const { bounds_usd: bounds, leverage } = config.stages;
  const stages = [config.stages.stage_1, config.stages.stage_2, config.stages.stage_3];
  const ordered = (low: number, high: number) => low < high;
  return [
    {
      path: "stages.bounds_usd.down_2_1",
      holds: ordered(bounds.down_2_1, bounds.up_1_2),
      rule: `must be below up_1_2 (${bounds.up_1_2}), else the stage flaps (P-3)`,
    },
    {
      path: "stages.bounds_usd.down_3_2",
      holds: ordered(bounds.down_3_2, bounds.up_2_3),
      rule: `must be below up_2_3 (${bounds.up_2_3}), else the stage flaps (P-3)`,
    },
    {
      path: "stages.bounds_usd.up_2_3",
      holds: ordered(bounds.up_1_2, bounds.down_3_2),
      rule: `stage 2 must have room: up_1_2 (${bounds.up_1_2}) below down_3_2 (${bounds.down_3_2})`,
    },
    {
      path: "stages.leverage",
      holds: leverage === null || stages.some((stage) => leverage <= stage.default_leverage),
      rule: "is above default_leverage of every stage: every entry would be refused (leverage_above_stage)",
    },
  ];
}

function profileRules(config: Config): readonly Rule[] {
  if (config.profile === "scenario") return [];
  const rules: Rule[] = [{
    path: "strategy.signal_bar",
    holds: config.strategy.signal_bar === "1h",
    rule: "1m bars are for profile: scenario only (P-12)",
  }];
  const stages: readonly (readonly ["stage_1" | "stage_2" | "stage_3", StageConfig])[] = [
    ["stage_1", config.stages.stage_1],
    ["stage_2", config.stages.stage_2],
    ["stage_3", config.stages.stage_3],
  ];
  for (const [name, stage] of stages) {
    const most = STAGE_POLICY[name].trades;
    rules.push({
      path: `stages.${name}.max_trades_per_day`,
      holds: stage.max_trades_per_day <= most,
      rule: `at most ${most} with profile: standard; up to 50 with profile: scenario (P-12)`,
    });
  }
  return rules;
}

function sizingRules(config: Config): readonly Rule[] {
  const { sizing, entry } = config;
  const { stop_distance_min_pct: min, stop_distance_default_pct: usual, stop_distance_max_pct: max } = sizing;
  return [
    {
      path: "sizing.stop_distance_max_pct",
      holds: min <= max,
      rule: `must be at least stop_distance_min_pct (${min})`,
    },
    {
      path: "sizing.stop_distance_default_pct",
      holds: usual >= min && usual <= max,
      rule: `must lie between stop_distance_min_pct (${min}) and stop_distance_max_pct (${max})`,
    },
    {
      path: "sizing.unknown_liq_refuse_stop_pct",
      holds: sizing.unknown_liq_refuse_stop_pct <= sizing.unknown_liq_max_stop_pct,
      rule: `must be at most unknown_liq_max_stop_pct (${sizing.unknown_liq_max_stop_pct})`,
    },
    {
      path: "entry.max_contracts",
      holds: config.goal.capital_usd === null || entry.max_contracts <= config.goal.goal_usd * 3,
      rule:
        `is more than three times goal.goal_usd (${config.goal.goal_usd}): no sizing reaches it, so it protects nothing`,
    },
  ];
}

function runtimeRules(config: Config): readonly Rule[] {
  const { runtime, stop } = config;
  return [
    {
      path: "runtime.tick_s",
      holds: runtime.tick_min_s <= runtime.tick_s && runtime.tick_s <= runtime.tick_max_s,
      rule: `must lie between tick_min_s (${runtime.tick_min_s}) and tick_max_s (${runtime.tick_max_s})`,
    },
    {
      path: "runtime.rest_budget_other_per_min",
      holds: runtime.rest_budget_other_per_min < runtime.rest_budget_per_min,
      rule:
        `must be below rest_budget_per_min (${runtime.rest_budget_per_min}): the rest is kept for protection (F-7.10)`,
    },
    {
      path: "runtime.ws_ping_s",
      holds: runtime.ws_ping_s < runtime.ws_heartbeat_timeout_s,
      rule:
        `must be below ws_heartbeat_timeout_s (${runtime.ws_heartbeat_timeout_s}), else a quiet stream counts as dead`,
    },
    {
      path: "runtime.market_data_max_age_s",
      holds: runtime.market_data_max_age_s < runtime.market_data_degraded_s,
      rule: `must be below market_data_degraded_s (${runtime.market_data_degraded_s})`,
    },
    {
      path: "runtime.ws_reconnect_backoff_max_s",
      holds: runtime.ws_reconnect_backoff_min_s <= runtime.ws_reconnect_backoff_max_s,
      rule: `must be at least ws_reconnect_backoff_min_s (${runtime.ws_reconnect_backoff_min_s})`,
    },
    {
      path: "runtime.degraded_halt_s",
      holds: runtime.degraded_halt_s > runtime.ws_reconnect_backoff_max_s * 2,
      rule: `must be more than twice ws_reconnect_backoff_max_s (${runtime.ws_reconnect_backoff_max_s}): ` +
        "one late reconnect would halt the bot (F-7.8)",
    },
    {
      path: "stop.stop_ack_timeout_s",
      holds: stop.stop_ack_timeout_s < stop.stop_missing_max_s,
      rule:
        `must be below stop_missing_max_s (${stop.stop_missing_max_s}), else a lost answer is found too late (F-2.1)`,
    },
    {
      path: "runtime.wallet_period_s",
      holds: runtime.wallet_period_s < config.safety.balance_stale_s,
      rule: `must be below balance_stale_s (${config.safety.balance_stale_s}), else every wallet is stale (F-7.3)`,
    },
  ];
}

function performanceRules(config: Config): readonly Rule[] {
  const { performance, fees } = config;
  return [
    {
      path: "performance.require_backtest",
      holds: !performance.require_backtest || performance.backtest_winrate_pct !== null,
      rule: "true needs performance.backtest_winrate_pct, else the first 10 trades are never allowed (P-9)",
    },
    {
      path: "performance.winrate_full_trades",
      holds: performance.winrate_min_trades < performance.winrate_full_trades,
      rule: `must be more than winrate_min_trades (${performance.winrate_min_trades})`,
    },
    {
      path: "performance.winrate_window",
      holds: performance.winrate_window >= performance.winrate_full_trades,
      rule: `must be at least winrate_full_trades (${performance.winrate_full_trades})`,
    },
    {
      path: "performance.multiplier_max",
      holds: performance.multiplier_max >= performance.multiplier_min,
      rule: `must be at least multiplier_min (${performance.multiplier_min})`,
    },
    {
      path: "fees.default_taker_rate",
      holds: fees.default_taker_rate >= fees.default_maker_rate,
      rule: `must be at least default_maker_rate (${fees.default_maker_rate}); were the two swapped?`,
    },
  ];
}

function safetyRules(config: Config): readonly Rule[] {
  const { safety } = config;
  return [
    {
      path: "drop_5m_pct",
      holds: safety.drop_5m_pct <= safety.drop_1m_pct,
      rule: `must be at or below drop_1m_pct (${safety.drop_1m_pct}): five minutes fall further than one`,
    },
    {
      path: "surge_5m_pct",
      holds: safety.surge_5m_pct >= safety.surge_1m_pct,
      rule: `must be at least surge_1m_pct (${safety.surge_1m_pct})`,
    },
    {
      path: "recovery_1m_pct",
      holds: safety.recovery_1m_pct > safety.drop_1m_pct,
      rule:
        `must be above drop_1m_pct (${safety.drop_1m_pct}), else the cooldown never lifts or lifts at once (F-7.20)`,
    },
    {
      path: "recovery_5m_pct",
      holds: safety.recovery_5m_pct > safety.drop_5m_pct,
      rule:
        `must be above drop_5m_pct (${safety.drop_5m_pct}), else the cooldown never lifts or lifts at once (F-7.20)`,
    },
    {
      path: "weekly_loss_cap_pct",
      holds: safety.weekly_loss_cap_pct >= safety.daily_loss_cap_pct,
      rule: `must be at least daily_loss_cap_pct (${safety.daily_loss_cap_pct}), else one day ends the week`,
    },
    {
      path: "loss_streak_cooldown",
      holds: safety.loss_streak_cooldown > safety.loss_streak_day,
      rule: `must be more than loss_streak_day (${safety.loss_streak_day})`,
    },
    {
      path: "min_equity_usd",
      holds: !config.dry_run.dry_run || config.goal.capital_usd === null ||
        config.goal.capital_usd >= config.dry_run.min_equity_usd,
      rule: `is above goal.capital_usd (${config.goal.capital_usd}): the dry run would never start (P-12)`,
    },
  ];
}

/** Every rule that does not hold, in the order of the files. */
export function findContradictions(config: Config): readonly Contradiction[] {
  return [
    ...goalRules(config),
    ...stageRules(config),
    ...sizingRules(config),
    ...profileRules(config),
    ...runtimeRules(config),
    ...performanceRules(config),
    ...safetyRules(config),
  ].filter((rule) => !rule.holds);
}
