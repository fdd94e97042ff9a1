import { applyFill } from "./account.ts";
import { nextInt, nextUnit } from "../../../../common/random.ts";
import {
  type Core,
  isFinal,
  leavesOf,
  nextSeq,
  type OrderState,
  type OrderStatus,
  refill,
  roundToTick,
} from "../state.ts";
import { unitAt } from "../market/market_path.ts";
import type { LogOrder, SideWord } from "../venue_log.ts";

/** Levels that a taker may walk, from the best one on; each holds three times the one before. A stated fiction. */
const LEVELS = 5;
const LEVEL_GROWTH = 3;
/** Levels stand half a spread apart, but no further than this share of the price. */
const LEVEL_STEP = 0.001;
/** What a taker ate is offered again after this long: other people's quotes do not wait for the next trade. */
const REFILL_MS = { from: 200, to: 550 };
/** How often a resting order fills only in part at a touch, as one of several in the queue. */
const PARTIAL_TOUCH = 0.25;

/** Puts the order into its new status, tells of it, and drops it from the live list when final. */
export function setStatus(
  core: Core,
  change: {
    readonly order: OrderState;
    readonly status: OrderStatus;
    readonly cause: LogOrder["cause"];
    readonly cancelType?: string;
    readonly rejectReason?: string;
  },
): void {
  const { order } = change;
  order.status = change.status;
  order.updatedAt = core.state.now;
  if (change.cancelType !== undefined) order.cancelType = change.cancelType;
  if (change.rejectReason !== undefined) order.rejectReason = change.rejectReason;
  if (isFinal(order.status)) {
    const index = core.state.orders.indexOf(order);
    if (index >= 0) core.state.orders.splice(index, 1);
  }
  core.effects.order(order, change.cause);
}

type Slice = { readonly qty: number; readonly price: number };

/** What a taker of `qty` gets up to `limit` (0.01 USD, inclusive), best level first. */
export function walkBook(
  core: Core,
  taker: { readonly side: SideWord; readonly qty: number; readonly limit: number },
): Slice[] {
  const { market } = core.state;
  if (market.refillAt > 0 && core.state.now >= market.refillAt) refill(market);
  const buy = taker.side === "Buy";
  const best = buy ? market.ask : market.bid;
  const levelSize = buy ? market.askSize : market.bidSize;
  if (best === null || levelSize <= 0) return [];
  const tick = core.config.instrument.tickCents;
  const spread = market.bid !== null && market.ask !== null ? market.ask - market.bid : best * 0.0005;
  const step = Math.max(tick, roundToTick(Math.min(spread / 2, best * LEVEL_STEP), { tick, up: true }));
  let eaten = buy ? market.takenAsk : market.takenBid;
  let left = taker.qty;
  const slices: Slice[] = [];
  for (let level = 0; level < LEVELS && left > 0; level++) {
    const price = buy ? best + level * step : best - level * step;
    if (price <= 0 || (buy ? price > taker.limit : price < taker.limit)) break;
    const holds = levelSize * LEVEL_GROWTH ** level;
    const open = holds - Math.min(holds, eaten);
    eaten -= Math.min(holds, eaten);
    const qty = Math.min(left, Math.floor(open));
    if (qty <= 0) continue;
    slices.push({ qty, price: worsened(core, { price, buy, limit: taker.limit }) });
    left -= qty;
  }
  return slices;
}

/** The price of a level with the slippage that was asked for, on the tick and never beyond the limit. */
function worsened(
  core: Core,
  level: { readonly price: number; readonly buy: boolean; readonly limit: number },
): number {
  const bps = core.config.matching?.slippageBps ?? 0;
  if (bps === 0) return level.price;
  const { buy, limit } = level;
  const worse = level.price * (buy ? 1 + bps / 10_000 : 1 - bps / 10_000);
  const price = roundToTick(worse, { tick: core.config.instrument.tickCents, up: buy });
  return buy ? Math.min(price, limit) : Math.max(price, limit);
}

/** Executes slices as a taker; all fills of one match share one seq or not, as drawn. */
export function takeSlices(core: Core, take: { readonly order: OrderState; readonly slices: readonly Slice[] }): void {
  const { order, slices } = take;
  const { market } = core.state;
  const shared = nextSeq(core.state);
  if (market.refillAt === 0) market.refillAt = core.state.now + nextInt(core.state.bookRandom, REFILL_MS);
  for (const slice of slices) {
    if (order.side === "Buy") market.takenAsk += slice.qty;
    else market.takenBid += slice.qty;
    applyFill(core, {
      side: order.side,
      qty: slice.qty,
      price: slice.price,
      execType: "Trade",
      isMaker: false,
      feeRateE8: core.config.fees.takerE8,
      seq: core.config.switches.seqOfOneMatch === "shared" || slice === slices[0] ? shared : nextSeq(core.state),
      owner: order.owner,
      cause: "trade",
      order,
      createType: order.createType,
    });
  }
}

