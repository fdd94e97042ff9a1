import type { Event, Vitals } from "../../../domain/events.ts";
import type { MarketObservation } from "../../../domain/market.ts";
import type { OrderRow, PositionRow, WalletRow } from "../../../domain/orders.ts";

/**
 * The events that make up nearly all of a live day are written as rows, so that a day stays under 20 MB: prices relative to
 * `last`, times relative to `at`. The columns stand in every header, so a file explains itself.
 */
export const COLUMNS = {
  Market: [
    "last",
    "lastMin",
    "lastMax",
    "mark",
    "markMin",
    "markMax",
    "index",
    "bid",
    "bidSize",
    "ask",
    "askSize",
    "fundingRate",
    "nextFundingAt",
  ] as const satisfies readonly (keyof MarketObservation)[],
  Tick: [
    "privateFrameAt",
    "publicFrameAt",
    "marketFrameAt",
    "drops60s",
    "restP95",
    "restTimeoutsInRow",
    "restCalls60s",
    "restProtectiveCalls60s",
    "clockSkewMs",
    "journalLagMs",
  ] as const satisfies readonly (keyof Vitals)[],
  OpenOrders: [
    "orderId",
    "orderLinkId",
    "side",
    "orderType",
    "status",
    "contracts",
    "cumExecQty",
    "leavesQty",
    "price",
    "avgPrice",
    "timeInForce",
    "triggerPrice",
    "triggerDirection",
    "triggerBy",
    "reduceOnly",
    "closeOnTrigger",
    "positionIdx",
    "rejectReason",
    "cancelType",
    "createType",
    "stopOrderType",
    "createdAt",
    "updatedAt",
  ] as const satisfies readonly (keyof OrderRow)[],
  Position: [
    "positionIdx",
    "side",
    "size",
    "avgPrice",
    "leverageE2",
    "liqPrice",
    "status",
    "autoAddMargin",
    "seq",
    "openAt",
    "updatedAt",
  ] as const satisfies readonly (keyof PositionRow)[],
  Wallet: [
    "walletBalance",
    "totalPositionIm",
    "totalOrderIm",
    "locked",
    "bonus",
    "unrealisedPnl",
  ] as const satisfies readonly (keyof WalletRow)[],
} as const;

/** A field added to the contract and forgotten here would be lost from the journal: this must not compile then. */
type Forgotten =
  | Exclude<keyof MarketObservation, (typeof COLUMNS.Market)[number]>
  | Exclude<keyof Vitals, (typeof COLUMNS.Tick)[number]>
  | Exclude<keyof OrderRow, (typeof COLUMNS.OpenOrders)[number]>
  | Exclude<keyof PositionRow, (typeof COLUMNS.Position)[number]>
  | Exclude<keyof WalletRow, (typeof COLUMNS.Wallet)[number]>;
export const nothingForgotten: [Forgotten] extends [never] ? true : never = true;

function minus(value: number | null, base: number): number | null {
  return value === null ? null : value - base;
}

function marketRow(seen: MarketObservation, at: number): string {
  const last = seen.last ?? 0;
  return JSON.stringify([
    seen.last,
    minus(seen.lastMin, last),
    minus(seen.lastMax, last),
    minus(seen.mark, last),
    minus(seen.markMin, last),
    minus(seen.markMax, last),
    minus(seen.index, last),
    minus(seen.bid, last),
    seen.bidSize,
    minus(seen.ask, last),
    seen.askSize,
    seen.fundingRate,
    minus(seen.nextFundingAt, at),
  ]);
}

function tickRow(vitals: Vitals, at: number): string {
  return JSON.stringify([
    minus(vitals.privateFrameAt, at),
    minus(vitals.publicFrameAt, at),
    minus(vitals.marketFrameAt, at),
    vitals.drops60s,
    vitals.restP95,
    vitals.restTimeoutsInRow,
    vitals.restCalls60s,
    vitals.restProtectiveCalls60s,
    vitals.clockSkewMs,
    vitals.journalLagMs,
  ]);
}

/** Columns that are moments: written relative to the event's `at`. */
export const MOMENTS: ReadonlySet<string> = new Set(["createdAt", "updatedAt", "openAt"]);

/**
 * The row's values in the order of the columns. Null when the object has its fields in another order: the state hash is over
 * JSON text, so reading must give back the very same order.
 */
function valuesOf(row: object, shape: { readonly columns: readonly string[]; readonly at: number }): unknown[] | null {
  const names = Object.keys(row);
  const values: unknown[] = Object.values(row);
  if (names.length !== shape.columns.length) return null;
  // Plain loops: pairs and iterators made this the dearest part of a record.
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name === undefined || name !== shape.columns[index]) return null;
    const value = values[index];
    if (typeof value === "number" && MOMENTS.has(name)) values[index] = value - shape.at;
  }
  return values;
}

function rowText(name: string, at: number, parts: { readonly askedAt: number; readonly row: unknown }): string | null {
  const { askedAt, row } = parts;
  return row === null ? null : `"at":${at},"${name}":${JSON.stringify([askedAt - at, row])}`;
}

/** The event as `"at":…,"<name>":[…]`, or null for an event that is written as it is. */
export function encodeRow(event: Event): string | null {
  const { at } = event;
  switch (event.kind) {
    case "Market":
      return `"at":${at},"Market":${marketRow(event.seen, at)}`;
    case "Tick":
      return `"at":${at},"Tick":${tickRow(event.vitals, at)}`;
    case "PositionAnswer": {
      if (event.result.kind !== "position") return null;
      const row = valuesOf(event.result.position, { columns: COLUMNS.Position, at });
      return rowText("Position", at, { askedAt: event.askedAt, row });
    }
    case "WalletAnswer": {
      if (event.result.kind !== "wallet") return null;
      const row = valuesOf(event.result.wallet, { columns: COLUMNS.Wallet, at });
      return rowText("Wallet", at, { askedAt: event.askedAt, row });
    }
    case "OpenOrdersAnswer": {
      if (event.result.kind !== "orders") return null;
      const rows = event.result.orders.map((order) => valuesOf(order, { columns: COLUMNS.OpenOrders, at }));
      return rows.includes(null) ? null : rowText("OpenOrders", at, { askedAt: event.askedAt, row: rows });
    }
    default:
      return null;
  }
}
