import { ONE_E8, stopPrice, ticksToward } from "../../../domain/inverse.ts";
import type { Bot, Position } from "../../../domain/state.ts";
import { type PriceCents, priceCents, type RateE8, rateE8 } from "../../../domain/units.ts";

/** Whole dollars: a multiple of every tick BTCUSD has had, while the instrument is not yet read. */
const SAFE_TICK = priceCents(100);

/** The instrument's tick in cents, or a safe multiple of it while unknown. */
export function tickOf(bot: Bot): PriceCents {
  return bot.account.instrument?.tickCents ?? SAFE_TICK;
}

/** Distance of the stop: the plan's, or the default for an adopted position (P-7.1). */
export function stopDistanceOf(bot: Bot, position: Position): RateE8 {
  return position.plan?.stopDistance ?? rateE8(Math.round(bot.config.sizing.stop_distance_default_pct * 1e6));
}

/** Where the stop belongs now (F-5.2); adopted positions by F-11.5. */
export function wantedTrigger(bot: Bot, position: Position): PriceCents {
  const tick = tickOf(bot);
  const distance = stopDistanceOf(bot, position);
  const byEntry = stopPrice(position.direction, { entry: position.entryPrice, distance, tick });
  return position.adopted ? adoptedTrigger(bot, { position, byEntry }) : byEntry;
}

/** From mark when the entry-based price is already passed, never beyond half the way to liquidation (F-11.5). */
function adoptedTrigger(bot: Bot, of: { readonly position: Position; readonly byEntry: PriceCents }): PriceCents {
  const { position, byEntry } = of;
  const mark = bot.market.seen.mark;
  const capped = capToLiquidation(bot, { position, anchor: position.entryPrice, price: byEntry });
  if (mark === null || !isBeyond(position, { price: mark, trigger: capped })) return capped;
  // A trigger taken from mark stays where it is while it is not passed: it must not run away with the price.
  const current = position.stop.wantedTrigger;
  if (current > 0 && !isBeyond(position, { price: mark, trigger: current })) return current;
  const distance = Math.round(bot.config.stop.adopt_stop_pct * 1e6);
  const factor = position.direction === "long" ? ONE_E8 - distance : ONE_E8 + distance;
  return capToLiquidation(bot, { position, anchor: mark, price: (mark * factor) / ONE_E8 });
}

function capToLiquidation(
  bot: Bot,
  of: { readonly position: Position; readonly anchor: PriceCents; readonly price: number },
): PriceCents {
  const { anchor } = of;
  const tick = tickOf(bot);
  const liquidation = bot.account.liqPrice;
  const long = of.position.direction === "long";
  let price = of.price;
  if (liquidation !== null && (long ? liquidation < anchor : liquidation > anchor)) {
    const half = anchor - (anchor - liquidation) / 2;
    price = long ? Math.max(price, half) : Math.min(price, half);
  }
  return ticksToward(price, { anchor, tick });
}

/** True when a price is at or beyond the trigger of this position's stop. */
export function isBeyond(
  position: Position,
  of: { readonly price: PriceCents; readonly trigger: PriceCents },
): boolean {
  return position.direction === "long" ? of.price <= of.trigger : of.price >= of.trigger;
}

/** The price the venue triggers by, as we see it; null = unknown. */
export function triggerSourcePrice(bot: Bot): PriceCents | null {
  return bot.config.stop.stop_trigger_by === "MarkPrice" ? bot.market.seen.mark : bot.market.seen.last;
}

/** True when our own last or mark says the trigger is passed (F-5.7, F-5.8). */
export function isPassed(bot: Bot, position: Position): boolean {
  const { last, mark } = bot.market.seen;
  const trigger = position.stop.wantedTrigger;
  return (last !== null && isBeyond(position, { price: last, trigger })) ||
    (mark !== null && isBeyond(position, { price: mark, trigger }));
}
