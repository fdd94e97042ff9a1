import type { Refusal } from "../../../domain/events.ts";
import { linkId } from "../../../domain/ids.ts";
import type { OrderRole, OrderRow, OrderTicket, Side } from "../../../domain/orders.ts";
import { isOver, isSameWord } from "../../../domain/orders.ts";
import type { Amend, Bot, Cancel, OrderEnd, OwnOrder } from "../../../domain/state.ts";
import type { Plan } from "../../../domain/plan.ts";
import type { EpochMs, PriceCents } from "../../../domain/units.ts";
import { emit, later, type Step } from "../step.ts";

/** Final orders kept for late messages; about a day of trading, and more than any backfill overlap needs. */
const PAST_KEPT = 64;
/** A shown stop is looked up this long after an ack without a stream message (F-5.5); other orders 2 s. */
const ACK_LOOK_MS = 500;
const OTHER_ACK_LOOK_MS = 2_000;
/** Between two looks for an order of unknown outcome. */
export const LOOK_EVERY_MS = 1_000;
/** `cancelAgain` leaves at least this long between two cancels of an order. */
const CANCEL_AGAIN_MS = 1_000;
/** Two misses this far apart prove absence (F-10.4). */
const MISS_APART_MS = 2_000;
/** A look-up without an answer is asked again after this; beyond `rest_timeout_s` plus pacing of three requests. */
const LOOK_LOST_MS = 20_000;

/** The own order of this id, final ones included; null when the table does not know it. */
export function findOrder(bot: Bot, id: string | null): OwnOrder | null {
  if (id === null) return null;
  for (const order of bot.orders) if (order.id === id) return order;
  for (const order of bot.past) if (order.id === id) return order;
  return null;
}

/** The own order the venue calls `orderId`; null when unknown. */
export function findByOrderId(bot: Bot, orderId: string): OwnOrder | null {
  for (const order of bot.orders) if (order.orderId === orderId) return order;
  for (const order of bot.past) if (order.orderId === orderId) return order;
  return null;
}

/** Contracts of an order that are filled: by the executions, or by the venue's row when that says more (F-1). */
export function filledOf(order: OwnOrder): number {
  return Math.max(order.counted, order.row?.cumExecQty ?? 0);
}

/** True while an order may still execute: everything but final. */
export function isOpen(order: OwnOrder | null): order is OwnOrder {
  return order !== null && order.state !== "final";
}

/** First open own order of a role; null when none. */
export function openOrderOf(bot: Bot, role: OrderRole): OwnOrder | null {
  for (const order of bot.orders) if (order.role === role) return order;
  return null;
}

/** The next unused generation of a role within a trade (F-10.3). */
export function nextGeneration(bot: Bot, of: { readonly trade: string; readonly role: OrderRole }): number {
  let highest = 0;
  for (const list of [bot.orders, bot.past]) {
    for (const order of list) {
      if (order.trade === of.trade && order.role === of.role && order.generation > highest) highest = order.generation;
    }
  }
  return highest + 1;
}

/** Id and generation of the next order of a role; throws RangeError before a bad id could leave (F-10.2). */
export function nextId(
  bot: Bot,
  of: { readonly trade: string; readonly role: OrderRole; readonly side: Side },
): { readonly id: string; readonly generation: number } {
  const generation = nextGeneration(bot, of);
  return { id: linkId(of.role, { signalId: of.trade, side: of.side, generation }), generation };
}

/** A fresh table entry for a ticket about to be sent. */
export function newOrder(
  of: {
    readonly ticket: OrderTicket;
    readonly role: OrderRole;
    readonly trade: string;
    readonly generation: number;
    readonly at: EpochMs;
    readonly reference?: PriceCents | null;
    readonly plan?: Plan | null;
  },
): OwnOrder {
  return {
    id: of.ticket.orderLinkId,
    role: of.role,
    generation: of.generation,
    trade: of.trade,
    ticket: of.ticket,
    plan: of.plan ?? null,
    decidedAt: of.at,
    sentAt: of.at,
    transmissions: 1,
    state: "sent",
    end: null,
    endedAt: null,
    ackedAt: null,
    orderId: null,
    row: null,
    rowAt: null,
    executed: 0,
    counted: 0,
    aheadContracts: 0,
    aheadValue: 0,
    look: null,
    lookedAt: null,
    cancel: null,
    amend: null,
    amendRefusals: 0,
    reference: of.reference ?? null,
    duplicate: false,
  };
}

