import { z } from "zod";
import type { Event } from "../../../domain/events.ts";
import type { Execution, OrderRow, PositionRow, Side, WalletRow } from "../../../domain/orders.ts";
import type { EpochMs, RateE8 } from "../../../domain/units.ts";
import {
  balanceOrNone,
  cents,
  centsOrNone,
  contracts,
  contractsOrNone,
  fail,
  hundredths,
  ParseFailure,
  pico,
  picoOrNone,
  rate,
  scaled,
  time,
  timeOrNone,
  word,
} from "./parse_decimal.ts";
import {
  CATEGORY,
  COIN,
  EXEC_TYPES,
  ORDER_STATUSES,
  ORDER_TYPES,
  POSITION_STATUSES,
  SYMBOL,
  TIMES_IN_FORCE,
  TRIGGER_SOURCES,
} from "./venue_words.ts";

// Schemas fix shape only; unknown keys pass, unknown words stay raw (F-4.8). Decimals become units in the functions.
const Stamp = z.union([z.string(), z.number()]);
const Text = z.string();
/** A key that may be missing; zod 4 requires z.unknown() keys to be present otherwise. */
const Loose = z.unknown().optional();

const ExecutionSchema = z.object({
  execId: Text.min(1),
  orderId: Text,
  orderLinkId: Text,
  side: Text,
  execType: Text,
  execPrice: Text,
  execQty: Text,
  execFee: Text,
  execTime: Stamp,
  execPnl: Text.optional(),
  isMaker: z.boolean(),
  feeRate: Loose,
  orderQty: Loose,
  leavesQty: Loose,
  closedSize: Loose,
  seq: Loose,
  createType: Loose,
  stopOrderType: Loose,
  markPrice: Loose,
});

const OrderSchema = z.object({
  orderId: Text.min(1),
  orderLinkId: Text,
  side: Text,
  orderType: Text,
  orderStatus: Text,
  qty: Text,
  cumExecQty: Text,
  leavesQty: Loose,
  price: Text.optional(),
  avgPrice: Loose,
  timeInForce: Loose,
  triggerPrice: Text.optional(),
  triggerDirection: Loose,
  triggerBy: Text.optional(),
  reduceOnly: z.boolean(),
  closeOnTrigger: z.boolean(),
  positionIdx: z.int(),
  rejectReason: Loose,
  cancelType: Loose,
  createType: Loose,
  stopOrderType: Loose,
  createdTime: Stamp,
  updatedTime: Stamp,
});

const PositionSchema = z.object({
  positionIdx: z.int(),
  side: Text,
  size: Text,
  avgPrice: Text.optional(),
  entryPrice: Text.optional(),
  leverage: Text.optional(),
  liqPrice: Text.optional(),
  positionStatus: Loose,
  autoAddMargin: z.int().optional(),
  seq: Loose,
  openTime: Loose,
  updatedTime: Loose,
});

const CoinSchema = z.object({
  walletBalance: Text.optional(),
  totalPositionIM: Text.optional(),
  totalOrderIM: Text.optional(),
  locked: Text.optional(),
  bonus: Text.optional(),
  unrealisedPnl: Text.optional(),
});

function shaped<T>(schema: z.ZodType<T>, what: string, row: unknown): T {
  const read = schema.safeParse(row);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new ParseFailure(`Cannot read ${what}.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not an object"}`);
}
function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
function sideOf(value: string, field: string): Side {
  return value === "Buy" || value === "Sell" ? value : fail(field, value);
}
/** A field that decides nothing: unreadable is "not available", never a fault. */
function optional<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseFailure) return null;
    throw error;
  }
}
function seqOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** True when the row is about our market. Both names are checked on every row (TRAPS 33). */
export function isOurs(row: unknown, category?: unknown): boolean {
  if (typeof row !== "object" || row === null) return true;
  const { symbol, category: own } = row as { symbol?: unknown; category?: unknown };
  const said = own ?? category;
  return symbol === SYMBOL && (said === undefined || said === CATEGORY);
}

/** An execution that moves quantity but whose quantity cannot be one (F-1.27). */
export type BadFill = { readonly kind: "bad_fill"; readonly execId: string; readonly rawQty: string };

function isFillQuantity(text: string): boolean {
  if (scaled(text, { places: 0, rounding: "half_up" }) === null) fail("execQty", text);
  return (scaled(text, { places: 0, rounding: "exact" }) ?? 0) > 0;
}

/** One execution row of the stream or of REST. Throws ParseFailure; PROTOCOL §3.2. */
export function parseExecution(row: unknown): { readonly kind: "execution"; readonly execution: Execution } | BadFill {
  const raw = shaped(ExecutionSchema, "execution", row);
  const execType = word(EXEC_TYPES, raw.execType);
  if (execType !== "Funding" && !isFillQuantity(raw.execQty)) {
    return { kind: "bad_fill", execId: raw.execId, rawQty: raw.execQty };
  }
  return {
    kind: "execution",
    execution: {
      execId: raw.execId,
      orderId: raw.orderId,
      orderLinkId: raw.orderLinkId === "" ? null : raw.orderLinkId,
      side: sideOf(raw.side, "execution.side"),
      execType,
      price: cents("execPrice", raw.execPrice),
      contracts: contracts("execQty", raw.execQty),
      fee: pico("execFee", raw.execFee),
      pnl: picoOrNone("execPnl", raw.execPnl),
      feeRate: optional<RateE8>(() => rate("feeRate", raw.feeRate)),
      isMaker: raw.isMaker,
      orderQty: optional(() => contracts("orderQty", raw.orderQty)),
      leavesQty: optional(() => contracts("leavesQty", raw.leavesQty)),
      closedSize: optional(() => contracts("closedSize", raw.closedSize)),
      seq: seqOf(raw.seq),
      createType: text(raw.createType),
      stopOrderType: text(raw.stopOrderType),
      markPrice: optional(() => centsOrNone("markPrice", raw.markPrice)),
      execAt: time("execTime", raw.execTime),
    },
  };
}

