import type { History } from "../trading/history.ts";
import {
  type Fields,
  isRefusal,
  readCreate,
  readPrice,
  readQty,
  readTriggerBy,
  type Refusal,
  refuse,
  text,
  wrongMarket,
} from "../trading/order_params.ts";
import { amendOrder, cancelOrder, createOrder } from "../trading/orders.ts";
import type { Answer } from "./rest_market.ts";
import { type Core, isFinal, type OrderState } from "../state.ts";
import type { RequestedOrder } from "../venue_log.ts";

export type OrderContext = { readonly core: Core; readonly history: History };
export type OrderHandler = (context: OrderContext, fields: Fields) => Answer;

export const ORDER_HANDLERS: Readonly<Record<string, OrderHandler>> = {
  "/v5/order/create": create,
  "/v5/order/amend": amend,
  "/v5/order/cancel": cancel,
  "/v5/order/cancel-all": cancelAll,
};

const LATE_CANCEL_MS = 2_000;

function ids(order: OrderState): string {
  return `{"orderId":"${order.orderId}","orderLinkId":"${order.linkId}"}`;
}

function create({ core, history }: OrderContext, fields: Fields): Answer {
  const request = readCreate(fields, core.config.instrument);
  if (isRefusal(request)) return request;
  if (history.linkUsed(request.linkId)) return refuse(110072, "OrderLinkedID is duplicate");
  const order = createOrder(core, { ...request, owner: "bot" });
  return isRefusal(order) ? order : ids(order);
}

/** The live order named by orderId or, without it, orderLinkId (PROTOCOL §4.8), or why there is none. */
function liveOrder({ core, history }: OrderContext, fields: Fields): OrderState | Refusal {
  const market = wrongMarket(fields);
  if (market !== null) return market;
  const wanted = { orderId: text(fields, "orderId"), linkId: text(fields, "orderLinkId") };
  if (wanted.orderId === "" && wanted.linkId === "") {
    return refuse(10001, "params error: OrderId or orderLinkId is required");
  }
  const order = history.find(wanted);
  if (order === undefined) return refuse(110001, "order not exists or too late to cancel");
  if (!isFinal(order.status)) return order;
  if (core.config.switches.goneCode === "110001") return refuse(110001, "order not exists or too late to cancel");
  return order.status === "Filled"
    ? refuse(110008, "Order has been finished or canceled")
    : refuse(110010, "Order has been canceled");
}

function amend(context: OrderContext, fields: Fields): Answer {
  const order = liveOrder(context, fields);
  if (isRefusal(order)) return order;
  const { instrument } = context.core.config;
  const given = (name: string) => fields[name] !== undefined && fields[name] !== "";
  const qty = given("qty") ? readQty(fields["qty"], { instrument, mayBeZero: order.closesAll }) : null;
  const price = given("price") ? readPrice(fields["price"], instrument) : null;
  const triggerPrice = given("triggerPrice") ? readPrice(fields["triggerPrice"], instrument) : null;
  for (const value of [qty, price, triggerPrice]) if (isRefusal(value)) return value;
  const triggerBy = given("triggerBy") ? readTriggerBy(fields["triggerBy"]) : null;
  if (given("triggerBy") && triggerBy === null) return refuse(10001, "params error: triggerBy invalid");
  const refusal = amendOrder(context.core, order, {
    qty: isRefusal(qty) ? null : qty,
    price: isRefusal(price) ? null : price,
    triggerPrice: isRefusal(triggerPrice) ? null : triggerPrice,
    triggerBy,
  });
  return refusal ?? ids(order);
}

function cancel(context: OrderContext, fields: Fields): Answer {
  const order = liveOrder(context, fields);
  if (isRefusal(order)) return lateCancel(context, fields) ?? order;
  cancelOrder(context.core, { order, cancelType: "CancelByUser" });
  return ids(order);
}

/** A cancel that arrives just after the fill: an ack and a second Filled frame (PROTOCOL §3.1), as drawn. */
function lateCancel({ core, history }: OrderContext, fields: Fields): string | null {
  if (core.config.switches.lateCancel === "refused") return null;
  const order = history.find({ orderId: text(fields, "orderId"), linkId: text(fields, "orderLinkId") });
  if (order?.status !== "Filled" || core.state.now - order.updatedAt > LATE_CANCEL_MS) return null;
  core.effects.echo({ ...order, cancelType: "CancelByUser", rejectReason: "EC_OrigClOrdIDDoesNotExist" });
  return ids(order);
}

function cancelAll({ core }: OrderContext, fields: Fields): Answer {
  if (fields["category"] !== "inverse") return refuse(10001, "Illegal category");
  const named = text(fields, "symbol") || text(fields, "baseCoin") || text(fields, "settleCoin");
  if (named === "") return refuse(10001, "params error: symbol, baseCoin or settleCoin is required");
  const filter = text(fields, "orderFilter");
  const mine = named === "BTCUSD" || named === "BTC";
  const chosen = core.state.orders.filter((order) =>
    mine && (filter === "" || (filter === "StopOrder") === (order.status === "Untriggered"))
  );
  const list = chosen.map(ids);
  for (const order of chosen) cancelOrder(core, { order, cancelType: "CancelByUser" });
  switch (core.config.switches.cancelAllShape) {
    case "list":
      return `{"list":[${list.join(",")}]}`;
    case "success":
      return `{"success":"1"}`;
    case "list_and_success":
      return `{"list":[${list.join(",")}],"success":"1"}`;
  }
}

const ACTIONS = new Map<string, RequestedOrder["action"]>([
  ["/v5/order/create", "create"],
  ["/v5/order/amend", "amend"],
  ["/v5/order/cancel", "cancel"],
  ["/v5/order/cancel-all", "cancel_all"],
]);

/** What the request asked for, for the log; read leniently, since refused requests are logged too. */
export function requestedOrder(path: string, fields: Fields): RequestedOrder | null {
  const action = ACTIONS.get(path);
  if (action === undefined) return null;
  const side = fields["side"];
  const number = (name: string, scale: number) => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? Math.round(Number(value) * scale) : null;
  };
  return {
    action,
    orderId: text(fields, "orderId") || null,
    orderLinkId: text(fields, "orderLinkId") || null,
    side: side === "Buy" || side === "Sell" ? side : null,
    orderType: text(fields, "orderType") || null,
    qty: number("qty", 1),
    price: number("price", 100),
    triggerPrice: number("triggerPrice", 100),
    reduceOnly: fields["reduceOnly"] === true || fields["closeOnTrigger"] === true,
    conditional: text(fields, "triggerPrice") !== "",
  };
}