/** Registers an order in the same step that sends it: a message may overtake the answer (F-4.9). */
export function register(step: Step, order: OwnOrder): void {
  step.bot.orders = [...step.bot.orders, order];
}

/** Changes one order wherever it stands; returns the changed order. */
export function changeOrder(step: Step, id: string, change: Partial<OwnOrder>): OwnOrder | null {
  let changed: OwnOrder | null = null;
  const apply = (list: readonly OwnOrder[]) =>
    list.map((order) => {
      if (order.id !== id) return order;
      changed = { ...order, ...change };
      return changed;
    });
  if (step.bot.orders.some((order) => order.id === id)) step.bot.orders = apply(step.bot.orders);
  else step.bot.past = apply(step.bot.past);
  return changed;
}

/** Ends an order for good and tells the lifecycle, once: one taken up again to be asked about has told it (F-4.2). */
export function endOrder(
  step: Step,
  id: string,
  of: { readonly end: OrderEnd; readonly refusal: Refusal | null },
): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined) return;
  const ended: OwnOrder = { ...order, state: "final", end: of.end, endedAt: step.at, look: null, amend: null };
  step.bot.orders = step.bot.orders.filter((one) => one !== order);
  step.bot.past = [...step.bot.past.slice(-(PAST_KEPT - 1)), ended];
  if (order.endedAt === null) step.news.push({ kind: "ended", order: ended, refusal: of.refusal });
}

/** Wants an open order gone: one cancel now; unconfirmed in 5 s it is looked up, and cancelled again (F-6.6, F-10.10). */
export function cancelOrder(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order !== undefined && order.cancel === null) sendCancel(step, order);
}

/** The same, and a cancel that has had no effect for a second is sent again: another order waits for it (F-6.4). */
export function cancelAgain(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined) return;
  if (order.cancel === null || step.at - order.cancel.sentAt >= CANCEL_AGAIN_MS) sendCancel(step, order);
}

function sendCancel(step: Step, order: OwnOrder): void {
  const { id } = order;
  const confirmMs = step.bot.config.runtime.cancel_confirm_s * 1000;
  const before = order.cancel;
  const same = before !== null && before.failed === true && step.at - before.attemptAt < confirmMs;
  const attempts = (before?.attempts ?? 0) + (same ? 0 : 1);
  const attemptAt = same ? before.attemptAt : step.at;
  changeOrder(step, id, { cancel: { sentAt: step.at, attempts, attemptAt, nextAt: later(step.at, confirmMs) } });
  emit(step, { kind: "CancelOrder", orderLinkId: id });
}

/** Asks the venue for an own order now, unless a look is in flight. */
export function lookUp(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined) return;
  const look = order.look ?? { askedAt: null, nextAt: null, misses: 0, lastMissAt: null };
  if (look.askedAt !== null && step.at - look.askedAt < LOOK_LOST_MS) return;
  if (order.lookedAt !== null && step.at - order.lookedAt < LOOK_EVERY_MS) {
    changeOrder(step, id, { look: { ...look, askedAt: null, nextAt: later(order.lookedAt, LOOK_EVERY_MS) } });
    return;
  }
  const { cancel: asked } = order;
  const cancel = asked === null ? null : { ...asked, nextAt: later(step.at, cancelDueMs(step.bot, asked)) };
  changeOrder(step, id, { look: { ...look, askedAt: step.at, nextAt: null }, lookedAt: step.at, cancel });
  emit(step, { kind: "LookUpOrder", orderLinkId: id });
}

/** An ambiguous outcome: unknown is a state (law 5), resolved by looking (F-10.4). */
export function markUnknown(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.state === "live") return;
  changeOrder(step, id, { state: "unknown" });
  lookUp(step, id);
}

