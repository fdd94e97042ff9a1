import type { BarSeries } from "./atr.ts";
import type { Config } from "../../../domain/limits.ts";
import type { Side } from "../../../domain/orders.ts";
import type { MarketRegime } from "../../../domain/words.ts";

/** Regime from the ATR percentile and the slope of the hourly average, in the order of P-6. */
export function marketRegime(
  hours: Pick<BarSeries, "atrPercentile" | "slopePct">,
  strategy: Config["strategy"],
): MarketRegime {
  const { atrPercentile, slopePct } = hours;
  if (atrPercentile === null || slopePct === null) return "unknown";
  if (atrPercentile >= strategy.regime_high_vol_percentile) return "high_vol";
  const quiet = atrPercentile < strategy.regime_trend_percentile;
  if (quiet && slopePct > strategy.regime_slope_pct) return "trending_up";
  if (quiet && slopePct < -strategy.regime_slope_pct) return "trending_down";
  return "ranging";
}

/** True when the optional filter drops a signal of this side (P-5); an unknown regime is filtered, never guessed. */
export function regimeDrops(regime: MarketRegime, side: Side, strategy: Config["strategy"]): boolean {
  if (!strategy.regime_filter) return false;
  switch (regime) {
    case "high_vol":
    case "unknown":
      return true;
    case "trending_up":
      return side === "Sell";
    case "trending_down":
      return side === "Buy";
    case "ranging":
      return false;
    default: {
      const never: never = regime;
      return never;
    }
  }
}
