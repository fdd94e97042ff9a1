import type { FaultDealer } from "./faults.ts";
import type { Fees, InstrumentOptions } from "./instrument.ts";
import { nextUuid, type RandomState, randomStream } from "../../../common/random.ts";
import type { MatchingRule } from "./matching_rule.ts";
import type { Switches } from "./switches.ts";
import type { MarginMode, MarketPoint } from "./types.ts";
import type { LogExecution, LogOrder, Owner, SideWord, WalletCause } from "./venue_log.ts";

export type OrderStatus =
  | "New"
  | "PartiallyFilled"
  | "Filled"
  | "Cancelled"
  | "Rejected"
  | "Untriggered"
  | "Triggered"
  | "Deactivated";
export type TimeInForce = "GTC" | "IOC" | "FOK" | "PostOnly";
export type TriggerBy = "" | "LastPrice" | "MarkPrice" | "IndexPrice";

/** One order. Plain data: the venue's state must survive structuredClone. Prices 0.01 USD, 0 = none. */
export type OrderState = {
  orderId: string;
  readonly linkId: string;
  readonly owner: Owner;
  readonly side: SideWord;
  readonly type: "Market" | "Limit";
  readonly tif: TimeInForce;
  qty: number;
  price: number;
  cumQty: number;
  cumE16: bigint;
  cumFeeSat: number;
  closedPnlSat: number;
  closedSize: number;
  closedEntryE16: bigint;
  closedExitE16: bigint;
  openFeeSat: number;
  closeFeeSat: number;
  fills: number;
  status: OrderStatus;
  triggerPrice: number;
  readonly triggerDirection: 0 | 1 | 2;
  triggerBy: TriggerBy;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  readonly closesAll: boolean;
  readonly createType: string;
  readonly smpType: string;
  cancelType: string;
  rejectReason: string;
  readonly lastOnCreated: number;
  readonly createdAt: number;
  updatedAt: number;
};

export type PositionState = {
  side: "" | SideWord;
  size: number;
  /** Value at entry, 10⁻¹⁶ BTC. */
  entryE16: bigint;
  /** Fees paid to open what is still open, satoshi. */
  openFeeSat: number;
  leverageE2: number;
  marginMode: MarginMode;
  autoAddMargin: 0 | 1;
  status: "" | "Normal" | "Liq" | "Adl";
  /** 0 = none; kept beside the fields it follows from. */
  liqCents: number;
  bustCents: number;
  curRealisedSat: number;
  cumRealisedSat: number;
  seq: number;
  createdAt: number;
  updatedAt: number;
  openAt: number;
};

export type MarketState = {
  at: number;
  last: number;
  mark: number;
  index: number;
  bid: number | null;
  bidSize: number;
  ask: number | null;
  askSize: number;
  /** What resting orders may still fill from since this point. */
  volumeLeft: number;
  /** What takers have already eaten of this point's book, USD. */
  takenAsk: number;
  takenBid: number;
  /** When the book that takers ate is full again; 0 = nothing is missing. */
  refillAt: number;
};

export type VenueState = {
  now: number;
  seq: number;
  random: RandomState;
  /** How fast the book fills up again; its own stream, so that it moves no other draw. */
  bookRandom: RandomState;
  market: MarketState;
  /** Live orders only, oldest first. */
  orders: OrderState[];
  position: PositionState;
  walletSat: number;
  /** false after set-limit-px-action modifyEnable=false. */
  adjustPrices: boolean;
  instrumentStatus: InstrumentOptions["status"];
};

export type CoreConfig = {
  readonly instrument: InstrumentOptions;
  readonly fees: Fees;
  readonly switches: Switches;
  /** Absent = as the venue does. */
  readonly matching?: MatchingRule;
};

export type ExecutionFact = LogExecution & {
  readonly valueSat: number;
  /** Signed by side for Funding. */
  readonly feeRateE8: number;
  readonly leavesQty: number;
  readonly orderQty: number;
  readonly orderPrice: number;
  readonly orderType: "Market" | "Limit" | "UNKNOWN";
  readonly stopOrderType: string;
  readonly createType: string;
};

export type WalletChange = {
  readonly deltaSat: number;
  readonly cause: WalletCause;
  readonly owner: Owner;
  readonly execId: string | null;
};