/** True when the row brings something: final states are sticky, quantity never shrinks, older rows lose (F-4.2). */
export function isNewerRow(row: OrderRow, known: OrderRow | null): boolean {
  if (known === null) return true;
  if (isOver(known)) return row.cumExecQty > known.cumExecQty;
  if (row.cumExecQty < known.cumExecQty) return false;
  if (isOver(row)) return true;
  if (row.updatedAt < known.updatedAt) return false;
  return !isSameWord(row.status, known.status) || row.cumExecQty !== known.cumExecQty ||
    row.updatedAt !== known.updatedAt;
}

/** Takes a row into the table. Quantity is the ledger's business; ending is decided after it was counted. */
export function takeRow(step: Step, order: OwnOrder, row: OrderRow): void {
  const finalBefore = order.row !== null && isOver(order.row);
  const kept = finalBefore && order.row !== null ? { ...order.row, cumExecQty: row.cumExecQty } : row;
  const change: Partial<OwnOrder> = { row: kept, rowAt: step.at, orderId: row.orderId };
  if (order.state === "final") {
    changeOrder(step, order.id, change);
    return;
  }
  const { amend } = order;
  const done = amend !== null && isAsAmended(amend, row);
  // The order as it was, after the change was asked for: the venue dropped it, which is a refusal (F-5.4, F-5.5).
  const dropped = amend !== null && !done && row.updatedAt >= amend.sentAt;
  const shown = changeOrder(step, order.id, {
    ...change,
    state: "live",
    endedAt: isOver(row) ? order.endedAt : null,
    look: null,
    amend: done || dropped ? null : amend,
    amendRefusals: order.amendRefusals + (dropped ? 1 : 0),
  });
  if (shown === null) return;
  step.news.push({ kind: "shown", order: shown });
  if (dropped) step.news.push({ kind: "amendRefused", order: shown, refusal: null });
}

function isAsAmended(amend: Amend, row: OrderRow): boolean {
  return (amend.contracts === null || amend.contracts === row.contracts) &&
    (amend.triggerPrice === null || amend.triggerPrice === row.triggerPrice);
}

/** How an order ended by its row; null while it may execute. */
export function endOf(row: OrderRow): OrderEnd | null {
  if (!isOver(row)) return null;
  return typeof row.status === "string" ? row.status : "Gone";
}

/** A protective order of unknown outcome is re-sent under the same id at most this often (F-10.4, F-5.6 "not now"). */
export const RESEND_MS = 1_000;

/** A stop or exit of unknown outcome: the same id again, after a look of at most 1 s (F-4.3, F-10.3, F-10.4). */
export function pursue(step: Step, order: OwnOrder): void {
  const { look } = order;
  const looked = look !== null && (look.askedAt === null || step.at - look.askedAt >= RESEND_MS);
  if (order.state !== "unknown" || order.duplicate || order.cancel !== null || !looked) return;
  if (step.at - order.sentAt >= RESEND_MS) resend(step, order);
}

/** The same ticket under the same id once more (F-10.3, F-10.4). */
function resend(step: Step, order: OwnOrder): void {
  changeOrder(step, order.id, { state: "sent", sentAt: step.at, transmissions: order.transmissions + 1, look: null });
  switch (order.role) {
    case "stop":
      return emit(step, { kind: "PlaceStop", ticket: order.ticket });
    case "exit":
      return emit(step, { kind: "PlaceExit", ticket: order.ticket });
    case "target":
    case "entry":
      return;
    default: {
      const never: never = order.role;
      return never;
    }
  }
}

/** So long a cancel may take to be seen: a second is enough for one that failed (F-6.6). */
function cancelDueMs(bot: Bot, cancel: Cancel): number {
  return cancel.failed === true ? LOOK_EVERY_MS : bot.config.runtime.cancel_confirm_s * 1000;
}

/**
 * After a look found the order open: an amend not seen is over (F-5.5). A cancel not seen is sent again when it had its
 * time: an earlier look may show the order of before the cancel (F-6.6, F-4.9).
 */
