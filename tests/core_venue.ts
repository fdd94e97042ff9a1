import type { Event, Outcome, Refusal, RefusalCause } from "../src/domain/events.ts";
import type { Intent } from "../src/domain/intent.ts";
import type { Bar, BarInterval } from "../src/domain/market.ts";
import type { Execution, OrderRow, OrderStatus, OrderTicket, PositionRow, Side } from "../src/domain/orders.ts";
import { type EpochMs, epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../src/domain/units.ts";
import { INSTRUMENT } from "./core_values.ts";

/** A venue in the core's own words, for tests of decisions: it answers when told to, and lies only when told to. */
export type Venue = {
  orders: Map<string, OrderRow>;
  net: number;
  /** Σ contracts ÷ price of what is open, for the average. */
  value: number;
  seq: number;
  ids: number;
  leverageE2: number;
  liqPrice: number | null;
  walletBtc: number;
  executions: Execution[];
};

export function newVenue(): Venue {
  return {
    orders: new Map(),
    net: 0,
    value: 0,
    seq: 100,
    ids: 0,
    leverageE2: 300,
    liqPrice: null,
    walletBtc: 1,
    executions: [],
  };
}

export const OK: Outcome = { kind: "ok" };
export const UNKNOWN: Outcome = { kind: "unknown", cause: "timeout", code: null };
export function refusal(cause: RefusalCause, code = 1): Refusal {
  return { cause, code, message: cause };
}
export function refused(cause: RefusalCause, code = 1): Outcome {
  return { kind: "refused", refusal: refusal(cause, code) };
}

export function rowOf(ticket: OrderTicket, of: { readonly orderId: string; readonly at: EpochMs }): OrderRow {
  return {
    orderId: of.orderId,
    orderLinkId: ticket.orderLinkId,
    side: ticket.side,
    orderType: ticket.orderType,
    status: ticket.trigger === null ? "New" : "Untriggered",
    contracts: ticket.contracts,
    cumExecQty: usdContracts(0),
    leavesQty: ticket.contracts,
    price: ticket.price,
    avgPrice: null,
    timeInForce: ticket.timeInForce,
    triggerPrice: ticket.trigger?.price ?? null,
    triggerDirection: ticket.trigger?.direction ?? null,
    triggerBy: ticket.trigger?.by ?? null,
    reduceOnly: ticket.reduceOnly,
    closeOnTrigger: ticket.closeOnTrigger,
    positionIdx: 0,
    rejectReason: "EC_NoError",
    cancelType: "UNKNOWN",
    createType: "CreateByUser",
    stopOrderType: ticket.trigger === null ? "UNKNOWN" : "Stop",
    createdAt: of.at,
    updatedAt: of.at,
  };
}

/** The venue takes an order; it exists from now on. */
export function create(venue: Venue, ticket: OrderTicket, at: EpochMs): OrderRow {
  venue.ids += 1;
  const row = rowOf(ticket, { orderId: `v${venue.ids}`, at });
  venue.orders.set(ticket.orderLinkId, row);
  return row;
}

export function change(venue: Venue, id: string, to: Partial<OrderRow>): OrderRow {
  const row = venue.orders.get(id);
  if (row === undefined) throw new RangeError(`the venue knows no order ${id}`);
  const next = { ...row, ...to };
  venue.orders.set(id, next);
  return next;
}

export function isOpenRow(row: OrderRow): boolean {
  return row.status === "New" || row.status === "PartiallyFilled" || row.status === "Untriggered" ||
    row.status === "Triggered";
}

/** The venue fills an order: quantity moves, and one execution is booked. Reduce-only is cut at the position. */
export function fill(
  venue: Venue,
  id: string,
  of: { readonly contracts: number; readonly price: number; readonly at: EpochMs; readonly maker?: boolean },
): { readonly row: OrderRow; readonly execution: Execution } {
  const row = venue.orders.get(id);
  if (row === undefined) throw new RangeError(`the venue knows no order ${id}`);
  const cum = row.cumExecQty + of.contracts;
  const status: OrderStatus = cum >= row.contracts && row.contracts > 0 ? "Filled" : "PartiallyFilled";
  const execution = move(venue, {
    side: row.side,
    contracts: of.contracts,
    price: of.price,
    at: of.at,
    orderId: row.orderId,
    orderLinkId: row.orderLinkId,
    maker: of.maker ?? false,
  });
  const next = change(venue, id, {
    cumExecQty: usdContracts(cum),
    status,
    avgPrice: priceCents(of.price),
    updatedAt: of.at,
    leavesQty: usdContracts(Math.max(0, row.contracts - cum)),
  });
  return { row: next, execution };
}

/** Quantity moves by an execution, ours or foreign. */
export function move(
  venue: Venue,
  of: {
    readonly side: Side;
    readonly contracts: number;
    readonly price: number;
    readonly at: EpochMs;
    readonly orderId?: string;
    readonly orderLinkId?: string | null;
    readonly maker?: boolean;
    readonly change?: Partial<Execution>;
  },
): Execution {
  const sign = of.side === "Buy" ? 1 : -1;
  const before = venue.net;
  const after = before + sign * of.contracts;
  const worth = of.contracts / of.price;
  const reduces = before !== 0 && Math.sign(before) !== sign;
  const closed = reduces ? Math.min(of.contracts, Math.abs(before)) : 0;
  const share = closed === 0 ? 0 : (venue.value * closed) / Math.abs(before);
  if (before === 0 || Math.sign(before) === sign) venue.value += worth;
  else if (Math.sign(after) === Math.sign(before)) venue.value *= Math.abs(after) / Math.abs(before);
  else venue.value = Math.abs(after) / of.price;
  venue.net = after;
  venue.seq += 1;
  venue.ids += 1;
  const execution: Execution = {
    execId: `e${venue.ids}`,
    orderId: of.orderId ?? `f${venue.ids}`,
    orderLinkId: of.orderLinkId ?? null,
    side: of.side,
    execType: "Trade",
    price: priceCents(of.price),
    contracts: usdContracts(of.contracts),
    fee: picoBtc(Math.round(((of.contracts * 1e14) / of.price) * (of.maker ? 0.0002 : 0.00055))),
    pnl: null,
    feeRate: rateE8(of.maker ? 20_000 : 55_000),
    isMaker: of.maker ?? false,
    orderQty: null,
    leavesQty: null,
    closedSize: null,
    seq: venue.seq,
    createType: "CreateByUser",
    stopOrderType: "UNKNOWN",
    markPrice: null,
    execAt: of.at,
    ...of.change,
  };
  // The wallet moves by what was realised: contracts ÷ cents × 100 is BTC (PROTOCOL §7).
  venue.walletBtc += (closed === 0 ? 0 : Math.sign(before) * (share - closed / of.price) * 100) - execution.fee / 1e12;
  venue.executions.push(execution);
  return execution;
}

export function positionRow(venue: Venue, at: EpochMs, to: Partial<PositionRow> = {}): PositionRow {
  const size = Math.abs(venue.net);
  return {
    positionIdx: 0,
    side: venue.net > 0 ? "Buy" : venue.net < 0 ? "Sell" : null,
    size: usdContracts(size),
    avgPrice: size === 0 ? null : priceCents(Math.round(size / venue.value)),
    leverageE2: venue.leverageE2,
    liqPrice: venue.liqPrice === null ? null : priceCents(venue.liqPrice),
    status: "Normal",
    autoAddMargin: 0,
    seq: venue.seq,
    openAt: size === 0 ? null : at,
    updatedAt: at,
    ...to,
  };
}

const HOUR = 3_600_000;
const DAY = 86_400_000;
const LENGTH = { "1m": 60_000, "1h": HOUR, "1d": DAY };

/** Closed bars around a price: range 1 % an hour and 4 % a day, so ATR is known and volatility suffices. */
export function barsUntil(
  interval: BarInterval,
  of: { readonly at: EpochMs; readonly price: number; readonly count: number },
): Bar[] {
  const length = LENGTH[interval];
  const half = Math.round(of.price * (interval === "1d" ? 0.02 : interval === "1h" ? 0.005 : 0.0001));
  const last = Math.floor(of.at / length) * length - length;
  return Array.from({ length: of.count }, (_, index) => ({
    startAt: epochMs(last - (of.count - 1 - index) * length),
    open: priceCents(of.price),
    high: priceCents(of.price + half),
    low: priceCents(of.price - half),
    close: priceCents(of.price),
  }));
}

/** What an honest venue answers at once to a read; orders are answered by the test. Null = not a read. */
export function answerRead(
  venue: Venue,
  intent: Intent,
  of: { readonly at: EpochMs; readonly askedAt: EpochMs; readonly price: number },
): readonly Event[] | null {
  const { at, askedAt } = of;
  switch (intent.kind) {
    case "QueryPosition":
      return [{ kind: "PositionAnswer", at, askedAt, result: { kind: "position", position: positionRow(venue, at) } }];
    case "QueryOpenOrders": {
      const orders = [...venue.orders.values()].filter(isOpenRow);
      return [{ kind: "OpenOrdersAnswer", at, askedAt, result: { kind: "orders", orders } }];
    }
    case "QueryExecutions": {
      const found = venue.executions.filter((one) => one.execAt >= intent.since);
      const events: Event[] = found.map((execution) => ({ kind: "Executed", at, execution, source: "backfill" }));
      const result = { kind: "complete", count: found.length } as const;
      return [...events, { kind: "ExecutionsAnswer", at, askedAt, since: intent.since, result }];
    }
    case "LookUpOrder": {
      const row = venue.orders.get(intent.orderLinkId);
      const result = row === undefined ? { kind: "absent" as const } : { kind: "found" as const, order: row };
      return [{ kind: "OrderLookup", at, orderLinkId: intent.orderLinkId, askedAt, result }];
    }
    default:
      return answerAccount(venue, intent, of);
  }
}

function answerAccount(
  venue: Venue,
  intent: Intent,
  of: { readonly at: EpochMs; readonly askedAt: EpochMs; readonly price: number },
): readonly Event[] | null {
  const { at, askedAt } = of;
  switch (intent.kind) {
    case "QueryWallet": {
      const pico = picoBtc(Math.round(venue.walletBtc * 1e12));
      const none = picoBtc(0);
      const wallet = {
        walletBalance: pico,
        totalPositionIm: none,
        totalOrderIm: none,
        locked: none,
        bonus: none,
        unrealisedPnl: null,
      };
      return [{ kind: "WalletAnswer", at, askedAt, result: { kind: "wallet", wallet } }];
    }
    case "QueryFeeRates":
      return [{
        kind: "FeeRatesAnswer",
        at,
        result: { kind: "rates", rates: { maker: rateE8(20_000), taker: rateE8(55_000) } },
      }];
    case "QueryInstrument":
      return [{ kind: "InstrumentAnswer", at, result: { kind: "instrument", instrument: INSTRUMENT } }];
    case "QueryRiskTier": {
      const tier = { limitPico: 150e12, maintenanceRate: rateE8(500_000), initialRate: rateE8(1_000_000) };
      return [{ kind: "RiskTierAnswer", at, result: { kind: "tier", tier } }];
    }
    case "QueryAccount":
      return [{ kind: "AccountAnswer", at, result: { kind: "account", unified: true, marginMode: "ISOLATED_MARGIN" } }];
    case "QueryKey":
      return [{
        kind: "KeyAnswer",
        at,
        result: {
          kind: "key",
          uid: "7",
          readOnly: false,
          canTrade: true,
          canWithdrawOrTransfer: false,
          daysLeft: null,
        },
      }];
    case "QueryMaintenance":
      return [{ kind: "MaintenanceAnswer", at, result: { kind: "maintenance", window: null } }];
    case "TurnOffPriceAdjust":
      return [{ kind: "PriceAdjustAnswer", at, outcome: OK }];
    case "QueryBars": {
      const bars = barsUntil(intent.interval, { at, price: of.price, count: intent.count });
      return [{ kind: "Bars", at, interval: intent.interval, bars, source: "history" }];
    }
    case "SetLeverage":
      venue.leverageE2 = intent.leverageE2;
      return [{ kind: "LeverageAnswer", at, leverageE2: intent.leverageE2, outcome: OK }];
    default:
      return null;
  }
}
