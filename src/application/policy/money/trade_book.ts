import type { ClosedBy } from "../../../domain/words.ts";
import { averageEntry, bookedSats, feeUp, mulDiv, satsOf } from "../../../domain/inverse.ts";
import { POLICY_VERSION } from "../../../domain/limits.ts";
import type { Direction, Execution } from "../../../domain/orders.ts";
import type { AdjustmentRecord, TradeFill, TradeRecord } from "../../../domain/records.ts";
import type { Bot, OwnOrder, TradeBook } from "../../../domain/state.ts";
import type { Plan } from "../../../domain/plan.ts";
import {
  type EpochMs,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  type RateE8,
  usdContracts,
} from "../../../domain/units.ts";
import { feeRatio } from "../entry/fee_verification.ts";

/** Fills kept one by one; a trade of more is summed all the same, only its list is cut. */
const FILLS_KEPT = 400;

/** Opens the book of a trade at its first fill (P-1: a trade runs from the first entry fill to flat). */
export function openBook(
  of: {
    readonly tradeId: string;
    readonly plan: Plan | null;
    readonly direction: Direction;
    readonly at: EpochMs;
  },
): TradeBook {
  return {
    tradeId: of.tradeId,
    signalId: of.plan?.signalId ?? of.tradeId,
    plan: of.plan,
    direction: of.direction,
    openedAt: of.at,
    closedAt: null,
    exitReason: "",
    fills: [],
    openedContracts: 0,
    openedValue: 0,
    closedContracts: 0,
    closedValue: 0,
    bookedPnl: 0,
    bookedContracts: 0,
    fees: 0,
    expectedFees: 0,
    funding: 0,
    slippageCents: 0,
    orderIds: { entry: null, stop: null, exit: null },
    linkIds: [],
    stopPrice: null,
    nakedMs: 0,
    uncoveredMs: 0,
    lastNewsAt: of.at,
    latency: { ackMs: null, fillMs: null },
    credited: 0,
    countedUsd: 0,
  };
}

/** Role of a fill in the trade's list (P-13). */
export function fillRole(execution: Execution, order: OwnOrder | null): TradeFill["role"] {
  if (execution.execType === "AdlTrade" || execution.createType === "CreateByAdl_PassThrough") return "adl";
  if (execution.execType === "BustTrade" || isLiquidation(execution)) return "liquidation";
  return order === null ? "foreign" : order.role;
}

/** Steps of a liquidation or its takeover (PROTOCOL §4.11). */
export function isLiquidation(execution: Execution): boolean {
  return execution.execType === "BustTrade" || execution.createType === "CreateByLiq" ||
    execution.createType === "CreateByTakeOver_PassThrough";
}

/** Quantity and value applied by the ledger, provisional or executed: `contracts` may be 0 for a pure correction. */
export function bookQuantity(
  book: TradeBook,
  of: { readonly opens: boolean; readonly contracts: number; readonly value: number; readonly at: EpochMs },
): TradeBook {
  if (of.opens) {
    return {
      ...book,
      openedContracts: book.openedContracts + of.contracts,
      openedValue: book.openedValue + of.value,
      lastNewsAt: of.at,
    };
  }
  return {
    ...book,
    closedContracts: book.closedContracts + of.contracts,
    closedValue: book.closedValue + of.value,
    lastNewsAt: of.at,
  };
}