/** Whether a limit order at this price would take liquidity now. */
export function crosses(core: Core, order: { readonly side: SideWord; readonly price: number }): boolean {
  const { bid, ask } = core.state.market;
  return order.side === "Buy" ? ask !== null && order.price >= ask : bid !== null && order.price <= bid;
}

/** Fills resting limit orders from this point's volume: through the price in full, at the price a share of the queue. */
export function matchResting(core: Core): boolean {
  return matchWhere(core, () => true);
}

/** What takers ate is offered again; what rests across the book now takes of it. True when something filled. */
export function refillBook(core: Core): boolean {
  const { market } = core.state;
  refill(market);
  market.volumeLeft = 0;
  return matchWhere(core, (order) => crosses(core, order));
}

function matchWhere(core: Core, wanted: (order: OrderState) => boolean): boolean {
  const { orders, market } = core.state;
  let any = false;
  for (let i = 0; i < orders.length; i++) {
    const order = orders[i];
    if (order === undefined || order.type !== "Limit" || order.status === "Untriggered" || !wanted(order)) continue;
    const qty = restingFill(core, order);
    if (qty <= 0) continue;
    any = true;
    market.volumeLeft = Math.max(0, market.volumeLeft - qty);
    fillResting(core, { order, qty });
    shrinkReduceOnly(core);
    if (orders[i] !== order) i--;
  }
  return any;
}

function restingFill(core: Core, order: OrderState): number {
  const { market } = core.state;
  const buy = order.side === "Buy";
  const opposite = buy ? market.ask : market.bid;
  const crossed = opposite !== null && (buy ? opposite <= order.price : opposite >= order.price);
  const through = buy ? market.last < order.price : market.last > order.price;
  if (core.config.matching?.fill === "through") return through ? wholeFill(core, order) : 0;
  if (!crossed && !through && market.last !== order.price) return 0;
  let available = market.volumeLeft;
  if (crossed) available = Math.max(available, buy ? market.askSize : market.bidSize);
  if (!crossed && !through) available *= drawUnit(core, { order, salt: 1 });
  let qty = Math.min(leavesOf(order), Math.floor(available));
  if (order.reduceOnly) qty = Math.min(qty, core.state.position.size);
  if (qty >= 2 && drawUnit(core, { order, salt: 2 }) < PARTIAL_TOUCH) {
    qty = 1 + Math.floor(drawUnit(core, { order, salt: 3 }) * (qty - 1));
  }
  return qty;
}

function wholeFill(core: Core, order: OrderState): number {
  return order.reduceOnly ? Math.min(leavesOf(order), core.state.position.size) : leavesOf(order);
}

/** [0, 1) from the shared stream, or by (seed, order, point). */
function drawUnit(core: Core, of: { readonly order: OrderState; readonly salt: number }): number {
  const { order, salt } = of;
  const seed = core.config.matching?.keyedSeed ?? null;
  if (seed === null) return nextUnit(core.state.random);
  let hash = salt;
  for (let i = 0; i < order.linkId.length; i++) hash = Math.imul(hash ^ order.linkId.charCodeAt(i), 0x01000193);
  return unitAt(seed, { at: core.state.market.at, salt: hash });
}

/** Fills `qty` of a resting order at its own price, as maker. */
export function fillResting(core: Core, fill: { readonly order: OrderState; readonly qty: number }): void {
  const { order, qty } = fill;
  applyFill(core, {
    side: order.side,
    qty,
    price: order.price,
    execType: "Trade",
    isMaker: true,
    feeRateE8: core.config.fees.makerE8,
    seq: nextSeq(core.state),
    owner: order.owner,
    cause: "trade",
    order,
    createType: order.createType,
  });
  const status = order.cumQty >= order.qty ? "Filled" : "PartiallyFilled";
  setStatus(core, { order, status, cause: "filled" });
  core.effects.position();
}

/** Resting reduce-only orders never exceed what they may reduce (PROTOCOL §4.7). */
export function shrinkReduceOnly(core: Core): void {
  const { orders, position } = core.state;
  for (let i = orders.length - 1; i >= 0; i--) {
    const order = orders[i];
    if (order === undefined || !order.reduceOnly || order.status === "Untriggered") continue;
    const reducible = position.size > 0 && position.side !== order.side ? position.size : 0;
    if (leavesOf(order) <= reducible) continue;
    if (reducible > 0) {
      order.qty = order.cumQty + reducible;
      setStatus(core, { order, status: order.status, cause: "shrunk" });
      continue;
    }
    const filled = order.cumQty;
    setStatus(core, {
      order,
      status: "Cancelled",
      cause: "cancelled",
      cancelType: "CancelByReduceOnly",
      rejectReason: filled > 0 ? "EC_PerCancelRequest" : "EC_NoError",
    });
  }
}
