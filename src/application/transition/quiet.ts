/**
 * When nothing can be decided. Both functions are judged against `transition` itself, event by event:
 * 1. While last and mark stay inside `quietBand` and before its `until`, and while no change of price reaches a limit of
 *    F-7.1, F-7.2 or F-7.23, no Market and no Tick brings an order, a halt, a block or a record of a trade.
 * 2. `decisionDeadline` is never later than the first such moment without input.
 * Not promised: that something does happen outside; reads of the venue, which decide nothing while it agrees.
 */
import type { EventOf } from "../../domain/events.ts";
import { isPriceReason } from "../../domain/halts_and_blocks.ts";
import type { Bot, Position } from "../../domain/state.ts";
import { type EpochMs, epochMs, type PriceCents, priceCents } from "../../domain/units.ts";
import { atrGrid, atrPct24h } from "../policy/entry/atr.ts";
import { gridSpacing } from "../policy/entry/signal_generator.ts";
import { leverageE2, type Stage, stageConfig } from "../policy/entry/stage.ts";
import { floorUsd, monthsLater } from "../policy/risk/goal.ts";
import { plausibleMarket } from "../policy/risk/plausible.ts";
import { foldPrice } from "../policy/risk/price_ring.ts";
import { dayStart } from "../policy/risk/session_risk.ts";
import { bootDueAt } from "./boot.ts";
import { entryConfig } from "./experiment.ts";
import { emergencyDueAt } from "./emergency_step.ts";
import { tradeRecordDueAt } from "./ledger/money.ts";
import { autoReleaseDueAt } from "./operator.ts";
import { filledOf, findOrder } from "./orders/order_table.ts";
import { positionDueAt } from "./phases/in_position.ts";
import { isCovered } from "./protection/stop_manager.ts";
import { targetOf } from "./protection/target_manager.ts";
import { positionOf } from "./step.ts";

/** A deadline that is past and still there is looked at again after this, so that nothing spins. */
const PAST_DUE_MS = 500;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const BEFORE_MAINTENANCE_MS = 600_000;
const HIGHEST = priceCents(Number.MAX_SAFE_INTEGER);
/** Equity is rounded to 10⁻⁶ USD on the way: a bound in cents keeps this much away from it. */
const ROUNDING_CENTS = 2;

/** Prices strictly between `low` and `high` decide nothing before `until`. 0.01 USD. */
export type QuietBand = { readonly low: PriceCents; readonly high: PriceCents; readonly until: EpochMs };

/** A moment the core wants, or a little later when it is past already. */
export function wantedAt(now: number, due: number | null): number {
  return due === null ? Infinity : due <= now ? now + PAST_DUE_MS : due;
}

/**
 * When the core wants a Tick to decide something, without input: `nextDeadline` without periodic reads and without the
 * watch over silent streams. null = never.
 */
export function decisionDeadline(bot: Bot): EpochMs | null {
  const { now } = bot;
  const due = Math.min(
    wantedAt(now, positionDueAt(bot)),
    wantedAt(now, bootDueAt(bot)),
    wantedAt(now, emergencyDueAt(bot)),
    wantedAt(now, tradeRecordDueAt(bot)),
    wantedAt(now, autoReleaseDueAt(bot)),
  );
  return due === Infinity ? null : epochMs(due);
}

/** Prices in which no decision can fall, and until when; null while something is under way (L-2.4). */
export function quietBand(bot: Bot): QuietBand | null {
  if (!isSettled(bot)) return null;
  const position = positionOf(bot);
  const band = position === null ? flatBand(bot) : positionBand(bot, position);
  if (band === null) return null;
  const low = Math.max(0, Math.ceil(band.low));
  const high = Math.min(HIGHEST, Math.floor(band.high));
  return low < high ? { low: priceCents(low), high: priceCents(high), until: epochMs(quietUntil(bot)) } : null;
}

