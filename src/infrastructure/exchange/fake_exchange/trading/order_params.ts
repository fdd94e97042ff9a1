import type { InstrumentOptions } from "../instrument.ts";
import { centsOf } from "../money.ts";
import type { TimeInForce, TriggerBy } from "../state.ts";
import type { SideWord } from "../venue_log.ts";

export type Refusal = { readonly ok: false; readonly retCode: number; readonly retMsg: string };
export type CreateRequest = {
  readonly side: SideWord;
  readonly type: "Market" | "Limit";
  readonly qty: number;
  readonly price: number;
  readonly tif: TimeInForce;
  readonly linkId: string;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  readonly closesAll: boolean;
  readonly triggerPrice: number;
  readonly triggerDirection: 0 | 1 | 2;
  readonly triggerBy: TriggerBy;
  readonly smpType: string;
};
export type Fields = Readonly<Record<string, unknown>>;

export function refuse(retCode: number, retMsg: string): Refusal {
  return { ok: false, retCode, retMsg };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "ok" in value && value.ok === false;
}

/** Parses a request body; null when it is not a JSON object. */
export function fieldsOf(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** category and symbol of an order request; null when they name BTCUSD. */
export function wrongMarket(fields: Fields): Refusal | null {
  if (fields["category"] !== "inverse") return refuse(10001, "Illegal category");
  if (fields["symbol"] !== "BTCUSD") return refuse(10001, "Not supported symbols");
  return null;
}

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;

/** Reads and checks the words and numbers of order/create; what depends on account or market comes later. */
export function readCreate(fields: Fields, instrument: InstrumentOptions): CreateRequest | Refusal {
  const market = wrongMarket(fields);
  if (market !== null) return market;
  const side = fields["side"];
  if (side !== "Buy" && side !== "Sell") return refuse(10001, "params error: side invalid");
  const type = fields["orderType"];
  if (type !== "Market" && type !== "Limit") return refuse(10001, "params error: orderType invalid");
  if ((fields["positionIdx"] ?? 0) !== 0) return refuse(10001, "position idx not match position mode");
  const linkId = fields["orderLinkId"] ?? "";
  if (typeof linkId !== "string" || (linkId !== "" && !LINK_ID.test(linkId))) {
    return refuse(10001, "params error: OrderLinkId invalid");
  }
  for (const name of ["takeProfit", "stopLoss"]) {
    if (text(fields, name) !== "" && text(fields, name) !== "0") {
      return refuse(110057, "take profit and stop loss on the order are not served here");
    }
  }
  const reduceOnly = fields["reduceOnly"] === true;
  const closeOnTrigger = fields["closeOnTrigger"] === true;
  const qty = readQty(fields["qty"], { instrument, mayBeZero: reduceOnly && closeOnTrigger });
  if (isRefusal(qty)) return qty;
  const tif = readTimeInForce(fields, type);
  if (isRefusal(tif)) return tif;
  const price = type === "Market" ? 0 : readPrice(fields["price"], instrument);
  if (isRefusal(price)) return price;
  const trigger = readTrigger(fields, instrument);
  if (isRefusal(trigger)) return trigger;
  return {
    side,
    type,
    qty,
    price,
    tif,
    linkId,
    reduceOnly: reduceOnly || closeOnTrigger,
    closeOnTrigger,
    closesAll: qty === 0,
    ...trigger,
    smpType: text(fields, "smpType") || "None",
  };
}

export function readQty(
  value: unknown,
  rule: { readonly instrument: InstrumentOptions; readonly mayBeZero: boolean },
): number | Refusal {
  if (typeof value !== "string" || !/^\d{1,12}(\.0*)?$/.test(value)) return refuse(10001, "Qty invalid");
  const qty = Number(value);
  if (qty === 0) return rule.mayBeZero ? 0 : refuse(10001, "Qty invalid");
  const { minQty, qtyStep, maxQty } = rule.instrument;
  if (qty < minQty || qty % qtyStep !== 0) return refuse(10001, "Qty invalid");
  if (qty > maxQty) return refuse(10001, "The number of contracts exceeds maximum limit allowed");
  return qty;
}

export function readPrice(value: unknown, instrument: InstrumentOptions): number | Refusal {
  const cents = typeof value === "string" ? centsOf(value) : null;
  if (cents === null) return refuse(10001, "params error: price invalid");
  if (Number.isNaN(cents) || cents % instrument.tickCents !== 0) return refuse(10001, "price tick size error");
  if (cents < instrument.minPriceCents || cents > instrument.maxPriceCents) {
    return refuse(110003, "Order price is out of permissible range");
  }
  return cents;
}

function readTimeInForce(fields: Fields, type: "Market" | "Limit"): TimeInForce | Refusal {
  if (type === "Market") return "IOC";
  const word = fields["timeInForce"] ?? "GTC";
  if (word === "GTC" || word === "IOC" || word === "FOK" || word === "PostOnly") return word;
  return refuse(10001, "params error: timeInForce invalid");
}

function readTrigger(
  fields: Fields,
  instrument: InstrumentOptions,
): Pick<CreateRequest, "triggerPrice" | "triggerDirection" | "triggerBy"> | Refusal {
  if (text(fields, "triggerPrice") === "") return { triggerPrice: 0, triggerDirection: 0, triggerBy: "" };
  const triggerPrice = readPrice(fields["triggerPrice"], instrument);
  if (isRefusal(triggerPrice)) return refuse(10001, "params error: triggerPrice invalid");
  const direction = fields["triggerDirection"];
  if (direction !== 1 && direction !== 2) return refuse(10001, "TriggerDirection invalid");
  const triggerBy = readTriggerBy(fields["triggerBy"] ?? "LastPrice");
  if (triggerBy === null) return refuse(10001, "params error: triggerBy invalid");
  return { triggerPrice, triggerDirection: direction, triggerBy };
}

export function readTriggerBy(word: unknown): TriggerBy | null {
  return word === "LastPrice" || word === "MarkPrice" || word === "IndexPrice" ? word : null;
}