export function afterFound(step: Step, id: string, askedAt: EpochMs): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined) return;
  if (order.amend !== null && askedAt >= order.amend.sentAt) changeOrder(step, id, { amend: null });
  const { cancel } = order;
  if (cancel !== null && askedAt - cancel.sentAt >= cancelDueMs(step.bot, cancel)) sendCancel(step, order);
}

/** A look that found nothing: proof only when late enough and twice (F-10.4). */
export function takeAbsent(step: Step, id: string, askedAt: EpochMs): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.look === null) return;
  const counts = askedAt > order.sentAt + step.bot.config.runtime.recv_window_ms + 2_000;
  const apart = order.look.lastMissAt === null || askedAt >= order.look.lastMissAt + MISS_APART_MS;
  const misses = counts && apart ? order.look.misses + 1 : order.look.misses;
  if (misses >= 2) {
    // An entry that was shown may rest while the lists leave it out: another would be a second one (F-1.3). Its cancel
    // asks the matching engine first; what is absent after that is gone.
    if (order.role === "entry" && order.row !== null && order.cancel === null) return cancelAbsent(step, order);
    return endOrder(step, id, { end: "Absent", refusal: null });
  }
  const wait = misses === 1 ? MISS_APART_MS : LOOK_EVERY_MS;
  const lastMissAt = counts && apart ? askedAt : order.look.lastMissAt;
  changeOrder(step, id, {
    state: order.state === "live" ? "live" : "unknown",
    look: { askedAt: null, nextAt: later(step.at, wait), misses, lastMissAt },
  });
}

function cancelAbsent(step: Step, order: OwnOrder): void {
  const look = { askedAt: null, nextAt: later(step.at, MISS_APART_MS), misses: 0, lastMissAt: null };
  changeOrder(step, order.id, { look });
  cancelOrder(step, order.id);
}

/** A look without an answer: asked again, sooner for what protects than for an entry (F-10.4, F-7.10). */
export function takeLookFailure(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.look === null) return;
  const wait = order.role === "entry" ? MISS_APART_MS : LOOK_EVERY_MS;
  changeOrder(step, id, { look: { ...order.look, askedAt: null, nextAt: later(step.at, wait) } });
}

/** When this order wants attention: an overdue answer, an unshown ack, the next look; null = nothing pending. */
export function orderDeadline(bot: Bot, order: OwnOrder): EpochMs | null {
  if (order.look !== null) {
    return order.look.askedAt === null ? order.look.nextAt : later(order.look.askedAt, LOOK_LOST_MS);
  }
  switch (order.state) {
    case "sent":
      return later(order.sentAt, answerDueMs(bot, order));
    case "acked":
      return later(order.ackedAt ?? order.sentAt, order.role === "stop" ? ACK_LOOK_MS : OTHER_ACK_LOOK_MS);
    case "live":
      return order.amend === null
        ? (order.cancel === null ? null : order.cancel.nextAt)
        : later(order.amend.sentAt, order.amend.answered ? ACK_LOOK_MS : answerDueMs(bot, order));
    case "unknown":
      return bot.now;
    case "final":
      return null;
    default: {
      const never: never = order.state;
      return never;
    }
  }
}

/** What protects is answered in `stop_ack_timeout_s` (F-5.5), anything else within the REST timeout and its pacing. */
function answerDueMs(bot: Bot, order: OwnOrder): number {
  const { stop, runtime } = bot.config;
  return order.role === "stop" || order.role === "exit"
    ? stop.stop_ack_timeout_s * 1000
    : runtime.rest_timeout_s * 1000 + 2_000;
}

/** Starts the looks that are due (F-10.4, F-5.5, F-6.6). */
export function runLooks(step: Step): void {
  for (const order of step.bot.orders) {
    const due = orderDeadline(step.bot, order);
    if (due === null || due > step.at) continue;
    if (order.state === "sent") markUnknown(step, order.id);
    else lookUp(step, order.id);
  }
}
