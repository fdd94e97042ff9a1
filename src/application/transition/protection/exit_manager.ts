import type { Refusal } from "../../../domain/events.ts";
import { closingSide, ticksDown, ticksUp } from "../../../domain/inverse.ts";
import type { OrderTicket } from "../../../domain/orders.ts";
import type { Bot, Closing, OwnOrder, Position } from "../../../domain/state.ts";
import type { ExitReason } from "../../../domain/words.ts";
import { type EpochMs, epochMs, type PriceCents, usdContracts } from "../../../domain/units.ts";
import {
  cancelAgain,
  cancelOrder,
  findOrder,
  isOpen,
  newOrder,
  nextId,
  openOrderOf,
  pursue,
  register,
  RESEND_MS,
} from "../orders/order_table.ts";
import { isPassed, tickOf } from "../../policy/risk/stop_price.ts";
import { emit, halt, later, positionOf, setPosition, type Step } from "../step.ts";

/** Two exit attempts of one closing are at least this far apart (F-5.9). */
const ATTEMPT_GAP_MS = 500;
/** A limit exit is re-priced, and a market exit tried again, this often (F-5.9). */
const REPRICE_MS = 5_000;
/** Market attempts with a rest before the limit at the edge of the price band (F-5.9). */
const SHORTFALLS = 2;
/** How far from mark a limit may surely stand: the venue's band is wider on BTCUSD (PROTOCOL §4.2). */
const BAND_RATIO = 0.01;
/** Waits after failures: 0.5, 1, 2, then 5 s (F-6.5). */
const LAST_WAIT_MS = 5_000;
/** So long a rejection beside a target says that the target holds the quantity (F-6.4); then it is a failure like any other. */
const BESIDE_TARGET_MS = 8_000;
/** Failures that decide the HALT, not the end of trying (F-6.5). */
const FAILURES_TO_HALT = 3;

function setClosing(step: Step, change: Partial<Closing>): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing === null) return;
  setPosition(step, { closing: { ...position.closing, ...change } });
}

/** Decides that the position is to be closed; the first reason stays. Working entry and target go (F-6.4, F-6.8). */
export function startClosing(step: Step, reason: ExitReason): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing !== null) return;
  const { bid, ask, mark } = step.bot.market.seen;
  setPosition(step, {
    closing: {
      reason,
      since: step.at,
      failures: 0,
      orders: 0,
      shortfalls: 0,
      whole: false,
      nextAt: step.at,
      exitId: null,
      reference: (position.direction === "long" ? bid : ask) ?? mark,
    },
  });
  const entry = openOrderOf(step.bot, "entry");
  if (entry !== null) cancelOrder(step, entry.id);
  const target = openOrderOf(step.bot, "target");
  if (target !== null) cancelOrder(step, target.id);
}

/** Lets the next attempt leave in this step, unless one is live (F-5.10). */
export function exitNow(step: Step): void {
  setClosing(step, { nextAt: step.at });
}

/** Exits of the open position: the decision that is due, and the attempts of a closing under way (F-6). */
export function manageExit(step: Step): void {
  watchLocalStop(step);
  const position = positionOf(step.bot);
  if (position === null || position.closing === null) return;
  const running = findOrder(step.bot, position.closing.exitId);
  if (isOpen(running)) return watchRunning(step, { closing: position.closing, running });
  if (step.at >= position.closing.nextAt) placeExit(step, position);
}

/** Last or mark beyond the stop for 3 s and no stop fill: the bot exits itself (F-5.7). */
function watchLocalStop(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing !== null) return;
  const beyond = isPassed(step.bot, position);
  const since = beyond ? position.stop.beyondSince ?? step.at : null;
  if (since !== position.stop.beyondSince) setPosition(step, { stop: { ...position.stop, beyondSince: since } });
  if (since === null || position.adopted) return;
  if (step.at - since >= step.bot.config.stop.local_stop_grace_s * 1000) startClosing(step, "stop_loss_local");
}

/**
 * An exit that does not end: cancelled at its timeout, a resting one re-priced (F-6.5, F-5.9). Of unknown outcome it is
 * sent again under its id: it reduces only, and the venue takes an id once (F-10.3).
 */
function watchRunning(step: Step, of: { readonly closing: Closing; readonly running: OwnOrder }): void {
  const { running } = of;
  if (running.state === "unknown") return pursue(step, running);
  const age = step.at - running.decidedAt;
  const limit = running.ticket.orderType === "Limit" ? REPRICE_MS : step.bot.config.runtime.exit_timeout_s * 1000;
  if (age >= limit) cancelOrder(step, running.id);
}