/** Price, fee and role of one execution (P-13 fills); `rates` are the cached ones for the fee ratio (P-10). */
export function bookFill(
  book: TradeBook,
  of: {
    readonly execution: Execution;
    readonly order: OwnOrder | null;
    readonly value: PicoBtc;
    readonly rate: RateE8;
    readonly at: EpochMs;
  },
): TradeBook {
  const { execution, order } = of;
  const role = fillRole(execution, order);
  const fill: TradeFill = {
    exec_id: execution.execId,
    price: execution.price / 100,
    qty: execution.contracts,
    fee_sats: satsOf(execution.fee),
    is_maker: execution.isMaker,
    time_ms: execution.execAt,
    role,
  };
  const slot = role === "target" ? "exit" : role;
  const orderIds = slot === "entry" || slot === "stop" || slot === "exit"
    ? { ...book.orderIds, [slot]: execution.orderId }
    : book.orderIds;
  const linkId = execution.orderLinkId;
  const closes = (execution.side === "Buy") !== (book.direction === "long");
  const pnl = closes ? execution.pnl ?? reckonedPnl(book, { execution, value: of.value }) : null;
  return {
    ...book,
    fills: book.fills.length >= FILLS_KEPT ? book.fills : [...book.fills, fill],
    fees: book.fees + execution.fee,
    expectedFees: book.expectedFees + (of.rate > 0 ? feeUp(of.value, of.rate) : 0),
    slippageCents: book.slippageCents + slippage(execution, order, book.plan),
    bookedPnl: book.bookedPnl + (pnl ?? 0),
    bookedContracts: book.bookedContracts + (pnl === null ? 0 : execution.contracts),
    orderIds,
    linkIds: linkId === null || book.linkIds.includes(linkId) ? book.linkIds : [...book.linkIds, linkId],
    lastNewsAt: of.at,
  };
}

/** The closing part of an execution that turns the position: its PnL by the venue, or reckoned; its fee is not here. */
export function bookClose(
  book: TradeBook,
  of: { readonly contracts: number; readonly value: number; readonly pnl: PicoBtc | null },
): TradeBook {
  const share = book.openedContracts === 0 ? 0 : Math.round(book.openedValue * (of.contracts / book.openedContracts));
  const raw = book.direction === "long" ? share - of.value : of.value - share;
  return {
    ...book,
    bookedPnl: book.bookedPnl + (of.pnl ?? bookedSats(picoBtc(raw))),
    bookedContracts: book.bookedContracts + of.contracts,
  };
}

/**
 * What the venue booked for one closing fill that was read back without `execPnl`: by the fill, because the venue rounds
 * each to 8 decimals (PROTOCOL §7). null while the entry's own fills are not all known. Pico BTC.
 */
function reckonedPnl(
  book: TradeBook,
  of: { readonly execution: Execution; readonly value: PicoBtc },
): number | null {
  const { contracts } = of.execution;
  const long = book.direction === "long";
  let entered = 0;
  for (const fill of book.fills) if (fill.role === "entry") entered += fill.qty;
  if (entered === 0 || entered !== book.openedContracts || !Number.isSafeInteger(book.openedValue)) return null;
  const share = mulDiv(book.openedValue, contracts, { by: entered, rounding: "near" });
  return bookedSats(picoBtc(long ? share - of.value : of.value - share));
}

/** |execution − reference| / reference × contracts, in cents (P-1): trigger of a stop, limit of a maker, else quote. */
function slippage(execution: Execution, order: OwnOrder | null, plan: Plan | null): number {
  const reference = slippageReference(order, plan);
  if (reference === null || reference === 0) return 0;
  return Math.round(Math.abs(execution.price - reference) / reference * execution.contracts * 100);
}

function slippageReference(order: OwnOrder | null, plan: Plan | null): PriceCents | null {
  if (order === null) return null;
  if (order.ticket.trigger !== null) return order.ticket.trigger.price;
  if (order.role === "entry" && plan !== null && plan.taker) return plan.bestOpposite;
  return order.ticket.price ?? order.reference;
}

/** Gross PnL: as the venue booked it when it did for every closing contract, else from the values (P-1). Pico BTC. */
export function grossPnl(book: TradeBook): PicoBtc {
  if (book.bookedContracts === book.closedContracts && book.closedContracts > 0) return picoBtc(book.bookedPnl);
  const openedShare = book.openedContracts === 0
    ? 0
    : Math.round(book.openedValue * (book.closedContracts / book.openedContracts));
  const raw = book.direction === "long" ? openedShare - book.closedValue : book.closedValue - openedShare;
  return bookedSats(picoBtc(raw));
}

/** Net realised PnL: gross − fees − funding. Pico BTC (P-1). */
export function netPnl(book: TradeBook): PicoBtc {
  return picoBtc(grossPnl(book) - book.fees - book.funding);
}

