import { averageCents, chargeSat, closePnlSat, satOfE16, valueE16, valueSat } from "../money.ts";
import {
  type Core,
  type ExecutionFact,
  leavesOf,
  newId,
  nextSeq,
  type OrderState,
  type PositionState,
} from "../state.ts";
import type { Owner, SideWord } from "../venue_log.ts";

/** Harmonic average entry in 0.01 USD, 0 when flat (PROTOCOL §7). */
export function entryCents(position: PositionState): number {
  return position.size === 0 ? 0 : averageCents(position.size, position.entryE16);
}

export type Margins = {
  readonly imSat: number;
  readonly mmSat: number;
  readonly imByMarkSat: number;
  readonly mmByMarkSat: number;
  readonly uplSat: number;
};
const NO_MARGINS: Margins = { imSat: 0, mmSat: 0, imByMarkSat: 0, mmByMarkSat: 0, uplSat: 0 };

/** Margins of the open position; with the reserved close fee when the switch says so (PROTOCOL §7). */
export function marginsOf(core: Core): Margins {
  const { position, market } = core.state;
  if (position.size === 0) return NO_MARGINS;
  const { instrument, fees, switches } = core.config;
  const leverage = position.leverageE2 / 100;
  const sign = position.side === "Buy" ? 1 : -1;
  const entry = Number(position.entryE16) / 1e8;
  const atMark = market.mark === 0 ? entry : (position.size * 1e10) / market.mark;
  const mmr = instrument.maintenanceE8 / 1e8;
  const takerRate = switches.closeFeeReserve === "included" ? fees.takerE8 / 1e8 : 0;
  const reserve = (value: number) => (value + (sign * value) / leverage) * takerRate;
  return {
    imSat: Math.round(entry / leverage + reserve(entry)),
    mmSat: Math.round(entry * mmr + reserve(entry)),
    imByMarkSat: Math.round(atMark / leverage + reserve(atMark)),
    mmByMarkSat: Math.round(atMark * mmr + reserve(atMark)),
    uplSat: Math.round(sign * (entry - atMark)),
  };
}

/** Margin held by resting orders that may open or add, satoshi. */
export function orderMarginSat(core: Core): number {
  let sum = 0;
  for (const order of core.state.orders) {
    if (order.reduceOnly || order.status === "Untriggered") continue;
    sum += marginForSat(core, { qty: leavesOf(order), priceCents: order.price });
  }
  return sum;
}

/** Initial margin plus both fees for opening this much, satoshi. */
export function marginForSat(core: Core, order: { readonly qty: number; readonly priceCents: number }): number {
  if (order.qty === 0 || order.priceCents === 0) return 0;
  const value = (order.qty * 1e10) / order.priceCents;
  const leverage = core.state.position.leverageE2 / 100;
  return Math.ceil(value / leverage + 2 * value * (core.config.fees.takerE8 / 1e8));
}

/** What a new order may use: isolated counts the wallet, cross the equity, satoshi. */
export function availableSat(core: Core): number {
  const margins = marginsOf(core);
  const base = core.state.walletSat + (core.state.position.marginMode === "ISOLATED_MARGIN" ? 0 : margins.uplSat);
  return base - margins.imSat - orderMarginSat(core);
}

/**
 * Recomputes liquidation and bankruptcy price; call after every change of size, entry, leverage, or (cross) wallet.
 * Isolated: long Q/(PV + IM − MM), bankruptcy Q/(PV + IM) (PROTOCOL §7). Cross: the whole wallet stands in for IM.
 */
export function refreshLiquidation(core: Core): void {
  const { position, walletSat } = core.state;
  position.liqCents = 0;
  position.bustCents = 0;
  if (position.size === 0) return;
  const entry = Number(position.entryE16) / 1e8;
  const leverage = position.leverageE2 / 100;
  const margin = position.marginMode === "ISOLATED_MARGIN" ? entry / leverage : walletSat;
  const maintenance = entry * (core.config.instrument.maintenanceE8 / 1e8);
  const sign = position.side === "Buy" ? 1 : -1;
  position.liqCents = priceFor(position.size, entry + sign * (margin - maintenance));
  position.bustCents = priceFor(position.size, entry + sign * margin);
}

/** Price at which `qty` contracts are worth `sat`; 0 when there is none below a million dollars. */
function priceFor(qty: number, sat: number): number {
  if (sat <= 0) return 0;
  const cents = (qty * 1e10) / sat;
  return cents > 99_999_900 ? 0 : cents;
}

export function liquidationDue(core: Core): boolean {
  const { position, market } = core.state;
  if (position.liqCents === 0 || position.size === 0) return false;
  return position.side === "Buy" ? market.mark <= position.liqCents : market.mark >= position.liqCents;
}

export type Fill = {
  readonly side: SideWord;
  readonly qty: number;
  readonly price: number;
  readonly execType: ExecutionFact["execType"];
  readonly isMaker: boolean;
  readonly feeRateE8: number;
  readonly seq: number;
  readonly owner: Owner;
  readonly cause: "trade" | "liquidation" | "adl";
  readonly order: OrderState | null;
  readonly createType: string;
};

