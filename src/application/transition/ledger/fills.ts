import { parseOwnLinkId } from "../../../domain/ids.ts";
import type { Execution, OrderRow, Side } from "../../../domain/orders.ts";
import { isOver } from "../../../domain/orders.ts";
import type { Bot, OwnOrder } from "../../../domain/state.ts";
import { countRow, foldExecution, isForeignOwnForm, isKnown, movedBy, ownerOf } from "./execution_ledger.ts";
import { comesBack, noteUnknownWord, noteUnnamedEnd, revive } from "../orders/evidence.ts";
import {
  changeOrder,
  endOf,
  endOrder,
  findByOrderId,
  findOrder,
  isNewerRow,
  newOrder,
  register,
  takeRow,
} from "../orders/order_table.ts";
import { foldSlippage, slippageOf } from "../../policy/risk/session_risk.ts";
import { foldAnchorFill } from "../../policy/entry/signal_generator.ts";
import { bookOf, halt, positionOf, type Step } from "../step.ts";
import { isLiquidation } from "../../policy/money/trade_book.ts";
import { awaitsExecutions, creditFill, foldFunding, judgeTrade, takeRisk, writeTrade } from "./money.ts";
import { askExecutions, changeLooks, isUncovered, lookNow } from "../asking.ts";

/** Notes that a private event for the symbol was applied: looks under way are void (F-4.3). */
export function notePrivate(step: Step): void {
  changeLooks(step).lastPrivateAt = step.at;
}

/** One execution, streamed or read back: folded by its key, in the order it came (F-4.1, F-4.2). */
export function takeExecution(step: Step, execution: Execution): void {
  if (execution.execType === "Funding") return foldFunding(step, execution);
  if (isKnown(step.bot.ledger, execution)) return;
  if (typeof execution.execType !== "string" && mayBeCash(step, execution)) return askWhat(step);
  if (execution.contracts <= 0) return refuseQuantity(step, `execution ${execution.execId} of ${execution.contracts}`);
  notePrivate(step);
  const moved = movedBy(step.bot, execution);
  const flatBefore = step.bot.phase.kind === "flat" && step.bot.ledger.net === 0 && moved > 0;
  const turns = turnsOver(step.bot, { side: execution.side, moved });
  // The trade it ends takes the place of one that still waits for its record.
  if (turns) writeTrade(step);
  const before = bookedPnl(step);
  const waited = awaitsExecutions(step.bot);
  const order = foldExecution(step, execution);
  creditFill(step, { execution, turns, reckoned: before === null ? 0 : (bookedPnl(step) ?? before) - before });
  if (waited && !awaitsExecutions(step.bot)) judgeTrade(step);
  if (order !== null) step.bot.signal = foldAnchorFill(step.bot.signal, { price: execution.price, at: step.at });
  judgeSlippage(step, execution, order);
  judgeOrigin(step, { execution, order, flatBefore });
}

/** Funding and its like belong to no order of anybody's naming. */
function mayBeCash(step: Step, execution: Execution): boolean {
  return execution.orderLinkId === null && ownerOf(step.bot, execution) === null;
}

/** An execution of an unknown kind, not ours, may be cash or quantity: no guess, the venue is read (F-4.8). */
function askWhat(step: Step): void {
  notePrivate(step);
  askExecutions(step, isUncovered(step.bot));
  lookNow(step, { protective: isUncovered(step.bot) });
}

/** True for an execution that closes what is open and opens the other side (F-1.27). */
function turnsOver({ ledger }: Bot, of: { readonly side: Side; readonly moved: number }): boolean {
  const sign = of.side === "Buy" ? 1 : -1;
  return ledger.net !== 0 && Math.sign(ledger.net) !== sign && of.moved > Math.abs(ledger.net);
}

function bookedPnl(step: Step): number | null {
  return bookOf(step.bot)?.bookedPnl ?? null;
}

/** F-1.27: refused, HALT, reconcile in the same step. */
export function refuseQuantity(step: Step, what: string): void {
  halt(step, { reason: "invalid_fill_quantity", detail: `refused: ${what}` });
  lookNow(step, { protective: true });
}

function judgeSlippage(step: Step, execution: Execution, order: OwnOrder | null): void {
  if (order === null) return;
  const reference = order.ticket.trigger?.price ?? order.ticket.price ?? order.reference;
  if (reference === null) return;
  const slippage = slippageOf({ average: execution.price, reference, contracts: execution.contracts });
  takeRisk(step, foldSlippage(step.bot.risk, { slippage, now: step.at }, step.bot.config.safety));
}

