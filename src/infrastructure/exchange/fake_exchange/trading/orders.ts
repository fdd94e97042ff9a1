import { crosses, setStatus, shrinkReduceOnly, takeSlices, walkBook } from "./matching.ts";
import {
  bandedPrice,
  conditionalRefusal,
  marginRefusal,
  reducibleQty,
  sizeRefusal,
  triggerSideRefusal,
  triggerSource,
} from "./order_checks.ts";
import { type CreateRequest, isRefusal, type Refusal, refuse } from "./order_params.ts";
import { type Core, leavesOf, newId, type OrderState, type TriggerBy } from "../state.ts";
import { chance } from "../../../../common/random.ts";
import type { Owner } from "../venue_log.ts";

const GENERATIONS = 3;
/** Share of acked amends that change nothing when the switch says so. */
const AMEND_LOST = 0.15;

export type OwnedRequest = CreateRequest & { readonly owner: Owner };
type Ending = { readonly order: OrderState; readonly rejectReason: string };

/** Takes an order or says why not. An accepted order may already be final when this returns (PROTOCOL §4.1). */
export function createOrder(core: Core, request: OwnedRequest): OrderState | Refusal {
  if (core.state.instrumentStatus !== "Trading") return refuse(110074, "This contract is not live");
  if (core.state.position.status === "Liq") return refuse(110005, "position status error");
  const early = sizeRefusal(core, request);
  if (early !== null) return early;
  if (core.state.orders.length >= core.config.instrument.maxActive) return refuse(110020, "Too many active orders");
  const price = request.type === "Limit" ? bandedPrice(core, request) : 0;
  if (isRefusal(price)) return price;
  if (request.triggerPrice > 0) return createConditional(core, { ...request, price });
  const qty = request.reduceOnly ? reducibleQty(core, request) : request.qty;
  const funds = request.reduceOnly ? null : marginRefusal(core, { ...request, price });
  const refusal = isRefusal(qty) ? qty : funds;
  if (refusal !== null && (core.config.switches.lateChecks === "in_ack" || request.owner !== "bot")) return refusal;
  if (
    request.type === "Market" && emptyBook(core, request.side) && core.config.switches.marketOnEmptyBook === "refused"
  ) {
    return refuse(110118, "The market price is unavailable because of low liquidity");
  }
  const order = newOrder(core, { ...request, price, qty: isRefusal(qty) ? request.qty : qty });
  core.state.orders.push(order);
  if (refusal !== null) reject(core, { order: order, rejectReason: "EC_Others" });
  else if (rejectedByFault(core, order)) reject(core, { order: order, rejectReason: "EC_Others" });
  else execute(core, order);
  core.effects.position();
  return order;
}

function createConditional(core: Core, request: OwnedRequest): OrderState | Refusal {
  const refusal = conditionalRefusal(core, request);
  if (refusal !== null) return refusal;
  if (core.faults?.draw("stop", core.state.now) === "stop_refused") {
    const code = core.faults.pick([110094, 10001, 110021, 110079]);
    core.faultFired("stop_refused", String(code));
    return refuse(code, code === 10001 ? "Qty invalid" : "stop refused");
  }
  const order = newOrder(core, request);
  core.state.orders.push(order);
  setStatus(core, { order, status: "Untriggered", cause: "created" });
  core.effects.position();
  return order;
}

function rejectedByFault(core: Core, order: OrderState): boolean {
  if (order.reduceOnly || order.owner !== "bot" || core.faults === null) return false;
  if (core.faults.draw("entry", core.state.now) !== "order_rejected") return false;
  core.faultFired("order_rejected", order.linkId);
  return true;
}

function reject(core: Core, ending: Ending): void {
  setStatus(core, { ...ending, status: "Rejected", cause: "rejected" });
}

function emptyBook(core: Core, side: "Buy" | "Sell"): boolean {
  const { market } = core.state;
  return side === "Buy" ? market.ask === null || market.askSize <= 0 : market.bid === null || market.bidSize <= 0;
}

