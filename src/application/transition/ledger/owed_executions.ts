import { directionOf } from "../../../domain/inverse.ts";
import type { Execution, Side } from "../../../domain/orders.ts";
import type { Ledger, OwnOrder } from "../../../domain/state.ts";
import { bookOf, setBook, type Step } from "../step.ts";
import { bookQuantity } from "../../policy/money/trade_book.ts";

/** So long executions that REST or an order row ran ahead of are asked for, and the record of their trade waits. */
export const OWED_AT_MOST_MS = 300_000;

type Quantity = { readonly side: Side; readonly contracts: number; readonly value: number };

/** An execution came for quantity counted ahead: only the value changes. */
export function correctValue(step: Step, of: { readonly side: Side; readonly value: number }): void {
  const { ledger } = step.bot;
  const opens = Math.sign(ledger.net) === (of.side === "Buy" ? 1 : -1);
  if (opens) step.bot.ledger = { ...ledger, openValue: ledger.openValue + of.value };
  const book = bookOf(step.bot);
  if (book === null) return;
  const bookOpens = book.direction === directionOf(of.side);
  setBook(step, bookQuantity(book, { opens: bookOpens, contracts: 0, value: of.value, at: step.at }));
}

/**
 * How many of an execution's contracts the position of an override holds already (F-4.3): all when its sequence is not
 * beyond the position's (F-4.2), else none; where the venue gives no sequence, as many as are owed on its side.
 */
export function coveredBy(
  { owed }: Ledger,
  of: { readonly execution: Execution; readonly contracts: number },
): number {
  if (owed === null) return 0;
  const { execution, contracts } = of;
  if (owed.seq !== null && execution.seq !== null) return execution.seq <= owed.seq ? contracts : 0;
  return Math.min(contracts, owed[execution.side].contracts);
}

/**
 * Notes what an override counted. What order rows counted ahead is owed with it: only its execution says on which side of
 * the override it lies.
 */
export function owe(step: Step, taken: Quantity, seq: number | null): void {
  const before = step.bot.ledger.owed;
  const sums = { Buy: before?.Buy ?? NOTHING, Sell: before?.Sell ?? NOTHING };
  const add = ({ side, contracts, value }: Quantity) => {
    sums[side] = { contracts: sums[side].contracts + contracts, value: sums[side].value + value };
  };
  add(taken);
  const pooled = (order: OwnOrder): OwnOrder => {
    if (order.aheadContracts === 0) return order;
    add({ side: order.ticket.side, contracts: order.aheadContracts, value: order.aheadValue });
    return { ...order, counted: order.executed, aheadContracts: 0, aheadValue: 0 };
  };
  step.bot.orders = step.bot.orders.map(pooled);
  step.bot.past = step.bot.past.map(pooled);
  step.bot.ledger = { ...step.bot.ledger, owed: { ...sums, seq, since: step.at } };
}
const NOTHING = { contracts: 0, value: 0 };

/**
 * An execution for what an override counted: price and fee are known now, the quantity stays. What is more than owed was
 * undone by one of the other side that is still to come: both are booked, and that one is owed.
 */
export function settleOwed(step: Step, { side, contracts, value }: Quantity): void {
  const { owed } = step.bot.ledger;
  if (owed === null) return;
  const other = side === "Buy" ? "Sell" : "Buy";
  const due = owed[side];
  const told = Math.min(contracts, due.contracts);
  const share = told === 0 ? 0 : Math.round(due.value * (told / due.contracts));
  const toldValue = Math.round(value * (told / contracts));
  const rest = { contracts: contracts - told, value: value - toldValue };
  const left = { contracts: due.contracts - told, value: due.value - share };
  const more = { contracts: owed[other].contracts + rest.contracts, value: owed[other].value + rest.value };
  step.bot.ledger = { ...step.bot.ledger, owed: { ...owed, [side]: left, [other]: more } };
  correctValue(step, { side, value: toldValue - share });
  if (rest.contracts > 0) bookRound(step, rest);
}

/** Contracts that were opened and closed again: what is open keeps its quantity and takes its share of their value. */
function bookRound(step: Step, of: { readonly contracts: number; readonly value: number }): void {
  const { ledger } = step.bot;
  const held = Math.abs(ledger.net);
  const openValue = Math.round((ledger.openValue + of.value) * (held / (held + of.contracts)));
  step.bot.ledger = { ...ledger, openValue };
  const book = bookOf(step.bot);
  if (book === null) return;
  setBook(
    step,
    bookQuantity(bookQuantity(book, { ...of, opens: true, at: step.at }), { ...of, opens: false, at: step.at }),
  );
}