/** Markets that lay in the quiet band, folded at once: what each of them would have changed, and nothing else (L-2.4). */
export function foldQuiet(bot: Bot, seen: readonly EventOf<"Market">[]): Bot {
  let { prices, market, now } = bot;
  for (const event of seen) {
    const kept = plausibleMarket(event.seen);
    prices = foldPrice(prices, kept, event.at);
    market = { seen: kept, at: event.at };
    if (event.at > now) now = event.at;
  }
  return { ...bot, prices, market, now };
}

/** Nothing is under way that time or any price could end. */
function isSettled(bot: Bot): boolean {
  const { boot, account, operator, phase, reconcile, equityWatch } = bot;
  if (boot.stage !== "done" || bot.degradedSince !== null || reconcile.mismatches > 0) return false;
  if (phase.kind === "entry" || phase.kind === "exit" || equityWatch.below > 0) return false;
  if (account.leverageSetAt !== null || account.leverageRestoredAt !== null) return false;
  if (operator.killPresent || operator.shutdownAt !== null || operator.journalFailed) return false;
  if (bot.ledger.owed !== null || bot.goal.startedAt === null || bot.capital.base === null) return false;
  // The day's first tick opens it, and a tick lifts what time has ended: until then both are still to come.
  if (bot.risk.day === null || bot.risk.day.startAt !== dayStart(bot.now)) return false;
  for (const { until, reason } of bot.blocks) {
    if (until === null || until <= bot.now || isPriceReason(reason)) return false;
  }
  return account.maintenance === null || bot.now < account.maintenance.from - BEFORE_MAINTENANCE_MS;
}

type Bounds = { low: number; high: number };

/** Flat, trading loses nothing: a floor on what trading left cannot be crossed by price (ADR 0020). */
function flatFloor(bot: Bot): number {
  return bot.config.goal.floor_basis === "trading" ? 0 : floorUsd(bot.goal, bot.config.goal);
}

/** Flat: the grid lines, and the equity at which floor, goal or stage would be another. */
function flatBand(bot: Bot): Bounds | null {
  const { anchor } = bot.signal;
  const { candidate } = bot.stage;
  const spacing = gridSpacing(atrGrid(bot.hours), entryConfig(bot).strategy);
  if (anchor === null || spacing === null || candidate === null || bot.orders.length > 0) return null;
  if (bot.halt === null && bot.account.leverageE2 !== leverageE2(bot.config.stages, candidate)) return null;
  const shut = isShut(bot, candidate);
  const bounds = { low: shut ? 0 : anchor.price - spacing, high: shut ? Infinity : anchor.price + spacing };
  const { up_1_2, up_2_3, down_2_1, down_3_2 } = bot.config.stages.bounds_usd;
  const down = candidate === 1 ? 0 : candidate === 2 ? down_2_1 : down_3_2;
  const up = candidate === 1 ? up_1_2 : candidate === 2 ? up_2_3 : Infinity;
  const goal = bot.goal.everLiquidated ? Infinity : bot.goal.goalUsd ?? bot.config.goal.goal_usd;
  return holdEquity(bot, bounds, {
    from: Math.max(0, down, flatFloor(bot)),
    to: Math.min(up, goal),
  });
}

/**
 * True while no price can bring an entry: a HALT, a block that time ends, too little volatility, or the trades of the day
 * are used up. A signal would still count as seen by its stage (P-3), so the stage must be the one of the last signal.
 */
function isShut(bot: Bot, stage: Stage): boolean {
  if (bot.stage.signalled !== stage) return false;
  if (bot.halt !== null || bot.blocks.length > 0) return true;
  const { atr_pct_24h_min, max_trades_per_day } = stageConfig(bot.config.stages, stage);
  const atrPct = atrPct24h(bot.days);
  return atrPct === null || atrPct < atr_pct_24h_min || bot.risk.tradesToday >= max_trades_per_day;
}