function newOrder(core: Core, request: OwnedRequest): OrderState {
  const { now } = core.state;
  return {
    orderId: newId(core.state),
    linkId: request.linkId,
    owner: request.owner,
    side: request.side,
    type: request.type,
    tif: request.tif,
    qty: request.qty,
    price: request.price,
    cumQty: 0,
    cumE16: 0n,
    cumFeeSat: 0,
    closedPnlSat: 0,
    closedSize: 0,
    closedEntryE16: 0n,
    closedExitE16: 0n,
    openFeeSat: 0,
    closeFeeSat: 0,
    fills: 0,
    status: "New",
    triggerPrice: request.triggerPrice,
    triggerDirection: request.triggerDirection,
    triggerBy: request.triggerBy,
    reduceOnly: request.reduceOnly,
    closeOnTrigger: request.closeOnTrigger,
    closesAll: request.closesAll,
    createType: request.triggerPrice > 0 ? core.config.switches.stopCreateType : "CreateByUser",
    smpType: request.smpType,
    cancelType: "UNKNOWN",
    rejectReason: "EC_NoError",
    lastOnCreated: core.state.market.last,
    createdAt: now,
    updatedAt: now,
  };
}

/** Lets a live order meet the book now: takes what its kind allows, then rests, fills or ends. */
export function execute(core: Core, order: OrderState): void {
  if (order.type === "Market") return executeMarket(core, order);
  const crossing = crosses(core, order);
  if (order.tif === "PostOnly") {
    const faulty = !crossing && core.faults?.draw("post_only", core.state.now) === "post_only_crossed";
    if (faulty) core.faultFired("post_only_crossed", order.linkId);
    if (crossing || faulty) {
      return setStatus(core, {
        order,
        status: core.config.switches.postOnlyRefusal,
        cause: "rejected",
        rejectReason: "EC_PostOnlyWillTakeLiquidity",
      });
    }
    return setStatus(core, { order, status: restingStatus(order), cause: "created" });
  }
  const wanted = leavesOf(order);
  const slices = walkBook(core, { side: order.side, qty: wanted, limit: order.price });
  const got = slices.reduce((sum, slice) => sum + slice.qty, 0);
  if (order.tif === "FOK" && got < wanted) return cancelRest(core, { order, rejectReason: "EC_CancelForNoFullFill" });
  if (got > 0) takeSlices(core, { order, slices });
  settleTaker(core, { order, rejectReason: "EC_NoImmediateQtyToFill" });
}

function executeMarket(core: Core, order: OrderState): void {
  const { market } = core.state;
  const { marketCapE8, tickCents: tick } = core.config.instrument;
  const ratio = marketCapE8 / 1e8;
  const cap = market.mark * (order.side === "Buy" ? 1 + ratio : 1 - ratio);
  order.price = Math.round(cap / tick) * tick;
  let wanted = leavesOf(order);
  const cut = order.status === "Triggered" && core.faults?.draw("trigger", core.state.now) === "stop_partial";
  if (cut && wanted > 1) {
    wanted = Math.max(1, Math.floor(wanted * 0.4));
    core.faultFired("stop_partial", order.linkId);
  }
  const slices = walkBook(core, { side: order.side, qty: wanted, limit: order.price });
  if (slices.length > 0) takeSlices(core, { order, slices });
  settleTaker(core, {
    order,
    rejectReason: emptyBook(core, order.side) ? "EC_NoImmediateQtyToFill" : "EC_ReachMarketPriceLimit",
  });
}

function settleTaker(core: Core, ending: Ending): void {
  const { order } = ending;
  if (order.cumQty >= order.qty) setStatus(core, { order, status: "Filled", cause: "filled" });
  else if (order.type === "Market" || order.tif === "IOC") cancelRest(core, ending);
  else setStatus(core, { order, status: restingStatus(order), cause: order.cumQty > 0 ? "filled" : "created" });
  if (order.cumQty > 0) {
    shrinkReduceOnly(core);
    core.effects.position();
  }
}

function restingStatus(order: OrderState): "New" | "PartiallyFilled" {
  return order.cumQty > 0 ? "PartiallyFilled" : "New";
}

function cancelRest(core: Core, ending: Ending): void {
  setStatus(core, { ...ending, status: "Cancelled", cause: "expired" });
}

export type Amendment = {
  readonly qty: number | null;
  readonly price: number | null;
  readonly triggerPrice: number | null;
  readonly triggerBy: TriggerBy | null;
};