/** Sends the next attempt: market, or every second time a limit at the edge of the band (F-5.9, F-6.4). */
function placeExit(step: Step, position: Position): void {
  const { closing } = position;
  if (closing === null) return;
  const side = closingSide(position.direction);
  const { id, generation } = nextId(step.bot, { trade: position.tradeId, role: "exit", side });
  const most = step.bot.account.instrument?.maxMarketOrderQty ?? position.contracts;
  const price = closing.shortfalls >= SHORTFALLS && closing.orders % 2 === 0 ? edgePrice(step.bot, position) : null;
  const ticket: OrderTicket = {
    orderLinkId: id,
    side,
    contracts: closing.whole || position.contracts > most ? usdContracts(0) : position.contracts,
    orderType: price === null ? "Market" : "Limit",
    price,
    timeInForce: price === null ? "IOC" : "GTC",
    trigger: null,
    reduceOnly: true,
    closeOnTrigger: closing.whole || position.contracts > most,
  };
  register(
    step,
    newOrder({ ticket, role: "exit", trade: position.tradeId, generation, at: step.at, reference: closing.reference }),
  );
  emit(step, { kind: "PlaceExit", ticket });
  setClosing(step, { exitId: id, orders: closing.orders + 1, nextAt: later(step.at, ATTEMPT_GAP_MS) });
  const target = openOrderOf(step.bot, "target");
  if (target !== null) cancelOrder(step, target.id);
}

function edgePrice(bot: Bot, position: Position): PriceCents | null {
  const { mark, last } = bot.market.seen;
  const basis = mark ?? last;
  if (basis === null) return null;
  const tick = tickOf(bot);
  return position.direction === "long"
    ? ticksUp(basis * (1 - BAND_RATIO), tick)
    : ticksDown(basis * (1 + BAND_RATIO), tick);
}

/** An exit ended with quantity left: counted and tried again (F-1.23, F-6.5). */
export function onExitEnded(step: Step, order: OwnOrder, refusal: Refusal | null): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing === null || position.closing.exitId !== order.id) return;
  const { closing } = position;
  if (refusal !== null) return onExitRefused(step, { order, refusal, closing });
  const soonest = epochMs(Math.max(order.sentAt + ATTEMPT_GAP_MS, step.at));
  switch (order.end) {
    case "Filled":
      return setClosing(step, { exitId: null, nextAt: soonest });
    case "Cancelled":
    case "Gone":
    case "Deactivated": {
      if (order.cancel !== null && order.ticket.orderType === "Market") {
        return countFailure(step, "timeout");
      }
      const market = order.ticket.orderType === "Market";
      return setClosing(step, {
        exitId: null,
        nextAt: closing.shortfalls >= SHORTFALLS && market ? later(order.sentAt, REPRICE_MS) : soonest,
        shortfalls: closing.shortfalls + (market ? 1 : 0),
      });
    }
    case "NotSent":
      return setClosing(step, { exitId: null, nextAt: later(step.at, 1_000) });
    case "Rejected":
      if (step.at - closing.since <= BESIDE_TARGET_MS && awaitTarget(step)) return;
      return countFailure(step, order.end);
    default:
      return countFailure(step, order.end ?? "ended");
  }
}

/** True when a target may hold the quantity: it is cancelled first, and the attempt was no failed one (F-6.4). */
function awaitTarget(step: Step): boolean {
  const target = openOrderOf(step.bot, "target");
  if (target === null) return false;
  cancelAgain(step, target.id);
  setClosing(step, { exitId: null, nextAt: later(step.at, ATTEMPT_GAP_MS) });
  return true;
}

function onExitRefused(
  step: Step,
  of: { readonly order: OwnOrder; readonly refusal: Refusal; readonly closing: Closing },
): void {
  const { order, refusal } = of;
  switch (refusal.cause) {
    case "reduce_only":
      emit(step, { kind: "QueryPosition", protective: true });
      if (awaitTarget(step)) return;
      return countFailure(step, `${refusal.cause} ${refusal.code}`);
    case "quantity":
    case "parameter":
      if (order.ticket.contracts === 0) return countFailure(step, `${refusal.cause} ${refusal.code}`);
      return setClosing(step, { exitId: null, whole: true, nextAt: step.at });
    default:
      return countFailure(step, `${refusal.cause} ${refusal.code}`);
  }
}

/** One count of attempts per closing, whatever ended them (F-6.5). */
function countFailure(step: Step, why: string): void {
  const position = positionOf(step.bot);
  if (position === null || position.closing === null) return;
  const failures = position.closing.failures + 1;
  const delays = step.bot.config.runtime.retry_delays_s;
  const wait = failures <= delays.length ? (delays[failures - 1] ?? 1) * 1000 : LAST_WAIT_MS;
  // An attempt that was refused filled less than the rest, too: the limit at the edge is next (F-5.9).
  const shortfalls = position.closing.shortfalls + 1;
  setClosing(step, { exitId: null, failures, shortfalls, nextAt: later(step.at, wait) });
  if (failures >= FAILURES_TO_HALT) {
    halt(step, { reason: "exit_unrecoverable", detail: `${failures} exit attempts failed, the last: ${why}` });
  }
}

/** When a closing wants a step without input; null = not at all. */
export function exitDeadline(bot: Bot, position: Position): EpochMs | null {
  const { closing } = position;
  if (closing === null) return null;
  const running = findOrder(bot, closing.exitId);
  if (!isOpen(running)) return closing.nextAt;
  if (running.cancel !== null) return null;
  if (running.state === "unknown") return running.duplicate ? null : later(running.sentAt, RESEND_MS);
  const limit = running.ticket.orderType === "Limit" ? REPRICE_MS : bot.config.runtime.exit_timeout_s * 1000;
  return later(running.decidedAt, limit);
}
