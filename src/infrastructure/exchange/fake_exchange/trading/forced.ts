import { applyFill, liquidationDue } from "./account.ts";
import { fillResting, matchResting, setStatus, shrinkReduceOnly } from "./matching.ts";
import { createOrder, fireTriggers } from "./orders.ts";
import { type Core, leavesOf, nextSeq, type OrderState, setMarket } from "../state.ts";
import type { MarketPoint } from "../market/market_point.ts";
import type { Owner, SideWord } from "../venue_log.ts";

/**
 * One step of the market: triggers first, then resting orders, then liquidation by mark. A stop that goes off at the
 * point that would also liquidate is executed first, as far as the book goes.
 */
export function advance(core: Core, point: MarketPoint): boolean {
  if (point.at > core.state.now) core.state.now = point.at;
  setMarket(core.state, point);
  let changed = false;
  if (core.state.orders.length > 0) {
    changed = fireTriggers(core);
    changed = matchResting(core) || changed;
  }
  if (core.state.position.size > 0 && liquidationDue(core)) {
    liquidate(core);
    changed = true;
  }
  return changed;
}

/** Cancels everything and takes the position over at its bankruptcy price (PROTOCOL §4.11, §7). */
export function liquidate(core: Core): void {
  const { position, market } = core.state;
  if (position.size === 0 || position.side === "") return;
  for (const order of [...core.state.orders]) {
    setStatus(core, {
      order,
      status: order.status === "Untriggered" ? "Deactivated" : "Cancelled",
      cause: "cancelled",
      cancelType: "CancelAllBeforeLiq",
      rejectReason: "EC_PerCancelRequest",
    });
  }
  position.status = "Liq";
  core.effects.position();
  const side: SideWord = position.side === "Buy" ? "Sell" : "Buy";
  applyFill(core, {
    side,
    qty: position.size,
    price: Math.max(1, Math.round(position.bustCents === 0 ? market.mark : position.bustCents)),
    execType: "BustTrade",
    isMaker: false,
    feeRateE8: core.config.fees.takerE8,
    seq: nextSeq(core.state),
    owner: "venue",
    cause: "liquidation",
    order: null,
    createType: "CreateByTakeOver_PassThrough",
  });
  position.status = "Normal";
  core.effects.position();
}

/** Takes `qty` of the position away at mark because somebody else was liquidated. */
export function deleverage(core: Core, wanted: number): boolean {
  const { position, market } = core.state;
  const qty = Math.min(wanted, position.size);
  if (qty <= 0 || position.side === "") return false;
  position.status = "Adl";
  core.effects.position();
  applyFill(core, {
    side: position.side === "Buy" ? "Sell" : "Buy",
    qty,
    price: market.mark,
    execType: "AdlTrade",
    isMaker: false,
    feeRateE8: 0,
    seq: nextSeq(core.state),
    owner: "venue",
    cause: "adl",
    order: null,
    createType: "CreateByAdl_PassThrough",
  });
  position.status = "Normal";
  shrinkReduceOnly(core);
  core.effects.position();
  return true;
}

/** A market order by somebody else on this account. Does nothing when the venue would refuse it. */
export function foreignMarketOrder(
  core: Core,
  order: { readonly side: SideWord; readonly qty: number; readonly linkId: string; readonly owner: Owner },
): boolean {
  const taken = createOrder(core, {
    side: order.side,
    type: "Market",
    qty: order.qty,
    price: 0,
    tif: "IOC",
    linkId: order.linkId,
    reduceOnly: false,
    closeOnTrigger: false,
    closesAll: false,
    triggerPrice: 0,
    triggerDirection: 0,
    triggerBy: "",
    smpType: "None",
    owner: order.owner,
  });
  return !("ok" in taken) && taken.cumQty > 0;
}

/** Fills part of a resting order at its own price, whatever the market does; returns the contracts filled. */
export function fillPart(core: Core, fill: { readonly order: OrderState; readonly qty: number }): number {
  const { order } = fill;
  const qty = Math.min(fill.qty, leavesOf(order), order.reduceOnly ? core.state.position.size : Infinity);
  if (qty <= 0) return 0;
  fillResting(core, { order, qty });
  shrinkReduceOnly(core);
  return qty;
}