/** Changes a live order; null = taken (PROTOCOL §2.2 amend). */
export function amendOrder(core: Core, order: OrderState, wish: Amendment): Refusal | null {
  const qty = wish.qty ?? order.qty;
  const price = wish.price ?? order.price;
  const triggerPrice = wish.triggerPrice ?? order.triggerPrice;
  const triggerBy = wish.triggerBy ?? order.triggerBy;
  const waiting = order.status === "Untriggered";
  const moved = triggerPrice !== order.triggerPrice || triggerBy !== order.triggerBy;
  if (qty === order.qty && price === order.price && !moved) {
    return refuse(10001, "The order remains unchanged as the parameters entered match the existing ones.");
  }
  if (order.closesAll && qty !== 0) return refuse(110022, "The quantity of a close-all order cannot be changed");
  if (moved) {
    const side = waiting
      ? triggerSideRefusal(core, { triggerPrice, triggerDirection: order.triggerDirection, triggerBy })
      : refuse(110010, "The order has been triggered");
    if (side !== null) return side;
  }
  if (!order.closesAll && qty <= order.cumQty) return refuse(110064, "The order qty is not above what has been filled");
  const banded = order.type === "Limit" && price !== order.price
    ? bandedPrice(core, { side: order.side, price })
    : price;
  if (isRefusal(banded)) return banded;
  if (!order.reduceOnly && qty > order.qty) {
    const funds = marginRefusal(core, { side: order.side, qty: qty - order.qty, price: banded });
    if (funds !== null) return funds;
  }
  const lost = core.config.switches.amendOutcome === "sometimes_lost" && chance(core.state.random, AMEND_LOST);
  if (lost) {
    setStatus(core, { order, status: order.status, cause: "amended" });
    return null;
  }
  order.qty = !waiting && order.reduceOnly ? Math.min(qty, order.cumQty + core.state.position.size) : qty;
  order.triggerPrice = triggerPrice;
  order.triggerBy = triggerBy;
  const repriced = banded !== order.price;
  order.price = banded;
  if (repriced && !waiting) execute(core, order);
  else setStatus(core, { order, status: order.status, cause: "amended" });
  core.effects.position();
  return null;
}

/** Ends a live order at somebody's wish. */
export function cancelOrder(core: Core, ending: { readonly order: OrderState; readonly cancelType: string }): void {
  const { order, cancelType } = ending;
  const waiting = order.status === "Untriggered";
  setStatus(core, {
    order,
    status: waiting ? "Deactivated" : "Cancelled",
    cause: "cancelled",
    cancelType,
    rejectReason: waiting ? "EC_NoError" : "EC_PerCancelRequest",
  });
  core.effects.position();
}

/** Sets off every conditional order whose source has reached its trigger; true when one did. */
export function fireTriggers(core: Core): boolean {
  let any = false;
  for (let round = 0; round < GENERATIONS; round++) {
    const due = core.state.orders.find((order) => order.status === "Untriggered" && isDue(core, order));
    if (due === undefined) return any;
    any = true;
    trigger(core, due);
  }
  return any;
}

function isDue(core: Core, order: OrderState): boolean {
  const current = triggerSource(core, order.triggerBy);
  return order.triggerDirection === 1 ? current >= order.triggerPrice : current <= order.triggerPrice;
}

function trigger(core: Core, order: OrderState): void {
  const { switches } = core.config;
  const { position } = core.state;
  if (switches.triggeredStatus === "shown") setStatus(core, { order, status: "Triggered", cause: "triggered" });
  else order.status = "Triggered";
  if (switches.orderIdAfterTrigger === "new") order.orderId = newId(core.state);
  if (order.reduceOnly) {
    const reducible = position.side !== "" && position.side !== order.side ? position.size : 0;
    if (reducible === 0) return reject(core, { order: order, rejectReason: "EC_NoEnoughQtyToFill" });
    order.qty = order.closesAll ? reducible : Math.min(order.qty, reducible);
  } else if (marginRefusal(core, order) !== null) {
    return reject(core, { order: order, rejectReason: "EC_Others" });
  }
  if (order.type === "Limit") order.status = "New";
  execute(core, order);
}