/** One order row of the stream or of REST. Throws ParseFailure; PROTOCOL §2.6. */
export function parseOrder(row: unknown): OrderRow {
  const raw = shaped(OrderSchema, "order", row);
  const by = raw.triggerBy ?? "";
  return {
    orderId: raw.orderId,
    orderLinkId: raw.orderLinkId === "" ? null : raw.orderLinkId,
    side: sideOf(raw.side, "order.side"),
    orderType: word(ORDER_TYPES, raw.orderType),
    // The venue's word for a partial cancel on other markets; here it would mean the same (PROTOCOL §4.5).
    status: word(ORDER_STATUSES, raw.orderStatus === "PartiallyFilledCanceled" ? "Cancelled" : raw.orderStatus),
    contracts: contracts("qty", raw.qty),
    cumExecQty: contracts("cumExecQty", raw.cumExecQty),
    leavesQty: optional(() => contractsOrNone("leavesQty", raw.leavesQty)),
    price: centsOrNone("price", raw.price),
    avgPrice: optional(() => centsOrNone("avgPrice", raw.avgPrice)),
    timeInForce: word(TIMES_IN_FORCE, text(raw.timeInForce)),
    triggerPrice: centsOrNone("triggerPrice", raw.triggerPrice),
    triggerDirection: raw.triggerDirection === 1 || raw.triggerDirection === 2 ? raw.triggerDirection : null,
    triggerBy: by === "" || by === "UNKNOWN" ? null : word(TRIGGER_SOURCES, by),
    reduceOnly: raw.reduceOnly,
    closeOnTrigger: raw.closeOnTrigger,
    positionIdx: raw.positionIdx,
    rejectReason: text(raw.rejectReason),
    cancelType: text(raw.cancelType),
    createType: text(raw.createType),
    stopOrderType: text(raw.stopOrderType),
    createdAt: time("createdTime", raw.createdTime),
    // "" was captured on a fresh order: it was not updated since it was made.
    updatedAt: raw.updatedTime === "" ? time("createdTime", raw.createdTime) : time("updatedTime", raw.updatedTime),
  };
}

/** One position row; REST says avgPrice, the stream entryPrice (TRAPS 36). Throws ParseFailure; PROTOCOL §2.3, §3.3. */
export function parsePosition(row: unknown): PositionRow {
  const raw = shaped(PositionSchema, "position", row);
  const size = contracts("size", raw.size);
  const side = raw.side === "" || raw.side === "None" ? null : sideOf(raw.side, "position.side");
  if (side === null && size > 0) fail("position.side", raw.side);
  const status = text(raw.positionStatus);
  return {
    positionIdx: raw.positionIdx,
    // Size is the truth (TRAPS 35): some flat rows keep the side of the position before.
    side: size === 0 ? null : side,
    size,
    avgPrice: centsOrNone("avgPrice", raw.avgPrice ?? raw.entryPrice),
    leverageE2: raw.leverage === undefined || raw.leverage === "" ? null : hundredths("leverage", raw.leverage),
    liqPrice: centsOrNone("liqPrice", raw.liqPrice),
    status: status === "" ? null : word(POSITION_STATUSES, status),
    autoAddMargin: raw.autoAddMargin ?? 0,
    seq: seqOf(raw.seq),
    openAt: timeOrNone(raw.openTime),
    updatedAt: timeOrNone(raw.updatedTime),
  };
}

const NOTHING: WalletRow = {
  walletBalance: null,
  totalPositionIm: null,
  totalOrderIm: null,
  locked: null,
  bonus: null,
  unrealisedPnl: null,
};

/** The BTC row of one account; null when the account message does not carry it. Throws ParseFailure; PROTOCOL §2.4. */
export function parseWallet(account: unknown): WalletRow | null {
  const coins = (account as { coin?: unknown } | null)?.coin;
  if (!Array.isArray(coins)) return fail("wallet.coin", coins);
  const row: unknown = coins.find((coin: unknown) => (coin as { coin?: unknown } | null)?.coin === COIN);
  if (row === undefined) return null;
  const raw = shaped(CoinSchema, "wallet", row);
  return {
    ...NOTHING,
    walletBalance: balanceOrNone("walletBalance", raw.walletBalance),
    totalPositionIm: balanceOrNone("totalPositionIM", raw.totalPositionIM),
    totalOrderIm: balanceOrNone("totalOrderIM", raw.totalOrderIM),
    locked: balanceOrNone("locked", raw.locked),
    bonus: balanceOrNone("bonus", raw.bonus),
    unrealisedPnl: balanceOrNone("unrealisedPnl", raw.unrealisedPnl),
  };
}
/** What a wallet without a BTC row says: nothing (F-4.8). */
export const EMPTY_WALLET = NOTHING;

/** The event of one execution row. */
export function executedEvent(row: unknown, how: { at: EpochMs; source: "stream" | "backfill" }): Event {
  const read = parseExecution(row);
  if (read.kind === "bad_fill") return { kind: "InvalidFill", at: how.at, execId: read.execId, rawQty: read.rawQty };
  return { kind: "Executed", at: how.at, execution: read.execution, source: how.source };
}
