import type { Outcome, Refusal } from "../../../domain/events.ts";
import type { OwnOrder } from "../../../domain/state.ts";
import { changeOrder, endOrder, LOOK_EVERY_MS, lookUp, markUnknown } from "./order_table.ts";
import { foldEntryFilled } from "../../policy/entry/signal_generator.ts";
import { later, positionOf, type Step } from "../step.ts";

/** Answer to a create. Refused is final; ok is only accepted; unknown is looked up (F-4.9, F-5.5, F-10.4). */
export function takePlaceAnswer(
  step: Step,
  answer: { readonly id: string; readonly orderId: string | null; readonly outcome: Outcome },
): void {
  const order = step.bot.orders.find((one) => one.id === answer.id);
  if (order === undefined) return;
  const { outcome } = answer;
  switch (outcome.kind) {
    case "ok":
      changeOrder(step, order.id, {
        orderId: answer.orderId ?? order.orderId,
        ackedAt: order.ackedAt ?? step.at,
        state: order.state === "live" ? "live" : "acked",
      });
      return;
    case "refused":
      return takeRefusal(step, order, outcome.refusal);
    case "unknown":
      return markUnknown(step, order.id);
    case "notSent":
      if (order.transmissions > 1 || order.state === "live") return;
      if (order.role === "entry") forgetEntry(step, { order, reason: outcome.reason });
      return endOrder(step, order.id, { end: "NotSent", refusal: null });
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

/** An entry that never left is no order of the hour; kept back by observe mode, it is shown once (F-13.1, F-13.7). */
function forgetEntry(step: Step, of: { readonly order: OwnOrder; readonly reason: string }): void {
  const { bot } = step;
  const { order, reason } = of;
  const entryTimes = bot.operator.entryTimes.filter((time) => time !== order.decidedAt);
  bot.operator = { ...bot.operator, entryTimes };
  if (reason === "observe_mode") bot.signal = foldEntryFilled(bot.signal, order.ticket.side);
}

function takeRefusal(step: Step, order: OwnOrder, refusal: Refusal): void {
  if (order.state === "live") return;
  if (refusal.cause === "duplicate_id") {
    changeOrder(step, order.id, { state: "unknown", duplicate: order.transmissions === 1 && !isDerived(step, order) });
    lookUp(step, order.id);
    return;
  }
  // A refusal of a re-send says nothing about the earlier transmission of the same id (F-10.3), unless it is for what
  // both say: then neither was taken, and the next generation says it otherwise (F-5.1).
  const forContent = refusal.cause === "quantity" || refusal.cause === "parameter";
  if (order.transmissions > 1 && !(forContent && order.ticket.contracts > 0)) {
    step.news.push({ kind: "resendRefused", order, refusal });
    return markUnknown(step, order.id);
  }
  endOrder(step, order.id, { end: "Refused", refusal });
}

/**
 * Without a disk no sending is remembered. The stop of an adopted position has an id that is derived from what the venue
 * holds, so that the start before this one named it alike: the duplicate is ours (F-11.9, an exception from F-10.5).
 */
function isDerived({ bot }: Step, order: OwnOrder): boolean {
  const position = positionOf(bot);
  return bot.operator.journalFailed && order.role === "stop" && position !== null && position.adopted &&
    order.trade === position.tradeId;
}

/** Answer to an amend: a refusal is news for the stop; gone, unchanged or unknown is looked up (F-5.4). */
export function takeAmendAnswer(step: Step, id: string, outcome: Outcome): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.amend === null) return;
  switch (outcome.kind) {
    case "ok":
      changeOrder(step, id, { amend: { ...order.amend, answered: true } });
      return;
    case "notSent":
      changeOrder(step, id, { amend: null });
      return;
    case "unknown":
      return lookUp(step, id);
    case "refused": {
      const { cause } = outcome.refusal;
      if (cause === "order_gone" || cause === "not_modified") return lookUp(step, id);
      const later = cause === "not_now" || cause === "clock" || cause === "rate_limit";
      const amendRefusals = later ? order.amendRefusals : order.amendRefusals + 1;
      const changed = changeOrder(step, id, { amend: null, amendRefusals });
      if (changed !== null) step.news.push({ kind: "amendRefused", order: changed, refusal: outcome.refusal });
      return;
    }
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

/**
 * Answer to a cancel: only the order's own message or a look-up ends an order (F-10.9). A refusal says nothing about the
 * order, an unknown outcome neither: it is looked up, and if it is open after all, cancelled again within a second.
 */
export function takeCancelAnswer(step: Step, id: string, outcome: Outcome): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.cancel === null) return;
  if (outcome.kind === "ok" || outcome.kind === "notSent") return;
  changeOrder(step, id, { cancel: { ...order.cancel, nextAt: later(step.at, LOOK_EVERY_MS), failed: true } });
  if (outcome.kind === "unknown") return lookUp(step, id);
  if (outcome.refusal.cause !== "order_gone") return;
  if (order.state === "live" || order.state === "acked") return lookUp(step, id);
  return markUnknown(step, id);
}
