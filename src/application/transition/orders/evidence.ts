import { askOrders, isUncovered, lookWithin, SIGN_MS } from "../asking.ts";
import { alert, type Step } from "../step.ts";
import { startDegraded } from "../ws_health.ts";
import { changeOrder, endOrder, findOrder, lookUp, register } from "./order_table.ts";
import { isOpenStatus, isOver, isUnknownWord, type OrderRole, type OrderRow } from "../../../domain/orders.ts";
import type { OwnOrder } from "../../../domain/state.ts";
import type { EpochMs } from "../../../domain/units.ts";

/** A triggered order, or one known by executions alone, that no list shows is taken as over after this (F-1.18, F-5.9). */
const BETWEEN_WORDS_MS = 5_000;

const NAMES: { readonly [Role in OrderRole]: string } = {
  entry: "entry",
  stop: "stop",
  target: "profit target",
  exit: "exit",
};

/** An own order in words for people: its role and its id. */
export function nameOf(order: OwnOrder): string {
  return `the ${NAMES[order.role]} ${order.id}`;
}

function wordOf(row: OrderRow): string {
  return typeof row.status === "string" ? row.status : row.status.raw;
}

/** The venue shows an open order under a word we do not know: said once, and the lists decide soon (F-4.8). */
export function noteUnknownWord(step: Step, of: { readonly before: OrderRow | null; readonly order: OwnOrder }): void {
  const { row } = of.order;
  if (row === null || !isUnknownWord(row.status) || isOver(row)) return;
  if (of.before !== null && isUnknownWord(of.before.status)) return;
  const text = `The venue says "${wordOf(row)}" of ${nameOf(of.order)}: this program does not know that word. ` +
    "The order counts as open only while the venue lists it as open.";
  alert(step, { severity: "critical", code: "unknown_status", text });
  lookWithin(step, SIGN_MS);
}

/** An own order is over under a word we do not know: it is no cover, entries wait, a person is told (F-4.8, F-2.1). */
export function noteUnnamedEnd(step: Step, order: OwnOrder, row: OrderRow): void {
  if (!isUnknownWord(row.status)) return;
  const why = row.leavesQty === 0 ? "with nothing left of it" : "and does not list it as open any more";
  const text = `The venue says "${wordOf(row)}" of ${nameOf(order)}, a word this program does not know, ${why}. ` +
    "The order counts as ended; what it protected is protected anew.";
  alert(step, { severity: "critical", code: "unknown_status", text });
  startDegraded(step, `unknown order status "${wordOf(row)}"`);
  askOrders(step, isUncovered(step.bot));
}

/**
 * An open own order that a fresh list of open orders lacks. What was last shown under an open word is looked up, never
 * concluded (F-10.4); under any other word the list decides: the order is gone (F-4.8).
 */
export function takeMissing(step: Step, order: OwnOrder, askedAt: EpochMs): void {
  const { row } = order;
  if (row === null || isOpenStatus(row.status)) return lookUp(step, order.id);
  const lasted = askedAt - (order.rowAt ?? askedAt);
  if (!isUnknownWord(row.status) && lasted < BETWEEN_WORDS_MS) return lookUp(step, order.id);
  noteUnnamedEnd(step, order, row);
  endOrder(step, order.id, { end: "Gone", refusal: null });
}

/** True for an end that the bot concluded; the venue never called this order ended. */
function isConcluded(order: OwnOrder): boolean {
  return order.end === "Absent" || order.end === "NotSent" || order.end === "Refused" || order.end === "Gone";
}

/**
 * True for a row that shows alive what the bot concluded to be over. Evidence of life does not need to be news: the row
 * of before the conclusion, unchanged, will do; an older one will not (F-10.4, F-4.2).
 */
export function comesBack(order: OwnOrder, row: OrderRow): boolean {
  if (order.state !== "final" || !isConcluded(order)) return false;
  const shows = isOpenStatus(row.status) || (row.status === "Triggered" && order.row?.status !== "Triggered");
  return shows && (order.row === null || row.updatedAt >= order.row.updatedAt);
}

/** The order is taken up again, as if never shown: the row that follows says what it is (F-10.4). */
export function revive(step: Step, order: OwnOrder): OwnOrder {
  const back: OwnOrder = { ...order, state: "live", end: null, endedAt: null, row: null, rowAt: null, back: true };
  takeUp(step, back);
  const text = `The venue shows ${nameOf(order)} as open, which counted as ended: it is managed again.`;
  alert(step, { severity: "warning", code: "order_back", text });
  return back;
}

function takeUp(step: Step, order: OwnOrder): void {
  step.bot.past = step.bot.past.filter((one) => one.id !== order.id);
  register(step, order);
}

/**
 * A row of the list of open orders about an order that is over by every message so far. A list that was asked for when it
 * must have shown the end contradicts it: the order is looked up, its answer decides (F-10.4, F-6.8).
 */
export function questionListed(step: Step, row: OrderRow, askedAt: EpochMs): boolean {
  const order = findOrder(step.bot, row.orderLinkId);
  if (order === null || order.state !== "final" || order.duplicate || isOver(row) || comesBack(order, row)) {
    return false;
  }
  if (!isOpenStatus(row.status) && !isUnknownWord(row.status)) return false;
  if (order.endedAt === null || askedAt - order.endedAt < SIGN_MS) return false;
  takeUp(step, { ...order, state: "unknown", row: null, rowAt: null, look: null, back: true });
  const text = `The venue lists ${nameOf(order)} as open after it had ended: it is looked up.`;
  alert(step, { severity: "warning", code: "order_back", text });
  lookUp(step, order.id);
  return true;
}

/** An open order that a list shows is no missing one: misses of its look count from anew (F-10.4). */
export function clearMisses(step: Step, row: OrderRow, askedAt: EpochMs): void {
  const order = step.bot.orders.find((one) => one.id === row.orderLinkId);
  const { look = null } = order ?? {};
  if (order === undefined || look === null || look.misses === 0 || isOver(row)) return;
  if (look.lastMissAt !== null && look.lastMissAt > askedAt) return;
  changeOrder(step, order.id, { look: { ...look, misses: 0, lastMissAt: null } });
}
