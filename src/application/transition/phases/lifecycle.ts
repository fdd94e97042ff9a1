import { POLICY_VERSION } from "../../../domain/limits.ts";
import { closingSide } from "../../../domain/inverse.ts";
import type { Direction } from "../../../domain/orders.ts";
import type { Plan } from "../../../domain/plan.ts";
import type { Bot, OwnOrder, Position } from "../../../domain/state.ts";
import { priceCents, usdContracts } from "../../../domain/units.ts";
import { directionHeld, entryAverage, held } from "../ledger/execution_ledger.ts";
import { onExitEnded } from "../protection/exit_manager.ts";
import { cancelOrder, findOrder, isOpen, openOrderOf } from "../orders/order_table.ts";
import { onStopEnded, onWrongSide } from "../protection/stop_recovery.ts";
import { wantedTrigger } from "../../policy/risk/stop_price.ts";
import { halt, later, type News, positionOf, setPosition, type Step } from "../step.ts";
import { onTargetEnded } from "../protection/target_manager.ts";
import { onEntryEnded, onEntryFilled, onEntryShown } from "./entry_pending.ts";
import { goFlat } from "./flat.ts";

/** Step 3 of F-3: the phase follows quantity and orders, then each piece of news is answered. */
export function runLifecycle(step: Step): void {
  settleQuantity(step);
  if (step.news.length > 0) {
    for (let index = 0; index < step.news.length; index += 1) {
      const one = step.news[index];
      if (one !== undefined) answer(step, one);
    }
    settleQuantity(step);
  }
  settleExit(step);
}

/** The phase is what the venue holds (F-1, F-1.2, F-2.3). */
function settleQuantity(step: Step): void {
  const { phase, ledger } = step.bot;
  switch (phase.kind) {
    case "flat":
      if (ledger.net !== 0) openPosition(step);
      return;
    case "entry":
      if (ledger.net !== 0) return openPosition(step);
      if (!isOpen(findOrder(step.bot, phase.plan.entryId))) step.bot.phase = { kind: "flat", since: step.at };
      return;
    case "position":
    case "exit":
      if (ledger.net === 0) return goFlat(step);
      if (directionHeld(ledger) !== phase.position.direction) return turnOver(step);
      return followQuantity(step, phase.position);
    default: {
      const never: never = phase;
      return never;
    }
  }
}

/** Phase position from whatever opened it: our entry (F-1.10, F-1.11) or adoption (F-1.26, F-11.5). */
function openPosition(step: Step): void {
  const { bot } = step;
  const direction = directionHeld(bot.ledger);
  if (direction === null || bot.trade === null) return;
  const { tradeId, openedAt } = bot.trade;
  const plan = bot.trade.plan ?? planOfStanding(bot, direction);
  if (plan !== bot.trade.plan) bot.trade = { ...bot.trade, plan };
  const entry = openOrderOf(bot, "entry");
  const position: Position = {
    tradeId,
    plan,
    openedAt,
    direction,
    contracts: usdContracts(held(bot)),
    entryPrice: entryAverage(bot.ledger) ?? plan?.price ?? bot.market.seen.last ?? priceCents(1),
    entryWorking: entry !== null,
    entryStage: plan?.stage ?? bot.stage.candidate ?? 1,
    policyVersion: plan?.policyVersion ?? POLICY_VERSION,
    stopStatus: "MISSING",
    stop: {
      id: null,
      successor: null,
      wantedTrigger: priceCents(0),
      whole: false,
      updatedAt: null,
      failures: 0,
      retryAt: null,
      note: "",
      remainderSince: null,
      beyondSince: null,
      ladder: null,
    },
    target: { id: null, retryAt: null, throughSince: null },
    closing: null,
    overflow: { id: null, done: false },
    uncoveredSince: step.at,
    nakedSince: step.at,
    uncoveredMs: 0,
    nakedMs: 0,
    adopted: plan === null,
  };
  const trigger = wantedTrigger(bot, position);
  bot.phase = {
    kind: "position",
    since: step.at,
    position: { ...position, stop: { ...position.stop, wantedTrigger: trigger } },
  };
}

