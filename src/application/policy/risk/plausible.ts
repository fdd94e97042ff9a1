import { valueDown } from "../../../domain/inverse.ts";
import type { Instrument, MarketObservation } from "../../../domain/market.ts";
import type { Execution, OrderRow, PositionRow, WalletRow } from "../../../domain/orders.ts";
import { type PicoBtc, picoBtc, type PriceCents, priceCents, type UsdContracts } from "../../../domain/units.ts";

/**
 * The last wall before the books: what is whole and typed may still be absurd. A number nobody's account can hold is
 * "not available" (F-4.8), so that no sum in the state leaves the safe integers.
 */
const MOST_PICO = 1e14; // 100 BTC
const LEAST_PRICE = 10_000; // 100 USD
const MOST_PRICE = 1e9; // 10 million USD

function price(value: PriceCents | null): PriceCents | null {
  return value !== null && value >= LEAST_PRICE && value <= MOST_PRICE ? value : null;
}
function money(value: PicoBtc | null): PicoBtc | null {
  return value !== null && Math.abs(value) <= MOST_PICO ? value : null;
}

/** Value of contracts at a price that may be unknown, bounded; 0 when there is no price at all. 10⁻¹² BTC. */
export function worth(contracts: UsdContracts, at: PriceCents | null): PicoBtc {
  const known = price(at);
  if (known === null) return picoBtc(0);
  // The value is contracts × 10¹⁴ ÷ cents: more contracts than cents are worth more than MOST_PICO.
  return contracts > known ? picoBtc(MOST_PICO) : valueDown(contracts, known);
}

/** An execution always moves quantity; its money counts only when it can be money. */
export function plausibleExecution(execution: Execution, last: PriceCents | null): Execution {
  const paid = price(execution.price) ?? price(last) ?? priceCents(LEAST_PRICE);
  const fee = money(execution.fee) ?? picoBtc(0);
  const pnl = money(execution.pnl);
  if (paid === execution.price && fee === execution.fee && pnl === execution.pnl) return execution;
  return { ...execution, price: paid, fee, pnl };
}

/** The same object when nothing is odd. */
export function plausibleWallet(wallet: WalletRow): WalletRow {
  const odd = (amount: PicoBtc | null) => amount !== null && Math.abs(amount) > MOST_PICO;
  if (
    !odd(wallet.walletBalance) && !odd(wallet.totalPositionIm) && !odd(wallet.totalOrderIm) && !odd(wallet.locked) &&
    !odd(wallet.bonus) && !odd(wallet.unrealisedPnl)
  ) return wallet;
  return {
    walletBalance: money(wallet.walletBalance),
    totalPositionIm: money(wallet.totalPositionIm),
    totalOrderIm: money(wallet.totalOrderIm),
    locked: money(wallet.locked),
    bonus: money(wallet.bonus),
    unrealisedPnl: money(wallet.unrealisedPnl),
  };
}

/** A price of 0 is "not available", never a crash of the market (F-4.8). The same object when nothing is odd. */
export function plausibleMarket(seen: MarketObservation): MarketObservation {
  const odd = (value: PriceCents | null) => value !== null && (value < LEAST_PRICE || value > MOST_PRICE);
  if (
    !odd(seen.last) && !odd(seen.mark) && !odd(seen.index) && !odd(seen.bid) && !odd(seen.ask) && !odd(seen.lastMin) &&
    !odd(seen.lastMax) && !odd(seen.markMin) && !odd(seen.markMax)
  ) return seen;
  return {
    ...seen,
    last: price(seen.last),
    lastMin: price(seen.lastMin),
    lastMax: price(seen.lastMax),
    mark: price(seen.mark),
    markMin: price(seen.markMin),
    markMax: price(seen.markMax),
    index: price(seen.index),
    bid: price(seen.bid),
    ask: price(seen.ask),
  };
}

export function plausibleOrder(row: OrderRow): OrderRow {
  const avgPrice = price(row.avgPrice);
  const triggerPrice = price(row.triggerPrice);
  return avgPrice === row.avgPrice && triggerPrice === row.triggerPrice ? row : { ...row, avgPrice, triggerPrice };
}

export function plausiblePosition(row: PositionRow): PositionRow {
  const avgPrice = price(row.avgPrice);
  const liqPrice = price(row.liqPrice);
  return avgPrice === row.avgPrice && liqPrice === row.liqPrice ? row : { ...row, avgPrice, liqPrice };
}

/** Steps an order can be rounded to. */
export function isUsable(instrument: Instrument): boolean {
  return instrument.tickCents > 0 && instrument.tickCents <= LEAST_PRICE && instrument.qtyStep > 0 &&
    instrument.maxOrderQty > 0 && instrument.maxMarketOrderQty > 0;
}
