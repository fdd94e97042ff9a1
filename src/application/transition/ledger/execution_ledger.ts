import { adoptId, parseOwnLinkId } from "../../../domain/ids.ts";
import { averageEntry, directionOf } from "../../../domain/inverse.ts";
import type { Direction, Execution, OrderRow, Side } from "../../../domain/orders.ts";
import type { Bot, Ledger, OwnOrder } from "../../../domain/state.ts";
import type { Plan } from "../../../domain/plan.ts";
import { type EpochMs, epochMs, type PicoBtc, picoBtc, type PriceCents, usdContracts } from "../../../domain/units.ts";
import { currentRates } from "../../policy/entry/fee_verification.ts";
import { correctValue, coveredBy, owe, settleOwed } from "./owed_executions.ts";
import { changeOrder, endOrder, findByOrderId, findOrder } from "../orders/order_table.ts";
import { worth } from "../../policy/risk/plausible.ts";
import { bookOf, setBook, type Step } from "../step.ts";
import { bookClose, bookFill, bookQuantity, openBook } from "../../policy/money/trade_book.ts";

/** Overlap of every backfill; keys newer than this are always kept (F-4.1). */
export const BACKFILL_OVERLAP_MS = 600_000;

/** Contracts held, unsigned. */
export function held(bot: Bot): number {
  return Math.abs(bot.ledger.net);
}

/** Average entry of what is open; null when flat. Cents. */
export function entryAverage(ledger: Ledger): PriceCents | null {
  return averageEntry(usdContracts(Math.abs(ledger.net)), picoBtc(Math.max(0, ledger.openValue)));
}

export function directionHeld(ledger: Ledger): Direction | null {
  return ledger.net > 0 ? "long" : ledger.net < 0 ? "short" : null;
}

/** True when this execution was folded before, or is older than anything that could be new (F-4.1). */
export function isKnown(ledger: Ledger, execution: Execution): boolean {
  for (let index = ledger.seen.length - 1; index >= 0; index -= 1) {
    if (ledger.seen[index]?.id === execution.execId) return true;
  }
  return execution.execAt < ledger.floorAt;
}

/** Remembers the key; drops what is beyond the minimum count and older than the overlap (F-4.1). */
export function noteExecution(step: Step, execution: Execution): void {
  const { ledger, config } = step.bot;
  let seen: Ledger["seen"] = [...ledger.seen, { id: execution.execId, at: execution.execAt }];
  let floorAt = ledger.floorAt;
  let excess = seen.length - Math.max(1, config.runtime.dedup_keys_min);
  if (excess > 0) {
    const limit = step.at - BACKFILL_OVERLAP_MS;
    seen = seen.filter((key) => {
      if (excess <= 0 || key.at >= limit) return true;
      excess -= 1;
      floorAt = epochMs(Math.max(floorAt, key.at + 1));
      return false;
    });
  }
  step.bot.ledger = {
    ...ledger,
    seen,
    floorAt,
    lastExecAt: epochMs(Math.max(ledger.lastExecAt ?? 0, execution.execAt)),
    lastSeq: execution.seq === null ? ledger.lastSeq : Math.max(ledger.lastSeq ?? execution.seq, execution.seq),
    lastAppliedAt: step.at,
  };
}

/** The own order an execution belongs to: by link id, else by the venue's id (maker fills carry none). */
export function ownerOf(bot: Bot, execution: Execution): OwnOrder | null {
  return findOrder(bot, execution.orderLinkId) ?? findByOrderId(bot, execution.orderId);
}

/** Contracts an execution adds or takes now: those that a row of its order counted already are not among them. */
export function grownBy(order: OwnOrder | null, execution: Execution): number {
  return order === null ? execution.contracts : Math.max(0, order.executed + execution.contracts - order.counted);
}

/** Contracts by which an execution moves what is held: neither a row of its order nor REST counted them (F-4.3). */
export function movedBy(bot: Bot, execution: Execution): number {
  const contracts = grownBy(ownerOf(bot, execution), execution);
  return contracts - coveredBy(bot.ledger, { execution, contracts });
}