/** Told of every change, in order; the venue turns them into frames and log entries, a fork into log entries only. */
export interface Effects {
  order(order: OrderState, cause: LogOrder["cause"]): void;
  execution(fact: ExecutionFact): void;
  position(): void;
  wallet(change: WalletChange): void;
  /** A frame about an order that has not changed; no log entry. */
  echo(order: OrderState): void;
}

/** What the order and account functions work on. `faults` null = a fork: nothing goes wrong by chance. */
export type Core = {
  readonly config: CoreConfig;
  readonly state: VenueState;
  readonly effects: Effects;
  readonly faults: FaultDealer | null;
  faultFired(name: Parameters<FaultDealer["count"]>[0], detail: string): void;
  readonly texts: RowTexts;
};

/** An order's row as it was shown, until something it shows has changed. */
export type OrderText = { readonly shown: OrderState; readonly positionSize: number; readonly text: string };
/** A position's row around the four figures that move with the mark price. */
export type PositionText = {
  readonly shown: PositionState;
  readonly imSat: number;
  readonly mmSat: number;
  readonly entry: string;
  readonly toMark: string;
  readonly toImByMark: string;
  readonly toUpl: string;
  readonly toEnd: string;
};

/** Rows of orders and of the position are read far more often than they change: their texts are kept with the venue. */
export class RowTexts {
  readonly orders = new WeakMap<OrderState, OrderText>();
  position: PositionText | null = null;
}

export function initialState(
  start: {
    readonly seed: number;
    readonly walletSat: number;
    readonly leverageE2: number;
    readonly marginMode: MarginMode;
    readonly autoAddMargin: 0 | 1;
  },
  options: { readonly instrument: InstrumentOptions; readonly at: number },
): VenueState {
  return {
    now: options.at,
    seq: 1_000_000,
    random: randomStream(start.seed, "ids"),
    bookRandom: randomStream(start.seed, "refill"),
    market: noMarket(),
    orders: [],
    position: {
      side: "",
      size: 0,
      entryE16: 0n,
      openFeeSat: 0,
      leverageE2: start.leverageE2,
      marginMode: start.marginMode,
      autoAddMargin: start.autoAddMargin,
      status: "",
      liqCents: 0,
      bustCents: 0,
      curRealisedSat: 0,
      cumRealisedSat: 0,
      seq: -1,
      createdAt: 0,
      updatedAt: 0,
      openAt: 0,
    },
    walletSat: start.walletSat,
    adjustPrices: true,
    instrumentStatus: options.instrument.status,
  };
}

function noMarket(): MarketState {
  return {
    at: 0,
    last: 0,
    mark: 0,
    index: 0,
    bid: null,
    bidSize: 0,
    ask: null,
    askSize: 0,
    volumeLeft: 0,
    takenAsk: 0,
    takenBid: 0,
    refillAt: 0,
  };
}

/** Overwrites the market in place; what takers ate of the last book is forgotten. */
export function setMarket(state: VenueState, point: MarketPoint): void {
  const market = state.market;
  market.at = point.at;
  market.last = point.last;
  market.mark = point.mark;
  market.index = point.index;
  market.bid = point.bid;
  market.bidSize = point.bidSize;
  market.ask = point.ask;
  market.askSize = point.askSize;
  market.volumeLeft = point.volumeUsd;
  refill(market);
}

/** What takers ate is there again. */
export function refill(market: MarketState): void {
  market.takenAsk = 0;
  market.takenBid = 0;
  market.refillAt = 0;
}

export function newId(state: VenueState): string {
  return nextUuid(state.random);
}

export function nextSeq(state: VenueState): number {
  return ++state.seq;
}

export function leavesOf(order: OrderState): number {
  return isFinal(order.status) ? 0 : order.qty - order.cumQty;
}

export function isFinal(status: OrderStatus): boolean {
  return status === "Filled" || status === "Cancelled" || status === "Rejected" || status === "Deactivated";
}

export function isConditional(order: OrderState): boolean {
  return order.triggerPrice > 0;
}

export function roundToTick(cents: number, how: { readonly tick: number; readonly up: boolean }): number {
  const ticks = cents / how.tick;
  return (how.up ? Math.ceil(ticks - 1e-9) : Math.floor(ticks + 1e-9)) * how.tick;
}
