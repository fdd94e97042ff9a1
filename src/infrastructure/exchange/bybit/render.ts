import type { Intent, IntentOf } from "../../../domain/intent.ts";
import type { OrderTicket } from "../../../domain/orders.ts";
import type { EpochMs, PriceCents } from "../../../domain/units.ts";
import { CATEGORY, SYMBOL } from "./venue_words.ts";

/** Cents → the venue's decimal: 8000050 is "80000.5". */
export function priceText(price: PriceCents): string {
  return hundredthsText(price);
}
/** Leverage × 100 → decimal: 250 is "2.5". */
export function hundredthsText(value: number): string {
  const whole = Math.floor(value / 100);
  const rest = value - whole * 100;
  if (rest === 0) return String(whole);
  return rest % 10 === 0 ? `${whole}.${rest / 10}` : `${whole}.${rest < 10 ? "0" : ""}${rest}`;
}

/** F-10.2: longer or other characters never reach the network. */
export function isLinkId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,36}$/.test(id);
}

export type PlaceIntent = IntentOf<"PlaceEntry" | "PlaceStop" | "PlaceTarget" | "PlaceExit">;
export function isPlace(intent: Intent): intent is PlaceIntent {
  return intent.kind === "PlaceEntry" || intent.kind === "PlaceStop" || intent.kind === "PlaceTarget" ||
    intent.kind === "PlaceExit";
}

/** Body of order/create. Values are strings; absent keys stay absent (PROTOCOL §2.2). */
export function createBody(ticket: OrderTicket): string {
  const { trigger } = ticket;
  return JSON.stringify({
    category: CATEGORY,
    symbol: SYMBOL,
    side: ticket.side,
    orderType: ticket.orderType,
    qty: String(ticket.contracts),
    ...(ticket.price === null ? {} : { price: priceText(ticket.price) }),
    timeInForce: ticket.timeInForce,
    ...(trigger === null ? {} : {
      triggerPrice: priceText(trigger.price),
      triggerDirection: trigger.direction,
      triggerBy: trigger.by,
    }),
    positionIdx: 0,
    orderLinkId: ticket.orderLinkId,
    reduceOnly: ticket.reduceOnly,
    closeOnTrigger: ticket.closeOnTrigger,
  });
}

/** Body of order/amend: only what changes (PROTOCOL §2.2). */
export function amendBody(intent: IntentOf<"AmendStop">): string {
  return JSON.stringify({
    category: CATEGORY,
    symbol: SYMBOL,
    orderLinkId: intent.orderLinkId,
    ...(intent.contracts === null ? {} : { qty: String(intent.contracts) }),
    ...(intent.triggerPrice === null ? {} : { triggerPrice: priceText(intent.triggerPrice) }),
  });
}
export function cancelBody(orderLinkId: string): string {
  return JSON.stringify({ category: CATEGORY, symbol: SYMBOL, orderLinkId });
}
export function leverageBody(leverageE2: number): string {
  const leverage = hundredthsText(leverageE2);
  return JSON.stringify({ category: CATEGORY, symbol: SYMBOL, buyLeverage: leverage, sellLeverage: leverage });
}
/** Prices outside the band are refused instead of silently moved (PROTOCOL §4.2). */
export function priceAdjustBody(): string {
  return JSON.stringify({ category: CATEGORY, modifyEnable: false });
}

const MARKET = `category=${CATEGORY}&symbol=${SYMBOL}`;
/** The query string is built here, signed and put on the wire unchanged; a cursor is passed on as it came (§1.1). */
function withCursor(query: string, cursor: string | null): string {
  return cursor === null ? query : `${query}&cursor=${cursor}`;
}
export function marketQuery(): string {
  return MARKET;
}
export function openOrdersQuery(cursor: string | null): string {
  return withCursor(`${MARKET}&openOnly=0&limit=50`, cursor);
}
/** `openOnly` 1 = the last closed orders; null = order history. */
export function orderByIdQuery(orderLinkId: string, openOnly: 0 | 1 | null): string {
  const base = `${MARKET}&orderLinkId=${orderLinkId}`;
  return openOnly === null ? base : `${base}&openOnly=${openOnly}`;
}
export function executionsByIdQuery(orderLinkId: string): string {
  return `${MARKET}&orderLinkId=${orderLinkId}&limit=100`;
}
/** `until` null = seven days from `since`, the venue's rule for a lone start (TRAPS 72). */
export function executionsQuery(
  range: { readonly since: EpochMs; readonly until: EpochMs | null; readonly cursor: string | null },
): string {
  const end = range.until === null ? "" : `&endTime=${range.until}`;
  return withCursor(`${MARKET}&startTime=${range.since}${end}&limit=100`, range.cursor);
}
/** Closing orders last changed in this time, 7 days at most. */
export function closedPnlQuery(
  range: { readonly since: EpochMs; readonly until: EpochMs; readonly cursor: string | null },
): string {
  return withCursor(`${MARKET}&startTime=${range.since}&endTime=${range.until}&limit=100`, range.cursor);
}
export function klineQuery(word: string, limit: number): string {
  return `${MARKET}&interval=${word}&limit=${limit}`;
}
export function walletQuery(): string {
  return "accountType=UNIFIED&coin=BTC";
}