/** Folds an execution that moves quantity. The caller has checked that it is new. Returns the own order, if any. */
export function foldExecution(step: Step, execution: Execution): OwnOrder | null {
  noteExecution(step, execution);
  const order = ownerOf(step.bot, execution);
  const value = worth(execution.contracts, execution.price);
  if (order === null) {
    const moved = settleCovered(step, execution, { contracts: execution.contracts, value });
    const { side, pnl } = execution;
    applyQuantity(step, { side, ...moved, tradeId: null, plan: null, key: execution.execId, pnl });
  } else {
    foldOwn(step, order, { execution, value });
  }
  const book = bookOf(step.bot);
  if (book !== null) {
    const rates = currentRates(step.bot.fees, step.bot.config.fees);
    const rate = execution.isMaker ? rates.maker : rates.taker;
    setBook(step, bookFill(book, { execution, order, value, rate, at: step.at }));
  }
  const { owed } = step.bot.ledger;
  if (owed !== null && owed.Buy.contracts === 0 && owed.Sell.contracts === 0) endOwed(step);
  return order;
}

/** Settles what REST counted already; returns what is left to move the quantity. */
function settleCovered(step: Step, execution: Execution, of: Worth): Worth {
  const contracts = coveredBy(step.bot.ledger, { execution, contracts: of.contracts });
  if (contracts === 0) return of;
  const value = Math.round(of.value * (contracts / of.contracts));
  settleOwed(step, { side: execution.side, contracts, value });
  return { contracts: of.contracts - contracts, value: of.value - value };
}
type Worth = { readonly contracts: number; readonly value: number };

/** Every execution behind the overrides came: what order rows showed meanwhile counts ahead again (F-1). */
function endOwed(step: Step): void {
  step.bot.ledger = { ...step.bot.ledger, owed: null };
  for (const order of [...step.bot.orders, ...step.bot.past]) if (order.row !== null) countRow(step, order, order.row);
}

/** No read of executions reaches back to the override any more: what never came is left as REST had it (F-4.3). */
export function forgetOwed(step: Step): void {
  const { owed } = step.bot.ledger;
  if (owed === null || step.bot.closedTrade !== null || backfillSince(step.bot) <= owed.since) return;
  for (const order of [...step.bot.orders, ...step.bot.past]) if (order.row !== null) runAhead(step, order, order.row);
  step.bot.ledger = { ...step.bot.ledger, owed: null };
}

/** An own fill: what `cumExecQty` counted ahead is filled in with price and fee, the rest adds quantity. */
function foldOwn(
  step: Step,
  order: OwnOrder,
  of: { readonly execution: Execution; readonly value: PicoBtc },
): void {
  const { execution, value } = of;
  const executed = order.executed + execution.contracts;
  const grown = grownBy(order, execution);
  const ahead = Math.min(execution.contracts - grown, order.aheadContracts);
  const aheadShare = ahead === 0 ? 0 : Math.round(order.aheadValue * (ahead / order.aheadContracts));
  const grownValue = grown === execution.contracts ? value : Math.round(value * (grown / execution.contracts));
  changeOrder(step, order.id, {
    executed,
    counted: Math.max(order.counted, executed),
    aheadContracts: order.aheadContracts - ahead,
    aheadValue: order.aheadValue - aheadShare,
  });
  correctValue(step, { side: order.ticket.side, value: value - grownValue - aheadShare });
  if (grown > 0) addOwn(step, order, settleCovered(step, execution, { contracts: grown, value: grownValue }));
  if (isComplete(order, { execution, executed })) endOrder(step, order.id, { end: "Filled", refusal: null });
}

/** Complete ⇔ nothing left, by the venue's word or by the largest quantity the order can have (PROTOCOL §3.2). */
function isComplete(order: OwnOrder, of: { readonly execution: Execution; readonly executed: number }): boolean {
  if (of.execution.leavesQty !== null) return of.execution.leavesQty === 0;
  const most = Math.max(order.ticket.contracts, order.row?.contracts ?? 0, order.amend?.contracts ?? 0);
  return order.ticket.contracts > 0 && of.executed >= most;
}

/** An own order filled; `moved` is what nobody counted before. */
function addOwn(step: Step, order: OwnOrder, moved: Worth): void {
  const { side } = order.ticket;
  applyQuantity(step, { side, ...moved, tradeId: order.trade, plan: order.plan, key: order.id });
  step.news.push({ kind: "filled", order: findOrder(step.bot, order.id) });
}

/**
 * `cumExecQty` ahead of the executions counts now, at the row's average price (F-1, quantity has one owner). A row does not
 * say what of it an override holds already: while executions are owed to one, only they count (F-4.3).
 */
export function countRow(step: Step, order: OwnOrder, row: OrderRow): void {
  if (step.bot.ledger.owed !== null) return;
  const counted = runAhead(step, order, row);
  if (counted.contracts > 0) addOwn(step, order, counted);
}

