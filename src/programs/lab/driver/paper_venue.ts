/**
 * The paper venue: the fake venue's own matching and account, which tell of changes in domain words instead of frames.
 *
 * What it does NOT do, or does by a stated fiction:
 * - Requests and answers take no time: an order meets the book of the moment it was decided in.
 * - Between two points of the path nothing happens, but that a stop whose trigger lies between two points of a four-point
 *   path goes off at its trigger (candle_points.ts).
 * - A resting limit fills in full when the price trades beyond it (`through`), or as the fake venue draws it at a touch.
 * - Stops and market orders take the quote of the point, plus the levels behind it, worse by `slippageBps`.
 * - Mark is last on a four-point path, and follows it within half a second on a seeded one; the index follows mark.
 * - Funding settles every eight hours by the fake venue's rule, from the candles; fees are those of the role.
 * - Nothing is lost, late, refused for its rate, liquidated by a ladder or deleveraged.
 */
import type { Event, Outcome, RefusalCause } from "../../../domain/events.ts";
import type { Instrument } from "../../../domain/market.ts";
import type { Execution, OrderRow, OrderTicket, PositionRow, WalletRow } from "../../../domain/orders.ts";
import { durationMs, type EpochMs, epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../../../domain/units.ts";
import { BTCUSD } from "../../../infrastructure/exchange/fake_exchange/instrument.ts";
import { satOf } from "../../../infrastructure/exchange/fake_exchange/money.ts";
import {
  type Core,
  type ExecutionFact,
  initialState,
  leavesOf,
  type OrderState,
  RowTexts,
} from "../../../infrastructure/exchange/fake_exchange/state.ts";
import type { MatchingRule } from "../../../infrastructure/exchange/fake_exchange/matching_rule.ts";
import { SAMPLE_SWITCHES } from "../../../infrastructure/exchange/fake_exchange/switches.ts";
import {
  entryCents,
  marginsOf,
  orderMarginSat,
  refreshLiquidation,
  settleFunding,
} from "../../../infrastructure/exchange/fake_exchange/trading/account.ts";
import { advance } from "../../../infrastructure/exchange/fake_exchange/trading/forced.ts";
import type { MarketPoint } from "../../../infrastructure/exchange/fake_exchange/market/market_point.ts";
import { isRefusal, type Refusal } from "../../../infrastructure/exchange/fake_exchange/trading/order_params.ts";
import { amendOrder, cancelOrder, createOrder } from "../../../infrastructure/exchange/fake_exchange/trading/orders.ts";

/** 10⁻¹² BTC a satoshi. */
const PICO = 10_000;
const MAKER_E8 = 20_000;
const TAKER_E8 = 55_000;
const OK: Outcome = { kind: "ok" };
const EIGHT_HOURS_MS = 28_800_000;

/** Answers that parity fixes on both sides: the newest samples', with executions before orders. */
export const PAPER_SWITCHES = { ...SAMPLE_SWITCHES, frameOrder: "execution_first" } as const;

export class PaperVenue {
  readonly core: Core;
  #fresh: ExecutionFact[] = [];
  #orders: OrderRow[] = [];
  #positionTouched = false;
  #walletTouched = false;

  constructor(
    start: { readonly seed: number; readonly at: number; readonly walletSat: number; readonly rule: MatchingRule },
  ) {
    const state = initialState(
      {
        seed: start.seed,
        walletSat: start.walletSat,
        leverageE2: 1000,
        marginMode: "ISOLATED_MARGIN",
        autoAddMargin: 0,
      },
      { instrument: BTCUSD, at: start.at },
    );
    state.adjustPrices = false;
    this.core = {
      config: {
        instrument: BTCUSD,
        fees: { makerE8: MAKER_E8, takerE8: TAKER_E8, maker: "0.0002", taker: "0.00055" },
        switches: PAPER_SWITCHES,
        matching: start.rule,
      },
      state,
      effects: {
        order: (order) => this.#noteOrder(order),
        execution: (fact) => void this.#fresh.push(fact),
        position: () => void (this.#positionTouched = true),
        wallet: () => void (this.#walletTouched = true),
        echo: () => {},
      },
      faults: null,
      faultFired: () => {},
      texts: new RowTexts(),
    };
  }

  /** One step of the market; what changed waits for `take`. */
  advance(point: MarketPoint): boolean {
    return advance(this.core, point);
  }

  settleFunding(at: number, rateE8: number): void {
    if (at > this.core.state.now) this.core.state.now = at;
    settleFunding(this.core, rateE8);
  }

  moveTo(at: number): void {
    if (at > this.core.state.now) this.core.state.now = at;
  }

  get idle(): boolean {
    return this.#fresh.length === 0 && this.#orders.length === 0 && !this.#positionTouched && !this.#walletTouched;
  }

  /** Private events of what happened since the last call: executions, orders, position, wallet. */
  take(at: EpochMs, into: Event[]): void {
    for (const fact of this.#fresh) into.push({ kind: "Executed", at, execution: executionOf(fact), source: "stream" });
    for (const order of this.#orders) into.push({ kind: "OrderSeen", at, order });
    if (this.#positionTouched) into.push({ kind: "PositionSeen", at, position: this.positionRow() });
    if (this.#walletTouched) into.push({ kind: "WalletSeen", at, wallet: this.walletRow() });
    this.#fresh = [];
    this.#orders = [];
    this.#positionTouched = false;
    this.#walletTouched = false;
  }

  place(ticket: OrderTicket): { readonly orderId: string | null; readonly outcome: Outcome } {
    const { trigger } = ticket;
    const made = createOrder(this.core, {
      side: ticket.side,
      type: ticket.orderType,
      qty: ticket.contracts,
      price: ticket.price ?? 0,
      tif: ticket.timeInForce,
      linkId: ticket.orderLinkId,
      reduceOnly: ticket.reduceOnly || ticket.closeOnTrigger,
      closeOnTrigger: ticket.closeOnTrigger,
      closesAll: ticket.contracts === 0,
      triggerPrice: trigger?.price ?? 0,
      triggerDirection: trigger?.direction ?? 0,
      triggerBy: trigger?.by ?? "",
      smpType: "None",
      owner: "bot",
    });
    return isRefusal(made) ? { orderId: null, outcome: refusedBy(made) } : { orderId: made.orderId, outcome: OK };
  }

  amend(
    linkId: string,
    wish: { readonly contracts: number | null; readonly triggerPrice: number | null },
  ): Outcome {
    const order = this.#find(linkId);
    if (order === undefined) return GONE;
    const refusal = amendOrder(this.core, order, {
      qty: wish.contracts,
      price: null,
      triggerPrice: wish.triggerPrice,
      triggerBy: null,
    });
    return refusal === null ? OK : refusedBy(refusal);
  }

  cancel(linkId: string): Outcome {
    const order = this.#find(linkId);
    if (order === undefined) return GONE;
    cancelOrder(this.core, { order, cancelType: "CancelByUser" });
    return OK;
  }

  setLeverage(leverageE2: number): Outcome {
    if (this.core.state.position.leverageE2 === leverageE2) {
      return refusedBy({ ok: false, retCode: 110043, retMsg: "" });
    }
    this.core.state.position.leverageE2 = leverageE2;
    refreshLiquidation(this.core);
    return OK;
  }

  openOrders(): OrderRow[] {
    return this.core.state.orders.map(orderRowOf);
  }

  /** A live order of this id as the venue shows it now; null = the venue knows no live one. */
  liveOrder(linkId: string): OrderRow | null {
    const order = this.#find(linkId);
    return order === undefined ? null : orderRowOf(order);
  }

  positionRow(): PositionRow {
    const { position } = this.core.state;
    const flat = position.size === 0;
    const tick = this.core.config.instrument.tickCents;
    const liquidation = Math.round(position.liqCents / tick) * tick;
    return {
      positionIdx: 0,
      side: position.side === "" ? null : position.side,
      size: usdContracts(position.size),
      avgPrice: flat ? null : priceCents(Math.round(entryCents(position))),
      leverageE2: position.leverageE2,
      liqPrice: liquidation === 0 ? null : priceCents(liquidation),
      status: position.status === "" ? "Normal" : position.status,
      autoAddMargin: 0,
      seq: position.seq < 0 ? null : position.seq,
      openAt: position.openAt === 0 ? null : epochMs(position.openAt),
      updatedAt: position.updatedAt === 0 ? null : epochMs(position.updatedAt),
    };
  }

  walletRow(): WalletRow {
    const margins = marginsOf(this.core);
    return {
      walletBalance: picoBtc(this.core.state.walletSat * PICO),
      totalPositionIm: picoBtc(margins.imSat * PICO),
      totalOrderIm: picoBtc(orderMarginSat(this.core) * PICO),
      locked: picoBtc(0),
      bonus: picoBtc(0),
      unrealisedPnl: picoBtc(margins.uplSat * PICO),
    };
  }

  /** Wallet plus what is open, at a price in 0.01 USD; dollars. */
  equityUsdAt(cents: number): number {
    const { position, walletSat } = this.core.state;
    const sign = position.side === "Buy" ? 1 : position.side === "Sell" ? -1 : 0;
    const openSat = sign * (Number(position.entryE16) / 1e8 - position.size * 1e10 / cents);
    return (walletSat + openSat) / 1e8 * cents / 100;
  }

  #find(linkId: string): OrderState | undefined {
    return this.core.state.orders.find((order) => order.linkId === linkId);
  }

  /** The newest row of each order is told once; a trigger keeps a row of its own, as the venue's frames do. */
  #noteOrder(order: OrderState): void {
    const row = orderRowOf(order);
    this.#walletTouched ||= !order.reduceOnly && order.status !== "Untriggered";
    const last = this.#orders.findIndex((one) => one.orderId === row.orderId && one.status !== "Triggered");
    if (last >= 0) this.#orders[last] = row;
    else this.#orders.push(row);
  }
}

/** What the venue tells of its one contract. */
export function instrumentOf(): Instrument {
  return {
    symbol: "BTCUSD",
    contractType: "InversePerpetual",
    status: BTCUSD.status,
    tickCents: priceCents(BTCUSD.tickCents),
    qtyStep: usdContracts(BTCUSD.qtyStep),
    minOrderQty: usdContracts(BTCUSD.minQty),
    maxOrderQty: usdContracts(BTCUSD.maxQty),
    maxMarketOrderQty: usdContracts(BTCUSD.maxMarketQty),
    minNotional: usdContracts(BTCUSD.minNotionalUsd),
    maxLeverageE2: BTCUSD.maxLeverageE2,
    fundingInterval: durationMs(EIGHT_HOURS_MS),
  };
}

export const PAPER_FEES = { maker: rateE8(MAKER_E8), taker: rateE8(TAKER_E8) };
export const PAPER_TIER = {
  limitPico: BTCUSD.riskLimitBtc * 1e12,
  maintenanceRate: rateE8(BTCUSD.maintenanceE8),
  initialRate: rateE8(Math.round(1e10 / BTCUSD.maxLeverageE2)),
};

/** The wallet of an account that holds so many dollars at a price, satoshi. */
export function walletSatOf(usd: number, cents: number): number {
  return satOf((Math.floor(usd / (cents / 100) * 1e8) / 1e8).toFixed(8));
}

function orderRowOf(order: OrderState): OrderRow {
  const conditional = order.triggerPrice > 0;
  return {
    orderId: order.orderId,
    orderLinkId: order.linkId === "" ? null : order.linkId,
    side: order.side,
    orderType: order.type,
    status: order.status,
    contracts: usdContracts(order.closesAll && order.status === "Untriggered" ? 0 : order.qty),
    cumExecQty: usdContracts(order.cumQty),
    leavesQty: usdContracts(leavesOf(order)),
    price: order.price > 0 ? priceCents(order.price) : null,
    avgPrice: order.cumQty === 0 ? null : priceCents(Math.round(order.cumQty * 1e18 / Number(order.cumE16))),
    timeInForce: order.tif,
    triggerPrice: conditional ? priceCents(order.triggerPrice) : null,
    triggerDirection: order.triggerDirection === 0 ? null : order.triggerDirection,
    triggerBy: order.triggerBy === "" ? null : order.triggerBy,
    reduceOnly: order.reduceOnly,
    closeOnTrigger: order.closeOnTrigger,
    positionIdx: 0,
    rejectReason: order.rejectReason,
    cancelType: order.cancelType,
    createType: order.createType,
    stopOrderType: conditional ? "Stop" : "UNKNOWN",
    createdAt: epochMs(order.createdAt),
    updatedAt: epochMs(order.updatedAt),
  };
}

function executionOf(fact: ExecutionFact): Execution {
  return {
    execId: fact.execId,
    orderId: fact.orderId,
    orderLinkId: fact.orderLinkId === "" ? null : fact.orderLinkId,
    side: fact.side,
    execType: fact.execType,
    price: priceCents(fact.price),
    contracts: usdContracts(fact.qty),
    fee: picoBtc(fact.feeSat * PICO),
    pnl: picoBtc(fact.pnlSat * PICO),
    feeRate: rateE8(fact.feeRateE8),
    isMaker: fact.isMaker,
    orderQty: usdContracts(fact.orderQty),
    leavesQty: usdContracts(fact.leavesQty),
    closedSize: usdContracts(fact.closedSize),
    seq: fact.seq,
    createType: fact.createType,
    stopOrderType: fact.stopOrderType,
    markPrice: priceCents(fact.mark),
    execAt: epochMs(fact.at),
  };
}

const CAUSES: ReadonlyMap<number, RefusalCause> = new Map([
  [110001, "order_gone"],
  [110043, "not_modified"],
  [110092, "wrong_trigger_side"],
  [110093, "wrong_trigger_side"],
  [110017, "reduce_only"],
  [110007, "margin"],
  [110022, "quantity"],
  [110064, "quantity"],
  [110094, "quantity"],
  [110003, "price"],
  [110120, "price"],
  [110121, "price"],
  [110009, "too_many_conditional"],
  [110005, "not_now"],
  [110118, "not_now"],
  [10001, "parameter"],
  [110010, "order_gone"],
  [110020, "parameter"],
  [110013, "risk_tier"],
  [110074, "symbol_state"],
]);

function refusedBy({ retCode, retMsg }: Refusal): Outcome {
  return { kind: "refused", refusal: { cause: CAUSES.get(retCode) ?? "other", code: retCode, message: retMsg } };
}
const GONE = refusedBy({ ok: false, retCode: 110001, retMsg: "order not exists or too late to cancel" });