/** Liquidation, ADL, a second writer, a foreign hand (F-1.24 … F-1.28). */
function judgeOrigin(
  step: Step,
  of: { readonly execution: Execution; readonly order: OwnOrder | null; readonly flatBefore: boolean },
): void {
  const { execution, order } = of;
  if (isLiquidation(execution)) {
    step.bot.goal = { ...step.bot.goal, everLiquidated: true };
    lookNow(step, { protective: true });
    return halt(step, {
      reason: "liquidation",
      detail: `${execution.contracts} contracts taken at ${execution.price}`,
    });
  }
  if (execution.execType === "AdlTrade" || execution.createType === "CreateByAdl_PassThrough") {
    lookNow(step, { protective: true });
    return halt(step, { reason: "adl", detail: `${execution.contracts} contracts deleveraged` });
  }
  if (order !== null) return;
  lookNow(step, { protective: true });
  if (isForeignOwnForm(step.bot, execution.orderLinkId)) {
    return haltOwnForm(step, { linkId: execution.orderLinkId, at: execution.execAt });
  }
  if (of.flatBefore) {
    return halt(step, { reason: "unexpected_fill", detail: `execution ${execution.execId} while flat` });
  }
  halt(step, { reason: "foreign_activity", detail: `execution ${execution.execId} of an order that is not ours` });
}

/** An own-form id the journal never sent: older than this process, the journal is behind; else a twin (F-11.4, F-11.6). */
function haltOwnForm(step: Step, of: { readonly linkId: string | null; readonly at: number }): void {
  const before = step.bot.boot.startedAt !== null && of.at < step.bot.boot.startedAt;
  halt(step, {
    reason: before ? "journal_behind_venue" : "second_instance",
    detail: `the venue knows ${of.linkId}, this journal does not`,
  });
}

/** One order row, streamed or looked up (F-4.2). Foreign orders change nothing but halt and reconcile (F-1.28). */
export function takeOrderRow(step: Step, row: OrderRow): void {
  if (row.positionIdx !== 0) {
    return halt(step, { reason: "hedge_mode_detected", detail: `order row with positionIdx ${row.positionIdx}` });
  }
  const known = findOrder(step.bot, row.orderLinkId) ?? findByOrderId(step.bot, row.orderId);
  if (known === null) return takeForeignRow(step, row);
  if (known.duplicate) return takeDuplicate(step, known, row);
  const back = comesBack(known, row);
  if (!back && !isNewerRow(row, known.row)) return;
  notePrivate(step);
  const order = back ? revive(step, known) : known;
  takeRow(step, order, row);
  const taken = findOrder(step.bot, order.id) ?? order;
  noteUnknownWord(step, { before: order.row, order: taken });
  countRow(step, taken, row);
  if (step.bot.ledger.owed !== null && row.cumExecQty > order.counted) askExecutions(step, isUncovered(step.bot));
  const end = endOf(row);
  if (end === null) return;
  if (end === "Gone") noteUnnamedEnd(step, taken, row);
  endOrder(step, order.id, { end, refusal: null });
}

/** A duplicate on the first transmission is never adopted: somebody else sent it (F-10.5). */
function takeDuplicate(step: Step, order: OwnOrder, row: OrderRow): void {
  haltOwnForm(step, { linkId: order.id, at: row.createdAt });
  changeOrder(step, order.id, { orderId: row.orderId });
  endOrder(step, order.id, { end: "Foreign", refusal: null });
}

function takeForeignRow(step: Step, row: OrderRow): void {
  const position = positionOf(step.bot);
  const own = row.orderLinkId === null ? null : parseOwnLinkId(row.orderLinkId, step.bot.config.strategy_name);
  if (own !== null && row.reduceOnly && position !== null && own.signalId === position.tradeId) {
    return adoptOrder(step, { row, role: own.role, generation: own.generation, trade: own.signalId });
  }
  if (isOver(row) && row.updatedAt < (step.bot.boot.startedAt ?? 0)) return;
  lookNow(step, { protective: false });
  if (own !== null) return haltOwnForm(step, { linkId: row.orderLinkId, at: row.createdAt });
  halt(step, { reason: "foreign_activity", detail: `order ${row.orderId} is not ours` });
}

/** A reduce-only order of the position we know, sent in the crash window: it is ours (F-11.4, F-10.7). */
function adoptOrder(
  step: Step,
  of: {
    readonly row: OrderRow;
    readonly role: OwnOrder["role"];
    readonly generation: number;
    readonly trade: string;
  },
): void {
  const { row } = of;
  if (isOver(row)) return;
  const ticket = {
    orderLinkId: row.orderLinkId ?? "",
    side: row.side,
    contracts: row.contracts,
    orderType: row.orderType === "Limit" ? "Limit" as const : "Market" as const,
    price: row.price,
    timeInForce: typeof row.timeInForce === "string" ? row.timeInForce : "GTC" as const,
    trigger: row.triggerPrice === null || row.triggerDirection === null ? null : {
      price: row.triggerPrice,
      direction: row.triggerDirection,
      by: typeof row.triggerBy === "string" ? row.triggerBy : step.bot.config.stop.stop_trigger_by,
    },
    reduceOnly: row.reduceOnly,
    closeOnTrigger: row.closeOnTrigger,
  };
  register(step, newOrder({ ticket, role: of.role, trade: of.trade, generation: of.generation, at: step.at }));
  takeOrderRow(step, row);
}