/** The order is counted up to its row; returns what that adds. */
function runAhead(step: Step, order: OwnOrder, row: OrderRow): Worth {
  const contracts = Math.max(0, row.cumExecQty - order.counted);
  if (contracts === 0) return { contracts, value: 0 };
  const price = row.avgPrice ?? order.ticket.price ?? order.ticket.trigger?.price ?? step.bot.market.seen.last;
  const value = worth(usdContracts(contracts), price);
  changeOrder(step, order.id, {
    counted: row.cumExecQty,
    aheadContracts: order.aheadContracts + contracts,
    aheadValue: order.aheadValue + value,
  });
  return { contracts, value };
}

/** Moves the net quantity, by 0 not at all: opening adds value, reducing takes its share, a flip starts anew (PROTOCOL §7). */
export function applyQuantity(
  step: Step,
  of: {
    readonly side: Side;
    readonly contracts: number;
    readonly value: number;
    readonly tradeId: string | null;
    readonly plan: Plan | null;
    readonly key: string;
    /** What the venue booked for the part that closes; null = not said. */
    readonly pnl?: PicoBtc | null;
  },
): void {
  const { ledger } = step.bot;
  const before = ledger.net;
  const sign = of.side === "Buy" ? 1 : -1;
  const net = before + sign * of.contracts;
  const reducing = before !== 0 && Math.sign(before) !== sign;
  const closed = reducing ? Math.min(of.contracts, Math.abs(before)) : 0;
  const opened = of.contracts - closed;
  const closedValue = opened === 0 ? of.value : Math.round(of.value * (closed / of.contracts));
  const left = reducing
    ? ledger.openValue - Math.round(ledger.openValue * (closed / Math.abs(before)))
    : ledger.openValue;
  const base = net === 0 || (reducing && opened > 0) ? 0 : left;
  step.bot.ledger = { ...ledger, net, openValue: base + (of.value - closedValue) };
  if (closed > 0 && step.bot.trade !== null) {
    step.bot.trade = bookQuantity(step.bot.trade, { opens: false, contracts: closed, value: closedValue, at: step.at });
  }
  if (opened > 0 && reducing) endTurned(step, { contracts: closed, value: closedValue, pnl: of.pnl ?? null });
  if (opened > 0) openTrade(step, { ...of, contracts: opened, value: of.value - closedValue });
}

/** The trade that an execution of the other side ended; its last close is booked like any (P-1, F-1.27). */
function endTurned(
  step: Step,
  of: { readonly contracts: number; readonly value: number; readonly pnl: PicoBtc | null },
): void {
  if (step.bot.trade === null) return;
  const book = bookClose(step.bot.trade, of);
  step.bot.closedTrade = { ...book, closedAt: step.at, exitReason: "other_side" };
  step.bot.trade = null;
}

function openTrade(
  step: Step,
  of: {
    readonly side: Side;
    readonly contracts: number;
    readonly value: number;
    readonly tradeId: string | null;
    readonly plan: Plan | null;
    readonly key: string;
  },
): void {
  const direction = directionOf(of.side);
  const book = step.bot.trade ??
    openBook({ tradeId: of.tradeId ?? adoptId(direction, of.key), plan: of.plan, direction, at: step.at });
  step.bot.trade = bookQuantity(book, { opens: true, contracts: of.contracts, value: of.value, at: step.at });
}

/** REST's word taken as truth (F-4.3): the ledger follows, valued at the venue's average; `seq` is the position's. */
export function overrideQuantity(
  step: Step,
  of: {
    readonly net: number;
    readonly price: PriceCents | null;
    readonly seq: number | null;
    readonly key: string;
  },
): void {
  const difference = of.net - step.bot.ledger.net;
  if (difference === 0) return;
  const price = of.price ?? step.bot.market.seen.mark ?? step.bot.market.seen.last;
  const contracts = usdContracts(Math.abs(difference));
  const taken = {
    side: difference > 0 ? "Buy" : "Sell",
    contracts,
    value: worth(contracts, price),
  } as const;
  applyQuantity(step, { ...taken, tradeId: null, plan: null, key: of.key });
  owe(step, taken, of.seq);
}

/** True for an id of our own form that the journal never sent (F-1.26, F-11.4). */
export function isForeignOwnForm(bot: Bot, linkId: string | null): boolean {
  return linkId !== null && findOrder(bot, linkId) === null &&
    parseOwnLinkId(linkId, bot.config.strategy_name) !== null;
}

/** Time from which executions must be asked for so that nothing is missed (F-4.1). */
export function backfillSince(bot: Bot): EpochMs {
  return epochMs(Math.max(0, bot.reconcile.executionsSince - BACKFILL_OVERLAP_MS));
}
