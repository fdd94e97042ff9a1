import { strict as assert } from "node:assert";
import {
  isUsable,
  plausibleExecution,
  plausibleMarket,
  plausibleOrder,
  plausiblePosition,
  plausibleWallet,
  worth,
} from "../../src/application/policy/risk/plausible.ts";
import { epochMs, type PicoBtc, picoBtc, priceCents, usdContracts } from "../../src/domain/units.ts";
import { observation } from "../core_rig.ts";
import { INSTRUMENT, NOON } from "../core_values.ts";
import { move, newVenue, positionRow, rowOf } from "../core_venue.ts";

/** The bounds and one step beyond them: 100 USD, 10 million USD, 100 BTC. */
const CENTS = { least: 10_000, below: 9_999, most: 1_000_000_000, above: 1_000_000_001 };
const MOST = 100_000_000_000_000;

const kept = priceCents;
const PRICES = ["last", "lastMin", "lastMax", "mark", "markMin", "markMax", "index", "bid", "ask"] as const;

Deno.test("[F-4.8] each price of an observation is taken from 100 to 10,000,000 USD and is not available beyond", () => {
  const fine = observation(5_000_000);
  for (const name of PRICES) {
    for (const cents of [CENTS.least, CENTS.most]) {
      const seen = { ...fine, [name]: kept(cents) };
      assert.equal(plausibleMarket(seen), seen, `${name} ${cents}`);
    }
    for (const cents of [0, CENTS.below, CENTS.above]) {
      const seen = { ...fine, [name]: kept(cents) };
      assert.deepEqual(plausibleMarket(seen), { ...fine, [name]: null }, `${name} ${cents}`);
    }
    const without = { ...fine, [name]: null };
    assert.equal(plausibleMarket(without), without, name);
  }
});

Deno.test("[F-4.8] an execution keeps its quantity; odd money is left out, an odd price is the last one or the least", () => {
  const execution = move(newVenue(), { side: "Buy", contracts: 5, price: 5_000_000, at: NOON });
  const of = (change: object, last: number | null = 4_000_000) => {
    const { price, fee, pnl } = plausibleExecution({ ...execution, ...change }, last === null ? null : kept(last));
    return [price, fee, pnl];
  };
  const { fee } = execution;
  assert.equal(plausibleExecution(execution, null), execution);
  assert.deepEqual(of({ pnl: picoBtc(7) }), [5_000_000, fee, 7]);
  assert.deepEqual(of({ price: kept(CENTS.below) }), [4_000_000, fee, null]);
  assert.deepEqual(of({ price: kept(CENTS.above) }, null), [CENTS.least, fee, null]);
  assert.deepEqual(of({ price: kept(CENTS.above) }, CENTS.above), [CENTS.least, fee, null]);
  assert.deepEqual([of({ price: kept(CENTS.most) })[0], of({ price: kept(CENTS.least) })[0]], [
    CENTS.most,
    CENTS.least,
  ]);
  assert.deepEqual(of({ fee: picoBtc(MOST), pnl: picoBtc(-MOST) }), [5_000_000, MOST, -MOST]);
  assert.deepEqual(of({ fee: picoBtc(MOST + 1) }), [5_000_000, 0, null]);
  assert.deepEqual(of({ pnl: picoBtc(-MOST - 1) }), [5_000_000, fee, null]);
});

Deno.test("[F-4.8 F-7.3] each amount of a wallet stands up to 100 BTC and is not available beyond", () => {
  const amounts = ["walletBalance", "totalPositionIm", "totalOrderIm", "locked", "bonus", "unrealisedPnl"] as const;
  const all = (amount: PicoBtc | null) => ({
    walletBalance: amount,
    totalPositionIm: amount,
    totalOrderIm: amount,
    locked: amount,
    bonus: amount,
    unrealisedPnl: amount,
  });
  assert.deepEqual(plausibleWallet(all(picoBtc(-MOST))), all(picoBtc(-MOST)));
  for (const name of amounts) {
    const wallet = { ...all(picoBtc(1)), [name]: picoBtc(MOST + 1) };
    assert.deepEqual(plausibleWallet(wallet), { ...all(picoBtc(1)), [name]: null });
  }
});

Deno.test("[F-4.8] average, trigger and liquidation price of rows are not available when they cannot be prices", () => {
  const ticket = {
    orderLinkId: "grid_0123456789_l_stop_Sell",
    side: "Sell",
    contracts: usdContracts(5),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: { price: priceCents(4_000_000), direction: 2, by: "MarkPrice" },
    reduceOnly: true,
    closeOnTrigger: true,
  } as const;
  const order = { ...rowOf(ticket, { orderId: "o", at: NOON }), avgPrice: priceCents(4_000_000) };
  assert.equal(plausibleOrder(order), order);
  for (const name of ["avgPrice", "triggerPrice"] as const) {
    assert.deepEqual(plausibleOrder({ ...order, [name]: kept(0) }), { ...order, [name]: null });
  }
  const venue = newVenue();
  move(venue, { side: "Buy", contracts: 5, price: 5_000_000, at: NOON });
  const position = positionRow(venue, epochMs(NOON), { avgPrice: kept(5_000_000), liqPrice: kept(4_000_000) });
  assert.equal(plausiblePosition(position), position);
  for (const name of ["avgPrice", "liqPrice"] as const) {
    assert.deepEqual(plausiblePosition({ ...position, [name]: kept(0) }), { ...position, [name]: null });
  }
});

Deno.test("[P-1] contracts are worth nothing without a price, and never more than 100 BTC", () => {
  const of = (contracts: number, cents: number | null) =>
    worth(usdContracts(contracts), cents === null ? null : kept(cents));
  assert.deepEqual([of(5, null), of(5, CENTS.below), of(100, CENTS.least)], [0, 0, 1_000_000_000_000]);
  assert.deepEqual([of(10_000, CENTS.least), of(10_001, CENTS.least)], [MOST, MOST]);
  assert.equal(of(9_999, CENTS.least), 99_990_000_000_000);
});

Deno.test("[F-4.8 F-7.17] an instrument whose steps cannot be rounded to is not used", () => {
  const usable = (change: object) => isUsable({ ...INSTRUMENT, ...change });
  assert.ok(usable({}));
  assert.deepEqual([usable({ tickCents: 0 }), usable({ tickCents: 10_000 }), usable({ tickCents: 10_001 })], [
    false,
    true,
    false,
  ]);
  for (const name of ["tickCents", "qtyStep", "maxOrderQty", "maxMarketOrderQty"]) {
    assert.deepEqual([usable({ [name]: 0 }), usable({ [name]: 1 })], [false, true], name);
  }
});
