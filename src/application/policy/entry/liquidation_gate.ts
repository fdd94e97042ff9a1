import type { Config, StageConfig } from "../../../domain/limits.ts";
import type { RiskTier } from "../../../domain/market.ts";
import type { Direction } from "../../../domain/orders.ts";
import { liquidationToward, mulDiv, ONE_E8 } from "../../../domain/inverse.ts";
import { type PriceCents, type RateE8, rateE8 } from "../../../domain/units.ts";

/** Distance to liquidation of a planned entry against what its stop needs (P-7.7). Distances as RateE8. */
export type LiquidationVerdict = {
  readonly code: "liquidation_too_close" | "liquidation_unknown" | null;
  readonly liqPrice: PriceCents | null;
  /** Null = never liquidated, or not known. */
  readonly distance: RateE8 | null;
  readonly required: RateE8;
};

/** Distance the stage asks for: max(multiple × d, minimum), rounded up (P-3, P-7.7). */
export function requiredDistance(distance: RateE8, stage: StageConfig): RateE8 {
  const byStop = Math.ceil(distance * stage.liquidation_distance_multiple);
  const least = Math.round((stage.liquidation_distance_min_pct * ONE_E8) / 100);
  return rateE8(Math.max(byStop, least));
}

/** |entry − liquidation| ÷ entry, rounded down (P-7.7). */
export function liquidationDistance(entry: PriceCents, liqPrice: PriceCents): RateE8 {
  return rateE8(mulDiv(Math.abs(entry - liqPrice), ONE_E8, { by: entry, rounding: "down" }));
}

/** Gate of P-7.7 for a planned entry; without risk data only small leverage with a near stop passes. */
export function liquidationGate(
  direction: Direction,
  plan: {
    readonly entry: PriceCents;
    readonly leverageE2: number;
    readonly distance: RateE8;
    readonly tier: RiskTier | null;
  },
  limits: { readonly stage: StageConfig; readonly sizing: Config["sizing"] },
): LiquidationVerdict {
  const required = requiredDistance(plan.distance, limits.stage);
  if (plan.tier === null) {
    const code = unknownAllowed(plan, limits.sizing) ? null : "liquidation_unknown";
    return { code, liqPrice: null, distance: null, required };
  }
  const liqPrice = liquidationToward(direction, {
    entry: plan.entry,
    leverageE2: plan.leverageE2,
    maintenanceRate: plan.tier.maintenanceRate,
  });
  if (liqPrice === null) return { code: null, liqPrice, distance: null, required };
  const distance = liquidationDistance(plan.entry, liqPrice);
  const wrongSide = direction === "long" ? liqPrice >= plan.entry : liqPrice <= plan.entry;
  const code = wrongSide || distance < required ? "liquidation_too_close" : null;
  return { code, liqPrice, distance, required };
}

function unknownAllowed(
  plan: { readonly leverageE2: number; readonly distance: RateE8 },
  sizing: Config["sizing"],
): boolean {
  const percent = ONE_E8 / 100;
  return plan.leverageE2 <= sizing.unknown_liq_max_leverage * 100 &&
    plan.distance <= sizing.unknown_liq_max_stop_pct * percent &&
    plan.distance <= sizing.unknown_liq_refuse_stop_pct * percent;
}
