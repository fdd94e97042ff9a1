import type { Refusal } from "../../../domain/events.ts";
import type { OwnOrder, Position } from "../../../domain/state.ts";
import { exitNow, startClosing } from "./exit_manager.ts";
import { filledOf, findOrder, isOpen } from "../orders/order_table.ts";
import { isPassed } from "../../policy/risk/stop_price.ts";
import { alert, emit, halt, later, positionOf, retryDelayMs, setPosition, type Step } from "../step.ts";

/** "Not now" refusals are tried again after this (F-5.6). */
const NOT_NOW_MS = 1_000;
/** After a gap of time the venue is read first; its answer, or this, ends the wait (F-3.5). */
const GAP_GRACE_MS = 3_000;
/** Waits of the ladder: 1 s, 2 s, then every 5 s (F-5.10). */
const LADDER_MS = [1_000, 2_000, 5_000] as const;

function setStop(step: Step, change: Partial<Position["stop"]>): void {
  const position = positionOf(step.bot);
  if (position !== null) setPosition(step, { stop: { ...position.stop, ...change } });
}

/** The stop relied on, or its replacement, ended: recovery by cause (F-1.18, F-1.20, F-5.6, F-5.8, F-5.9). */
export function onStopEnded(step: Step, order: OwnOrder, refusal: Refusal | null): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  const { stop } = position;
  if (order.id === stop.successor) {
    setStop(step, { successor: null, retryAt: later(step.at, NOT_NOW_MS) });
    return;
  }
  if (order.id !== stop.id) return;
  setPosition(step, { stopStatus: position.stopStatus === "ERROR" ? "ERROR" : "MISSING" });
  setStop(step, { id: stop.successor, successor: null });
  if (refusal !== null) return onStopRefused(step, { order, refusal });
  const executed = filledOf(order) > 0 || order.end === "Filled" || order.row?.status === "Triggered";
  if (executed || foundNobody(order)) {
    startClosing(step, "stop_loss");
    return;
  }
  if (order.end === "Rejected") return recordFailure(step, "rejected by the venue");
  if (order.end === "NotSent") return setStop(step, { retryAt: later(step.at, NOT_NOW_MS) });
  if (order.end === "Foreign") return setStop(step, { retryAt: null });
  // Cancelled or gone: at once, but not faster than the placement just before it.
  const soonest = later(order.decidedAt, retryDelayMs(step.bot, 1));
  setStop(step, { retryAt: soonest > step.at ? soonest : null });
}

/** A stop cancelled for want of a counterparty has gone off, although nothing filled (F-5.9, PROTOCOL §4.4). */
function foundNobody(order: OwnOrder): boolean {
  const reason = order.row?.rejectReason;
  return reason === "EC_NoImmediateQtyToFill" || reason === "EC_ReachMarketPriceLimit";
}

/** A refused placement, by cause (F-5.1, F-5.6, F-5.8). */
export function onStopRefused(step: Step, of: { readonly order: OwnOrder; readonly refusal: Refusal }): void {
  const { order, refusal } = of;
  const position = positionOf(step.bot);
  if (position === null) return;
  switch (refusal.cause) {
    case "wrong_trigger_side":
      return onWrongSide(step, position);
    case "quantity":
    case "parameter":
      if (order.ticket.contracts === 0) return recordFailure(step, refusal.message);
      return setStop(step, { whole: true, retryAt: null });
    case "reduce_only":
      emit(step, { kind: "QueryPosition", protective: true });
      return setStop(step, { retryAt: later(step.at, NOT_NOW_MS) });
    case "not_now":
    case "clock":
    case "rate_limit":
      return setStop(step, { retryAt: later(step.at, NOT_NOW_MS) });
    default:
      return recordFailure(step, `${refusal.cause} ${refusal.code}`);
  }
}

/** The venue says the price is past the trigger: not retried, closed; adopted ones are re-priced (F-5.8, F-11.5). */
export function onWrongSide(step: Step, position: Position): void {
  if (position.adopted) return setStop(step, { retryAt: later(step.at, 500) });
  // A stop the venue has set off proves the price was there before our slower stream shows it (F-4.9).
  const passed = isPassed(step.bot, position) || position.closing?.reason === "stop_loss";
  setStop(step, { retryAt: later(step.at, NOT_NOW_MS) });
  startClosing(step, "stop_loss_local");
  if (!passed) {
    halt(step, {
      reason: "stop_side_disagreement",
      detail: "the venue refused the stop as passed, our prices disagree",
    });
  }
}

/** One failed placement: 0.5, 1, 2 s; the third is ERROR, HALT and a market exit (F-5.6, F-2.2). */
export function recordFailure(step: Step, why: string): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  const failures = position.stop.failures + 1;
  setStop(step, { failures, retryAt: later(step.at, retryDelayMs(step.bot, failures)) });
  if (failures < step.bot.config.stop.stop_recovery_max_attempts) return;
  setPosition(step, { stopStatus: "ERROR" });
  halt(step, { reason: "stop_loss_unrecoverable", detail: `${failures} stop placements failed, the last: ${why}` });
  startLadder(step);
}

/** HALT and market exit when the clock of F-2.1 is over; then the ladder goes on. */
export function watchUnprotected(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || position.uncoveredSince === null || position.stop.ladder !== null) return;
  const { gapAt } = step.bot.reconcile;
  if (gapAt !== null && step.at - gapAt < GAP_GRACE_MS) return;
  const limit = step.bot.config.stop.stop_missing_max_s * 1000;
  if (step.at - position.uncoveredSince < limit) return;
  halt(step, {
    reason: "unprotected",
    detail: `${position.contracts} contracts without a shown stop for ${step.at - position.uncoveredSince} ms`,
  });
  startLadder(step);
}

function startLadder(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || position.stop.ladder !== null) return;
  setStop(step, { ladder: { attempts: 1, nextAt: later(step.at, LADDER_MS[0]), turn: "stop" } });
  alert(step, { severity: "critical", code: "unprotected", text: "protection attempt 1: market exit" });
  startClosing(step, "unprotected");
  exitNow(step);
}

/** Alternates stop and market exit while the position is uncovered; never gives up, in any state (F-5.10). */
export function runLadder(step: Step, placeStop: (step: Step) => void): void {
  const position = positionOf(step.bot);
  if (position === null || position.stop.ladder === null || position.uncoveredSince === null) return;
  const { ladder } = position.stop;
  if (step.at < ladder.nextAt) return;
  const attempts = ladder.attempts + 1;
  const wait = LADDER_MS[Math.min(attempts, LADDER_MS.length) - 1] ?? 5_000;
  const turn = ladder.turn === "stop" ? "exit" : "stop";
  setStop(step, { ladder: { attempts, nextAt: later(step.at, wait), turn } });
  if (attempts === 3 || attempts % 10 === 0) {
    alert(step, { severity: "critical", code: "unprotected", text: `protection attempt ${attempts}: ${ladder.turn}` });
  }
  if (ladder.turn === "exit") return exitNow(step);
  if (!isOpen(findOrder(step.bot, position.stop.id))) placeStop(step);
}