/**
 * The plan behind a stop that still stands for this direction: what one message took away and a read brought back is the
 * position of before, with its stop (F-1.27). Null = none stands, or more is held than that plan may hold: adopted.
 */
function planOfStanding(bot: Bot, direction: Direction): Plan | null {
  const stop = bot.orders.find((order) =>
    order.role === "stop" && order.state === "live" && order.cancel === null &&
    order.ticket.side === closingSide(direction)
  );
  if (stop === undefined) return null;
  const isEntry = (order: OwnOrder) => order.role === "entry" && order.trade === stop.trade && order.plan !== null;
  const plan = (bot.orders.find(isEntry) ?? bot.past.find(isEntry))?.plan ?? null;
  if (plan === null || plan.direction !== direction) return null;
  return held(bot) > plan.contracts * bot.config.sizing.size_overflow_ratio ? null : plan;
}

/** Quantity grew or shrank; the entry may be over (F-1.14 … F-1.18, F-1.21). */
function followQuantity(step: Step, position: Position): void {
  const contracts = held(step.bot);
  const entryPrice = entryAverage(step.bot.ledger) ?? position.entryPrice;
  const entryWorking = openOrderOf(step.bot, "entry") !== null;
  if (
    contracts === position.contracts && entryPrice === position.entryPrice && entryWorking === position.entryWorking
  ) return;
  setPosition(step, { contracts: usdContracts(contracts), entryPrice, entryWorking });
}

/**
 * The other side of the market: neither clamped nor ignored, the new side is protected. One message may be false: the old
 * stop goes only after a read (F-1.27, F-4.3).
 */
function turnOver(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  for (const order of step.bot.orders) if (order.role !== "stop") cancelOrder(step, order.id);
  openPosition(step);
  halt(step, { reason: "foreign_activity", detail: `quantity turned to ${step.bot.ledger.net}` });
}

/** Phase exit while an order meant to fill now is open; position again when it ended with a rest (F-1.23, F-6.4). */
export function settleExit(step: Step): void {
  const { phase } = step.bot;
  if (phase.kind !== "position" && phase.kind !== "exit") return;
  const exiting = isOpen(findOrder(step.bot, phase.position.closing?.exitId ?? null));
  const kind = exiting ? "exit" : "position";
  if (kind !== phase.kind) step.bot.phase = { kind, since: step.at, position: phase.position };
}

function answer(step: Step, news: News): void {
  switch (news.kind) {
    case "ended":
      return onEnded(step, news);
    case "filled":
      if (news.order?.role === "entry") onEntryFilled(step, news.order);
      return;
    case "shown":
      if (news.order.role === "entry") onEntryShown(step, news.order);
      return;
    case "amendRefused": {
      const position = positionOf(step.bot);
      if (position === null) return;
      const wait = news.refusal?.cause === "not_now" ? 1_000 : 500;
      setPosition(step, { stop: { ...position.stop, retryAt: later(step.at, wait) } });
      return;
    }
    case "resendRefused": {
      const position = positionOf(step.bot);
      if (position === null || news.order.role !== "stop" || news.refusal.cause !== "wrong_trigger_side") return;
      return onWrongSide(step, position);
    }
    default: {
      const never: never = news;
      return never;
    }
  }
}

function onEnded(step: Step, news: Extract<News, { kind: "ended" }>): void {
  const { order, refusal } = news;
  switch (order.role) {
    case "entry":
      return onEntryEnded(step, order, refusal);
    case "stop":
      return onStopEnded(step, order, refusal);
    case "target":
      return onTargetEnded(step, order, refusal);
    case "exit":
      if (isOverflow(step, order)) return;
      return onExitEnded(step, order, refusal);
    default: {
      const never: never = order.role;
      return never;
    }
  }
}

/** The reduction of F-6.7 has ended; one a trade, so it is not tried again. */
function isOverflow(step: Step, order: OwnOrder): boolean {
  const position = positionOf(step.bot);
  if (position === null || position.overflow.id !== order.id) return false;
  setPosition(step, { overflow: { id: null, done: true } });
  return true;
}