/** Mean price of contracts worth `value`, in USD; 0 when empty. */
function meanUsd(contracts: number, value: number): number {
  const cents = averageEntry(usdContracts(contracts), picoBtc(value));
  return cents === null ? 0 : cents / 100;
}

/** The core's part of trade log v1.0 (P-13). */
export function tradeRecord(
  bot: Bot,
  book: TradeBook,
  of: { readonly equityAfter: PicoBtc; readonly equityBefore: PicoBtc },
): TradeRecord {
  const { plan } = book;
  const gross = grossPnl(book);
  const net = netPnl(book);
  const usd = (cents: PriceCents | null | undefined) => cents === null || cents === undefined ? null : cents / 100;
  const maxLoss = plan?.maxLoss ?? picoBtc(0);
  return {
    type: "trade",
    trade_id: book.tradeId,
    signal_id: book.signalId,
    order_ids: book.orderIds,
    order_link_ids: book.linkIds,
    direction: book.direction,
    contracts: book.openedContracts,
    entry_price_avg: meanUsd(book.openedContracts, book.openedValue),
    exit_price_avg: meanUsd(book.closedContracts, book.closedValue),
    opened_at_ms: book.openedAt,
    closed_at_ms: book.closedAt ?? bot.now,
    exit_reason: book.exitReason,
    entry_stage: plan?.stage ?? 1,
    policy_version: plan?.policyVersion ?? POLICY_VERSION,
    stop_distance_pct: plan === null ? 0 : plan.stopDistance / 1e6,
    stop_price: usd(book.stopPrice),
    max_loss_sats: satsOf(maxLoss),
    r_multiple: maxLoss > 0 ? net / maxLoss : null,
    fills: book.fills,
    slippage_usd: book.slippageCents / 100,
    latency_ms: {
      decision: 0,
      rest_ack: book.latency.ackMs,
      ws_event: book.latency.fillMs,
      total: book.latency.fillMs ?? book.latency.ackMs,
    },
    naked_ms: book.nakedMs,
    uncovered_ms: book.uncoveredMs,
    mark_price: usd(plan?.mark),
    index_price: usd(plan?.index),
    funding_rate: plan === null || plan.fundingRate === null ? null : plan.fundingRate / 1e8,
    best_bid: usd(plan?.bid),
    best_ask: usd(plan?.ask),
    spread: plan === null || plan.bid === null || plan.ask === null ? null : (plan.ask - plan.bid) / 100,
    market_regime: plan?.regime ?? "unknown",
    gross_pnl_sats: satsOf(gross),
    fees_sats: satsOf(picoBtc(book.fees)),
    funding_sats: satsOf(picoBtc(book.funding)),
    net_pnl_sats: satsOf(net),
    net_pnl_usd: book.countedUsd / 1e6,
    equity_before_sats: satsOf(of.equityBefore),
    equity_after_sats: satsOf(of.equityAfter),
    fee_ratio: feeRatio({ paid: picoBtc(book.fees), expected: picoBtc(book.expectedFees) }, bot.config.fees),
    gate_results: plan?.gates ?? [],
    ...(plan?.arm === undefined ? {} : { arm: plan.arm }),
  };
}

/** Money that came after the trade's record (P-1). */
export function adjustment(
  tradeId: string,
  of: { readonly execution: Execution; readonly at: EpochMs },
): AdjustmentRecord {
  const { execution } = of;
  const funding = execution.execType === "Funding";
  return {
    type: "adjustment",
    at: of.at,
    trade_id: tradeId,
    exec_id: execution.execId,
    fees_sats: funding ? 0 : satsOf(execution.fee),
    funding_sats: funding ? satsOf(execution.fee) : 0,
    gross_pnl_sats: execution.pnl === null ? 0 : satsOf(execution.pnl),
  };
}

/** The reason written in the role of the last fill; null when that fill was not one that the venue closed by (F-6.1). */
export function closedByFill(book: TradeBook | null): ClosedBy | null {
  const role = book?.fills[book.fills.length - 1]?.role;
  switch (role) {
    case "stop":
      return "stop_loss";
    case "target":
      return "profit_target";
    case "liquidation":
    case "adl":
    case "foreign":
      return role;
    default:
      return null;
  }
}