/** Books one fill: order totals, position, wallet; then tells of execution, wallet. The caller tells of order and position. */
export function applyFill(core: Core, fill: Fill): void {
  const { state, effects } = core;
  const feeSat = chargeSat({ qty: fill.qty, priceCents: fill.price }, fill.feeRateE8);
  const booked = moveSize(core, { ...fill, feeSat });
  if (fill.order !== null) addToOrder(fill.order, { fill, feeSat, ...booked });
  const deltaSat = booked.pnlSat - feeSat;
  state.walletSat += deltaSat;
  refreshLiquidation(core);
  const execId = newId(state);
  effects.execution({
    kind: "execution",
    at: state.now,
    owner: fill.owner,
    execId,
    execType: fill.execType,
    orderId: fill.order?.orderId ?? newId(state),
    orderLinkId: fill.order?.linkId ?? "",
    side: fill.side,
    price: fill.price,
    qty: fill.qty,
    isMaker: fill.isMaker,
    feeSat,
    pnlSat: booked.pnlSat,
    closedSize: booked.closed,
    seq: fill.seq,
    mark: state.market.mark,
    valueSat: valueSat(fill.qty, fill.price),
    feeRateE8: fill.feeRateE8,
    leavesQty: fill.order === null ? 0 : fill.order.qty - fill.order.cumQty,
    orderQty: fill.order?.qty ?? fill.qty,
    orderPrice: fill.order?.price ?? fill.price,
    orderType: fill.order?.type ?? "Market",
    stopOrderType: fill.order !== null && fill.order.triggerPrice > 0 ? "Stop" : "UNKNOWN",
    createType: fill.createType,
  });
  effects.wallet({ deltaSat, cause: fill.cause, owner: fill.owner, execId });
}

type Booked = {
  readonly closed: number;
  readonly pnlSat: number;
  readonly entryPartE16: bigint;
  readonly openFeePartSat: number;
};

/** Reduces, closes, flips or grows the position; the average entry stays on a reduction (PROTOCOL §7). */
function moveSize(core: Core, fill: Fill & { readonly feeSat: number }): Booked {
  const { position, now } = core.state;
  const closing = position.size > 0 && position.side !== fill.side;
  const closed = closing ? Math.min(fill.qty, position.size) : 0;
  let pnlSat = 0;
  let entryPartE16 = 0n;
  let openFeePartSat = 0;
  if (closed > 0) {
    const all = closed === position.size;
    entryPartE16 = all ? position.entryE16 : (position.entryE16 * BigInt(closed)) / BigInt(position.size);
    openFeePartSat = all ? position.openFeeSat : Math.round((position.openFeeSat * closed) / position.size);
    pnlSat = closePnlSat({ long: position.side === "Buy", qty: closed, entryE16: entryPartE16 }, fill.price);
    position.entryE16 -= entryPartE16;
    position.openFeeSat -= openFeePartSat;
    position.size -= closed;
    if (position.size === 0) position.side = "";
  }
  const opened = fill.qty - closed;
  if (opened > 0) {
    if (position.size === 0) {
      position.side = fill.side;
      position.openAt = now;
      position.curRealisedSat = 0;
      if (position.createdAt === 0) position.createdAt = now;
    }
    position.size += opened;
    position.entryE16 += valueE16(opened, fill.price);
    position.openFeeSat += Math.round((fill.feeSat * opened) / fill.qty);
  }
  position.curRealisedSat += pnlSat - fill.feeSat;
  position.cumRealisedSat += pnlSat - fill.feeSat;
  position.seq = fill.seq;
  position.updatedAt = now;
  if (position.status === "") position.status = "Normal";
  return { closed, pnlSat, entryPartE16, openFeePartSat };
}

function addToOrder(order: OrderState, part: Booked & { readonly fill: Fill; readonly feeSat: number }): void {
  const { fill } = part;
  order.cumQty += fill.qty;
  order.cumE16 += valueE16(fill.qty, fill.price);
  order.cumFeeSat += part.feeSat;
  order.fills += 1;
  if (part.closed === 0) return;
  const closeFee = Math.round((part.feeSat * part.closed) / fill.qty);
  order.closedSize += part.closed;
  order.closedEntryE16 += part.entryPartE16;
  order.closedExitE16 += valueE16(part.closed, fill.price);
  order.openFeeSat += part.openFeePartSat;
  order.closeFeeSat += closeFee;
  order.closedPnlSat += part.pnlSat - closeFee - part.openFeePartSat;
}

/** Charges or pays funding on what is open now; the rate in 10⁻⁸, positive = longs pay (PROTOCOL §7). */
export function settleFunding(core: Core, rateE8: number): void {
  const { state, effects } = core;
  const { position, market } = state;
  if (position.size === 0) return;
  const signed = position.side === "Buy" ? rateE8 : -rateE8;
  const feeSat = chargeSat({ qty: position.size, priceCents: market.mark }, signed);
  state.walletSat -= feeSat;
  position.curRealisedSat -= feeSat;
  position.cumRealisedSat -= feeSat;
  position.seq = nextSeq(state);
  position.updatedAt = state.now;
  refreshLiquidation(core);
  const execId = newId(state);
  effects.execution({
    kind: "execution",
    at: state.now,
    owner: "venue",
    execId,
    execType: "Funding",
    orderId: newId(state),
    orderLinkId: "",
    side: position.side === "Buy" ? "Buy" : "Sell",
    price: market.mark,
    qty: position.size,
    isMaker: false,
    feeSat,
    pnlSat: 0,
    closedSize: 0,
    seq: position.seq,
    mark: market.mark,
    valueSat: valueSat(position.size, market.mark),
    feeRateE8: signed,
    leavesQty: 0,
    orderQty: 0,
    orderPrice: 0,
    orderType: "UNKNOWN",
    stopOrderType: "UNKNOWN",
    createType: "",
  });
  effects.wallet({ deltaSat: -feeSat, cause: "funding", owner: "venue", execId });
  effects.position();
}

/** Wallet plus unrealised result at mark, satoshi. */
export function equitySat(core: Core): number {
  return core.state.walletSat + marginsOf(core).uplSat;
}

export function positionValueSat(position: PositionState): number {
  return satOfE16(position.entryE16);
}
