import type { Config } from "../../../domain/limits.ts";
import type { NewHalt } from "../../../domain/halts_and_blocks.ts";
import type { PicoBtc } from "../../../domain/units.ts";
import type { MetricsState } from "../../../domain/slices.ts";

export type { MetricsState } from "../../../domain/slices.ts";

export const emptyMetrics: MetricsState = { closed: 0, recent: [], streak: 0, streakMultiplier: 1 };

/** Percent of wins among the newest `winrate_window` trades; null without a trade (P-9). */
export function winratePct(metrics: MetricsState): number | null {
  if (metrics.recent.length === 0) return null;
  let wins = 0;
  for (const win of metrics.recent) if (win) wins += 1;
  return (wins * 100) / metrics.recent.length;
}

function clamp(value: number, limits: Config["performance"]): number {
  return Math.min(limits.multiplier_max, Math.max(limits.multiplier_min, value));
}

function multiplierAfter(metrics: MetricsState, streak: number, limits: Config["performance"]): number {
  if (streak === 0 || streak % limits.streak_length !== 0) return metrics.streakMultiplier;
  const ratio = streak < 0 ? limits.loss_streak_size_ratio : limits.win_streak_size_ratio;
  return clamp(metrics.streakMultiplier * ratio, limits);
}

/** Folds a closed trade: PnL > 0 is a win, everything else a loss; halts `winrate_hard` (P-9). */
export function foldMetrics(
  metrics: MetricsState,
  net: PicoBtc,
  limits: Config["performance"],
): { readonly metrics: MetricsState; readonly halt: NewHalt | null } {
  const win = net > 0;
  const streak = win ? Math.max(metrics.streak, 0) + 1 : Math.min(metrics.streak, 0) - 1;
  const next: MetricsState = {
    closed: metrics.closed + 1,
    recent: [...metrics.recent, win].slice(-limits.winrate_window),
    streak,
    streakMultiplier: multiplierAfter(metrics, streak, limits),
  };
  const halt: NewHalt | null = winrateCode(next, limits) === "winrate_hard"
    ? { reason: "winrate_hard", detail: `winrate ${winratePct(next)} % over ${next.closed} trades (P-9)` }
    : null;
  return { metrics: next, halt };
}

/** Refusal code of gate 7, or null (P-4, P-9). */
export function winrateCode(
  metrics: MetricsState,
  limits: Config["performance"],
): "winrate_hard" | "backtest_winrate_low" | null {
  const live = winratePct(metrics);
  if (metrics.closed >= limits.winrate_full_trades) {
    return live !== null && live < limits.winrate_halt_pct ? "winrate_hard" : null;
  }
  if (metrics.closed >= limits.winrate_min_trades || !limits.require_backtest) return null;
  const backtest = limits.backtest_winrate_pct;
  return backtest === null || backtest < limits.backtest_winrate_min_pct ? "backtest_winrate_low" : null;
}

/** True when the live winrate is low enough to warn and halve the size (P-9, 10 ≤ N < 30). */
export function winrateWarns(metrics: MetricsState, limits: Config["performance"]): boolean {
  if (metrics.closed < limits.winrate_min_trades || metrics.closed >= limits.winrate_full_trades) {
    return false;
  }
  const live = winratePct(metrics);
  return live !== null && live < limits.winrate_warn_pct;
}

/** Product of all size multipliers, never below `multiplier_min` (P-9, P-10). */
export function sizeMultiplier(
  metrics: MetricsState,
  tight: boolean,
  config: Pick<Config, "performance" | "fees">,
): number {
  const warned = winrateWarns(metrics, config.performance) ? config.performance.winrate_warn_size_ratio : 1;
  const spiked = tight ? config.fees.fee_spike_size_ratio : 1;
  return clamp(metrics.streakMultiplier * warned * spiked, config.performance);
}

/** A fresh winrate window after an accepted reset; streak and multiplier stay (F-13.2, F-8.11). */
export function freshWinrate(metrics: MetricsState): MetricsState {
  return { ...metrics, closed: 0, recent: [] };
}
