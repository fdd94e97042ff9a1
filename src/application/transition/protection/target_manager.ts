import type { Refusal } from "../../../domain/events.ts";
import { closingSide, targetPrice } from "../../../domain/inverse.ts";
import type { OrderTicket } from "../../../domain/orders.ts";
import type { Bot, OwnOrder, Position } from "../../../domain/state.ts";
import { type EpochMs, epochMs, type PriceCents, usdContracts } from "../../../domain/units.ts";
import { startClosing } from "./exit_manager.ts";
import {
  cancelOrder,
  filledOf,
  findOrder,
  isOpen,
  newOrder,
  nextId,
  openOrderOf,
  register,
} from "../orders/order_table.ts";
import { tickOf } from "../../policy/risk/stop_price.ts";
import { emit, halt, later, positionOf, setPosition, type Step } from "../step.ts";

/** Price through the target this long without its fill ⇒ market exit (F-6.3). */
const THROUGH_MS = 5_000;
/** A target that ended unfilled is placed again after this. */
const TARGET_RETRY_MS = 5_000;
const NEVER = epochMs(Number.MAX_SAFE_INTEGER);

/** Price of the target; null when the trade has none (adopted) (P-5). */
export function targetOf(bot: Bot, position: Position): PriceCents | null {
  if (position.plan === null || position.plan.targetOffset <= 0) return null;
  return targetPrice(position.direction, {
    entry: position.entryPrice,
    spacing: position.plan.targetOffset,
    tick: tickOf(bot),
  });
}

/** The profit target: resting where the stage wants a maker exit, else a market exit at the touch (F-6.3). */
export function manageTarget(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  if (step.bot.halt?.reason === "kill_switch" || step.bot.operator.killPresent) return dropTarget(step);
  if (position.closing !== null || position.entryWorking) return;
  const price = targetOf(step.bot, position);
  if (price === null) return;
  if (position.plan?.exitOrder === "market") return watchTouch(step, { position, price });
  watchThrough(step, { position, price });
  keepResting(step, price);
}

function dropTarget(step: Step): void {
  const target = openOrderOf(step.bot, "target");
  if (target !== null) cancelOrder(step, target.id);
}

function reached(position: Position, of: { readonly last: PriceCents; readonly price: number }): boolean {
  return position.direction === "long" ? of.last >= of.price : of.last <= of.price;
}

/** The extreme of last since the previous observation: a touch between two steps is a touch (F-4.6). */
function farthest(bot: Bot, position: Position): PriceCents | null {
  const { last, lastMin, lastMax } = bot.market.seen;
  return (position.direction === "long" ? lastMax : lastMin) ?? last;
}

function watchTouch(step: Step, of: { readonly position: Position; readonly price: PriceCents }): void {
  const last = farthest(step.bot, of.position);
  if (last !== null && reached(of.position, { last, price: of.price })) startClosing(step, "profit_target");
}

/** Price through the target by more than a tick for 5 s and no fill: market exit (F-6.3). */
function watchThrough(step: Step, of: { readonly position: Position; readonly price: PriceCents }): void {
  const { last } = step.bot.market.seen;
  if (last === null) return;
  const tick = tickOf(step.bot);
  const price = of.position.direction === "long" ? of.price + tick : of.price - tick;
  const through = reached(of.position, { last, price }) && last !== price;
  const since = through ? of.position.target.throughSince ?? step.at : null;
  if (since !== of.position.target.throughSince) {
    setPosition(step, { target: { ...of.position.target, throughSince: since } });
  }
  if (since !== null && step.at - since >= THROUGH_MS) startClosing(step, "profit_target");
}

/** One resting reduce-only PostOnly limit over the whole position, replaced when quantity or price changed. */
function keepResting(step: Step, price: PriceCents): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing !== null) return;
  const resting = findOrder(step.bot, position.target.id);
  if (isOpen(resting)) {
    const rest = resting.ticket.contracts - filledOf(resting);
    if (resting.ticket.price !== price || rest !== position.contracts) {
      if (resting.state === "live") cancelOrder(step, resting.id);
    }
    return;
  }
  if (position.target.retryAt !== null && step.at < position.target.retryAt) return;
  const side = closingSide(position.direction);
  const { id, generation } = nextId(step.bot, { trade: position.tradeId, role: "target", side });
  const ticket: OrderTicket = {
    orderLinkId: id,
    side,
    contracts: position.contracts,
    orderType: "Limit",
    price,
    timeInForce: "PostOnly",
    trigger: null,
    reduceOnly: true,
    closeOnTrigger: false,
  };
  register(step, newOrder({ ticket, role: "target", trade: position.tradeId, generation, at: step.at }));
  emit(step, { kind: "PlaceTarget", ticket });
  setPosition(step, { target: { ...position.target, id, retryAt: null } });
}

/**
 * The target ended: filled is the ledger's news; after a resize the next one is placed at once, else later. Refused for
 * size it is not placed again: a rest of a few contracts cannot rest (110094), and price going through the target closes
 * it at market (F-6.3).
 */
export function onTargetEnded(step: Step, order: OwnOrder, refusal: Refusal | null): void {
  const position = positionOf(step.bot);
  if (position === null || position.target.id !== order.id) return;
  const own = order.cancel !== null && (order.end === "Cancelled" || order.end === "Gone");
  const tooSmall = refusal !== null && (refusal.cause === "quantity" || refusal.cause === "parameter");
  const again = tooSmall ? NEVER : later(step.at, TARGET_RETRY_MS);
  setPosition(step, { target: { ...position.target, id: null, retryAt: own ? null : again } });
}

/** F-6.7: more than 1.1 × what was sized is reduced once at market; a second time is a foreign hand. */
export function manageOverflow(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || position.plan === null || position.closing !== null) return;
  const limit = position.plan.contracts * step.bot.config.sizing.size_overflow_ratio;
  if (position.contracts <= limit || position.overflow.id !== null) return;
  if (position.overflow.done) {
    return halt(step, { reason: "foreign_activity", detail: `second size overflow: ${position.contracts} contracts` });
  }
  const entry = openOrderOf(step.bot, "entry");
  if (entry !== null) cancelOrder(step, entry.id);
  const side = closingSide(position.direction);
  const { id, generation } = nextId(step.bot, { trade: position.tradeId, role: "exit", side });
  const ticket: OrderTicket = {
    orderLinkId: id,
    side,
    contracts: usdContracts(position.contracts - position.plan.contracts),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: null,
    reduceOnly: true,
    closeOnTrigger: false,
  };
  const { bid, ask, mark } = step.bot.market.seen;
  const reference = (position.direction === "long" ? bid : ask) ?? mark;
  register(step, newOrder({ ticket, role: "exit", trade: position.tradeId, generation, at: step.at, reference }));
  emit(step, { kind: "PlaceExit", ticket });
  setPosition(step, { overflow: { id, done: true } });
}

/** When the target wants a step without input; null = not at all. */
export function targetDeadline(position: Position): EpochMs | null {
  if (position.closing !== null) return null;
  const { target } = position;
  if (target.throughSince !== null) return later(target.throughSince, THROUGH_MS);
  return target.id === null ? target.retryAt : null;
}
