import type { EpochMs, PicoBtc, PriceCents, RateE8, UsdContracts } from "./units.ts";

/** Taker/maker direction of an order, as the venue says it. A long is opened by Buy. */
export type Side = "Buy" | "Sell";
/** Direction of a position. */
export type Direction = "long" | "short";
/** What an own order is for; part of its orderLinkId (F-10.2). */
export type OrderRole = "entry" | "target" | "stop" | "exit";

/** A word the venue uses, or one it invented after this was written (F-4.8). */
export type Word<Known extends string> = Known | { readonly kind: "unknown"; readonly raw: string };

export type OrderStatus =
  | "New"
  | "PartiallyFilled"
  | "Filled"
  | "Cancelled"
  | "Rejected"
  | "Untriggered"
  | "Triggered"
  | "Deactivated";

export type TriggerSource = "LastPrice" | "MarkPrice" | "IndexPrice";
export type TimeInForce = "GTC" | "IOC" | "FOK" | "PostOnly";
/** 1 = fires on a rise to the trigger, 2 = on a fall to it. */
export type TriggerDirection = 1 | 2;

/** Everything the venue needs to create one order. `contracts` 0 = "close everything" (F-5.1). */
export type OrderTicket = {
  readonly orderLinkId: string;
  readonly side: Side;
  readonly contracts: UsdContracts;
  readonly orderType: "Market" | "Limit";
  /** Limit price; null for Market. */
  readonly price: PriceCents | null;
  readonly timeInForce: TimeInForce;
  readonly trigger: {
    readonly price: PriceCents;
    readonly direction: TriggerDirection;
    readonly by: TriggerSource;
  } | null;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
};

declare const approved: unique symbol;
/** A value only the entry gates may construct (P-4); `PlaceEntry` accepts nothing else. */
export type Approved<T> = T & { readonly [approved]: true };

/** One order as the venue reports it, by stream or by look-up. `null` = "not available" (F-4.8). */
export type OrderRow = {
  readonly orderId: string;
  /** null when the venue sent "" (exchange-made or foreign order). */
  readonly orderLinkId: string | null;
  readonly side: Side;
  readonly orderType: Word<"Market" | "Limit">;
  readonly status: Word<OrderStatus>;
  readonly contracts: UsdContracts;
  readonly cumExecQty: UsdContracts;
  readonly leavesQty: UsdContracts | null;
  readonly price: PriceCents | null;
  readonly avgPrice: PriceCents | null;
  readonly timeInForce: Word<TimeInForce>;
  readonly triggerPrice: PriceCents | null;
  readonly triggerDirection: TriggerDirection | null;
  readonly triggerBy: Word<TriggerSource> | null;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  readonly positionIdx: number;
  /** Raw venue words; "EC_NoError" / "UNKNOWN" mean none. */
  readonly rejectReason: string;
  readonly cancelType: string;
  readonly createType: string;
  readonly stopOrderType: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
};

/** Why an execution happened. Only these change quantity, except Funding which never does (F-1.28). */
export type ExecType =
  | "Trade"
  | "Funding"
  | "AdlTrade"
  | "BustTrade"
  | "Settle"
  | "Delivery"
  | "BlockTrade"
  | "MovePosition";

/** One execution as the venue reports it. The one owner of quantity (flow, after F-1.29). */
export type Execution = {
  readonly execId: string;
  readonly orderId: string;
  readonly orderLinkId: string | null;
  readonly side: Side;
  readonly execType: Word<ExecType>;
  readonly price: PriceCents;
  /** For Funding: the position size the payment was computed on; never a change of quantity. */
  readonly contracts: UsdContracts;
  /** Positive = paid, negative = received. For Funding the payment itself. */
  readonly fee: PicoBtc;
  /** Gross realised PnL the venue booked for this fill; null when the venue did not say. */
  readonly pnl: PicoBtc | null;
  readonly feeRate: RateE8 | null;
  readonly isMaker: boolean;
  readonly orderQty: UsdContracts | null;
  readonly leavesQty: UsdContracts | null;
  readonly closedSize: UsdContracts | null;
  readonly seq: number | null;
  readonly createType: string;
  readonly stopOrderType: string;
  readonly markPrice: PriceCents | null;
  readonly execAt: EpochMs;
};

/** The venue's position for BTCUSD. `side` null when flat ("" or "None"). */
export type PositionRow = {
  readonly positionIdx: number;
  readonly side: Side | null;
  readonly size: UsdContracts;
  readonly avgPrice: PriceCents | null;
  /** Leverage × 100 (3.00 is 300); null = not available. */
  readonly leverageE2: number | null;
  readonly liqPrice: PriceCents | null;
  readonly status: Word<"Normal" | "Liq" | "Adl"> | null;
  readonly autoAddMargin: number;
  readonly seq: number | null;
  readonly openAt: EpochMs | null;
  readonly updatedAt: EpochMs | null;
};

/** The BTC row of the wallet; `null` = not available, never zero (F-4.8, F-7.3). */
export type WalletRow = {
  readonly walletBalance: PicoBtc | null;
  readonly totalPositionIm: PicoBtc | null;
  readonly totalOrderIm: PicoBtc | null;
  readonly locked: PicoBtc | null;
  readonly bonus: PicoBtc | null;
  readonly unrealisedPnl: PicoBtc | null;
};

/** Stands for the word in a row made of executions: no list of the venue knows the order. */
export const KNOWN_BY_FILLS = "known by executions only";

/** True for a status after which nothing of the order can execute any more (sticky, F-4.2). */
export function isFinalStatus(status: Word<OrderStatus>): boolean {
  return status === "Filled" || status === "Cancelled" || status === "Rejected" || status === "Deactivated";
}

/** True for a word that says the order stands at the venue; "Triggered" is a moment, no place to stay (PROTOCOL §4.5). */
export function isOpenStatus(status: Word<OrderStatus>): boolean {
  return status === "New" || status === "PartiallyFilled" || status === "Untriggered";
}

/** True for a word of the venue that this program does not know (F-4.8). */
export function isUnknownWord(status: Word<OrderStatus>): boolean {
  return typeof status !== "string" && status.raw !== KNOWN_BY_FILLS;
}

/** True when both are the same word of the venue. */
export function isSameWord(one: Word<OrderStatus>, other: Word<OrderStatus>): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.raw === other.raw;
}

/** True when a row says that its order is over: by a final word, or by one we do not know with nothing left (F-4.8). */
export function isOver(row: OrderRow): boolean {
  return isFinalStatus(row.status) || (isUnknownWord(row.status) && row.leavesQty === 0);
}