/** In position: stop and target, as long as both stand as they should; then the equity floor. */
function positionBand(bot: Bot, position: Position): Bounds | null {
  const { plan, stop, target } = position;
  // What is open moves that floor in another way than dollars: each price is looked at (ADR 0020).
  if (bot.config.goal.floor_basis === "trading") return null;
  if (plan === null || position.adopted || position.closing !== null || position.entryWorking) return null;
  if (position.stopStatus !== "ACTIVE" || !isCovered(bot, position) || position.nakedSince !== null) return null;
  if (stop.successor !== null || stop.beyondSince !== null || stop.ladder !== null || stop.retryAt !== null) {
    return null;
  }
  if (target.throughSince !== null || position.overflow.id !== null) return null;
  if (position.contracts > plan.contracts * bot.config.sizing.size_overflow_ratio) return null;
  const relied = findOrder(bot, stop.id);
  const aim = targetOf(bot, position);
  if (relied?.row?.status !== "Untriggered" || relied.row.triggerPrice === null || aim === null) return null;
  if (relied.amend !== null || relied.cancel !== null || relied.row.triggerPrice !== stop.wantedTrigger) return null;
  const resting = plan.exitOrder === "resting_target";
  if (bot.orders.length !== (resting ? 2 : 1)) return null;
  if (resting) {
    const order = findOrder(bot, target.id);
    if (order === null || order.state !== "live" || order.cancel !== null || order.ticket.price !== aim) return null;
    if (order.ticket.contracts - filledOf(order) !== position.contracts) return null;
  }
  const long = position.direction === "long";
  const bounds: Bounds = { low: long ? stop.wantedTrigger : aim, high: long ? aim : stop.wantedTrigger };
  const { liqPrice } = bot.account;
  if (liqPrice !== null && long) bounds.low = Math.max(bounds.low, liqPrice);
  if (liqPrice !== null && !long) bounds.high = Math.min(bounds.high, liqPrice);
  return holdEquity(bot, bounds, { from: floorUsd(bot.goal, bot.config.goal), to: Infinity });
}

/**
 * Narrows a band to the marks at which equity stays at or above `from` and below `to`, in USD. Equity in USD is linear in
 * mark: own BTC at mark, and what is open gains or loses its contracts against its value at entry (P-1).
 */
function holdEquity(bot: Bot, bounds: Bounds, usd: { readonly from: number; readonly to: number }): Bounds | null {
  const { capital, ledger } = bot;
  if (capital.base === null || capital.wallet === null) return null;
  const own = Math.min(capital.base + capital.realised, capital.wallet);
  const sign = Math.sign(ledger.net);
  const slope = (own + sign * Math.max(0, ledger.openValue)) / 1e8;
  const fixed = -ledger.net * 1e6;
  if (slope === 0) return null;
  const markAt = (dollars: number) => (dollars * 1e6 - fixed) / slope;
  const least = slope > 0 ? markAt(usd.from) : markAt(usd.to);
  const most = slope > 0 ? markAt(usd.to) : markAt(usd.from);
  return {
    low: Math.max(bounds.low, least + ROUNDING_CENTS),
    high: Math.min(bounds.high, most - ROUNDING_CENTS),
  };
}

/** The first moment at which time itself may decide something. */
function quietUntil(bot: Bot): number {
  const { now, config, signal, goal, account } = bot;
  let until = Math.min(decisionDeadline(bot) ?? Infinity, dayStart(now) + DAY_MS);
  if (positionOf(bot) === null && signal.anchor !== null) {
    until = Math.min(until, signal.anchor.at + entryConfig(bot).strategy.grid_anchor_max_age_h * HOUR_MS);
  }
  if (account.maintenance !== null) until = Math.min(until, account.maintenance.from - BEFORE_MAINTENANCE_MS);
  if (goal.startedAt === null) return until;
  for (const months of [config.goal.review_after_months, config.goal.fail_after_months]) {
    // Calendar months are 28 to 31 days: the calendar is asked only when it can matter (hot path).
    if (now - goal.startedAt < months * 28 * DAY_MS - DAY_MS) continue;
    const at = monthsLater(goal.startedAt, months);
    if (at >= now) until = Math.min(until, at);
  }
  return Math.max(now, until);
}
