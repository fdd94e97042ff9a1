import { availableSat, marginForSat } from "./account.ts";
import type { CreateRequest, Refusal } from "./order_params.ts";
import { refuse } from "./order_params.ts";
import { type Core, leavesOf, roundToTick } from "../state.ts";
import type { SideWord } from "../venue_log.ts";

export type Band = { readonly maxBuy: number; readonly minSell: number };

/** Highest buy and lowest sell price now (PROTOCOL §4.2; the 30-s average of mid − mark is the value of this moment). */
export function priceBand(core: Core): Band {
  const { market } = core.state;
  const { bandXE8, bandYE8, tickCents: tick } = core.config.instrument;
  const x = bandXE8 / 1e8;
  const y = bandYE8 / 1e8;
  const mid = market.bid !== null && market.ask !== null ? (market.bid + market.ask) / 2 : market.mark;
  const premium = mid - market.mark;
  const maxBuy = Math.min(
    market.mark * (1 + y),
    Math.max(market.index, market.mark * (1 + x) + Math.max(0, premium)),
  );
  const minSell = Math.max(
    market.mark * (1 - y),
    Math.min(market.index, market.mark * (1 - x) + Math.min(0, premium)),
  );
  return { maxBuy: roundToTick(maxBuy, { tick, up: false }), minSell: roundToTick(minSell, { tick, up: true }) };
}

/** The price the order will rest at: moved into the band, or refused when adjusting is off. */
export function bandedPrice(core: Core, order: { readonly side: SideWord; readonly price: number }): number | Refusal {
  const band = priceBand(core);
  const tooHigh = order.side === "Buy" && order.price > band.maxBuy;
  const tooLow = order.side === "Sell" && order.price < band.minSell;
  if (!tooHigh && !tooLow) return order.price;
  if (core.state.adjustPrices) return tooHigh ? band.maxBuy : band.minSell;
  if (core.config.switches.priceBandCode === "110003") {
    return refuse(110003, "Order price is out of permissible range");
  }
  return tooHigh
    ? refuse(110121, "The order price is higher than the maximum buying price")
    : refuse(110120, "The order price is lower than the minimum selling price");
}

/** Quantity limits that depend on the kind of order. */
export function sizeRefusal(core: Core, request: CreateRequest): Refusal | null {
  const { instrument, switches } = core.config;
  if (request.closesAll) return null;
  if (request.type === "Market" && request.qty > instrument.maxMarketQty && !request.reduceOnly) {
    return refuse(10001, "The number of contracts exceeds maximum limit allowed");
  }
  const free = request.reduceOnly && switches.reduceOnlyMinNotional === "free";
  if (!free && request.qty < instrument.minNotionalUsd) {
    return refuse(110094, "Order does not meet minimum order value 5USD");
  }
  return null;
}

/** A trigger on the wrong side of its source, too many conditionals, or no position where one is needed. */
export function conditionalRefusal(core: Core, request: CreateRequest): Refusal | null {
  const side = triggerSideRefusal(core, request);
  if (side !== null) return side;
  const resting = core.state.orders.filter((order) => order.status === "Untriggered").length;
  if (resting >= core.config.instrument.maxConditional) {
    return refuse(110009, "The number of stop orders exceeds the maximum allowable limit");
  }
  const { position } = core.state;
  const nothingToReduce = position.size === 0 || position.side === request.side;
  if (request.reduceOnly && nothingToReduce && core.config.switches.conditionalWithoutPosition === "refused") {
    return refuse(110017, "current position is zero, cannot fix reduce-only order qty");
  }
  return null;
}

/** PROTOCOL §4.6: direction 1 needs trigger > current (110092), 2 needs trigger < current (110093). */
export function triggerSideRefusal(
  core: Core,
  trigger: Pick<CreateRequest, "triggerPrice" | "triggerDirection" | "triggerBy">,
): Refusal | null {
  const current = triggerSource(core, trigger.triggerBy);
  const scaled = `trigger_price:${trigger.triggerPrice * 100} , current:${current * 100}`;
  if (trigger.triggerDirection === 1 && trigger.triggerPrice <= current) {
    return refuse(110092, `expect Rising, but ${scaled}`);
  }
  if (trigger.triggerDirection === 2 && trigger.triggerPrice >= current) {
    return refuse(110093, `expect Falling, but ${scaled}`);
  }
  return null;
}

export function triggerSource(core: Core, by: string): number {
  const { market } = core.state;
  return by === "MarkPrice" ? market.mark : by === "IndexPrice" ? market.index : market.last;
}

/** What a plain reduce-only order may do now: its quantity after cutting, or the refusal (PROTOCOL §4.7). */
export function reducibleQty(core: Core, request: CreateRequest): number | Refusal {
  const { position, orders } = core.state;
  if (position.size === 0) return refuse(110017, "current position is zero, cannot fix reduce-only order qty");
  if (position.side === request.side) return refuse(110017, "Reduce-only rule not satisfied");
  const wanted = request.closesAll ? position.size : request.qty;
  let free = position.size;
  const mode = core.config.switches.exitBesideTarget;
  if (request.type === "Market" && mode !== "ignored") {
    for (const order of orders) {
      if (order.reduceOnly && order.side === request.side && order.status !== "Untriggered") free -= leavesOf(order);
    }
  }
  if (free <= 0) return refuse(110017, "The remaining reducible quantity is zero: truncated to zero");
  if (free < position.size && mode === "refused" && wanted > free) {
    return refuse(110017, "Reduce-only rule not satisfied");
  }
  return Math.min(wanted, free);
}

/** Not enough free BTC for the part of an order that opens or adds. */
export function marginRefusal(
  core: Core,
  order: { readonly side: SideWord; readonly qty: number; readonly price: number },
): Refusal | null {
  const { position, market } = core.state;
  const closing = position.size > 0 && position.side !== order.side ? Math.min(position.size, order.qty) : 0;
  const priceCents = order.price > 0 ? order.price : market.mark;
  const value = (order.qty * 100) / Math.max(1, priceCents);
  if (value > core.config.instrument.riskLimitBtc) return refuse(110013, "Cannot set leverage due to risk limit level");
  const needed = marginForSat(core, { qty: order.qty - closing, priceCents });
  return needed > availableSat(core) ? refuse(110007, "ab not enough for new order") : null;
}
