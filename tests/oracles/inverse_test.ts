import { strict as assert } from "node:assert";
import * as inverse from "../../src/domain/inverse.ts";
import { picoBtc, priceCents, usdContracts } from "../../src/domain/units.ts";
import { btc, price, qty, rate } from "../core_values.ts";

const sats = (value: number) => value / 10_000;

Deno.test("[P-1 PROTOCOL §7] buy 1000 @ 80000 as maker is worth 0.0125 BTC and costs 0.0000025", () => {
  const value = inverse.valueDown(qty(1000), price(80000));
  assert.equal(value, btc(0.0125));
  assert.equal(inverse.valueUp(qty(1000), price(80000)), btc(0.0125));
  assert.equal(inverse.feeUp(value, rate(0.0002)), btc(0.0000025));
});

Deno.test("[P-1 PROTOCOL §7] close 1000 @ 75980 as taker: gross −0.00066136, fee 0.00000724", () => {
  const now = inverse.valueBooked(qty(1000), price(75980));
  assert.equal(now, btc(0.01316136));
  assert.equal(inverse.pnlOf("long", { entry: btc(0.0125), now }), btc(-0.00066136));
  assert.equal(inverse.pnlOf("short", { entry: btc(0.0125), now }), btc(0.00066136));
  assert.equal(inverse.feeBooked(inverse.valueDown(qty(1000), price(75980)), rate(0.00055)), btc(0.00000724));
});

Deno.test("[P-7 PROTOCOL §7] 10x long and short from 80000: bankruptcy and liquidation, rounded towards the entry", () => {
  const terms = { entry: price(80000), leverageE2: 1000, maintenanceRate: rate(0.005) };
  assert.equal(inverse.bankruptcyToward("long", terms), price(72727.28));
  assert.equal(inverse.bankruptcyToward("short", terms), price(88888.88));
  assert.equal(inverse.liquidationToward("long", terms), price(73059.37));
  assert.equal(inverse.liquidationToward("short", terms), price(88397.79));
});

Deno.test("[P-7 PROTOCOL §7] the help centre's example: 10x from 50000 at 0.5 %", () => {
  const terms = { entry: price(50000), leverageE2: 1000, maintenanceRate: rate(0.005) };
  assert.equal(inverse.liquidationToward("long", terms), price(45662.11));
  assert.equal(inverse.liquidationToward("short", terms), price(55248.61));
});

Deno.test("[P-7] a short with leverage of 1 or less is never liquidated, a long is", () => {
  const terms = { entry: price(80000), leverageE2: 100, maintenanceRate: rate(0.005) };
  assert.equal(inverse.liquidationToward("short", terms), null);
  assert.equal(inverse.bankruptcyToward("short", terms), null);
  assert.equal(inverse.liquidationToward("short", { ...terms, leverageE2: 101 }) === null, false);
  assert.equal(inverse.liquidationToward("long", terms), price(40100.26));
  assert.equal(inverse.bankruptcyToward("long", terms), price(40000));
});

Deno.test("[P-1 PROTOCOL §7] two buys 100 @ 50000 and 300 @ 60000 average harmonically to 57142.857", () => {
  const value = picoBtc(inverse.valueDown(qty(100), price(50000)) + inverse.valueDown(qty(300), price(60000)));
  assert.equal(inverse.averageEntry(qty(400), value), price(57142.86));
  assert.equal(inverse.averageEntry(qty(0), value), null);
  assert.equal(inverse.averageEntry(qty(1), picoBtc(0)), null);
});

Deno.test("[P-1 PROTOCOL §7] funding on 1000 @ 63974.88 at 0.0001 is 0.00000156, paid by the long", () => {
  const at = { contracts: qty(1000), mark: price(63974.88), rate: rate(0.0001) };
  assert.equal(inverse.bookedSats(inverse.fundingOf("long", at)), btc(0.00000156));
  assert.equal(inverse.bookedSats(inverse.fundingOf("short", at)), btc(-0.00000156));
});

Deno.test("[P-7 PROTOCOL §7] margins of 60000 @ 50000: initial 0.12 at 10x, maintenance 0.006 at 0.5 %", () => {
  const value = inverse.valueDown(qty(60000), price(50000));
  assert.equal(inverse.initialMarginUp(value, 1000), btc(0.12));
  assert.equal(inverse.maintenanceMarginUp(value, rate(0.005)), btc(0.006));
});

Deno.test("[P-1] value rounds the way its name says, and satoshis half to even", () => {
  assert.equal(inverse.valueDown(qty(1), priceCents(3)), 33_333_333_333_333);
  assert.equal(inverse.valueUp(qty(1), priceCents(3)), 33_333_333_333_334);
  const booked: [pico: number, sat: number][] = [[5_000, 0], [15_000, 2], [25_000, 2], [25_001, 3], [24_999, 2]];
  for (const [pico, sat] of booked) {
    assert.equal(sats(inverse.bookedSats(picoBtc(pico))), sat);
    assert.equal(sats(inverse.bookedSats(picoBtc(-pico))), sat === 0 ? 0 : -sat);
  }
});

Deno.test("[P-1] values stay exact far beyond 2^53 intermediate results and refuse what does not fit", () => {
  assert.equal(inverse.valueDown(qty(123_456_789), price(76543.21)), 1_612_903_208_527_575);
  assert.equal(inverse.valueDown(usdContracts(900_000_001), price(100_000)), 9_000_000_010_000_000);
  assert.equal(inverse.valueDown(qty(1000), priceCents(900_000_001)), 111_111_110);
  assert.throws(() => inverse.valueDown(qty(1_000_000_000), price(1)), RangeError);
  assert.throws(() => inverse.valueDown(qty(1), priceCents(0)), /PROTOCOL §7/);
  assert.throws(() => inverse.valueBooked(qty(1), priceCents(0)), /PROTOCOL §7/);
  assert.throws(() => inverse.valueUp(qty(1), priceCents(0)), /PROTOCOL §7/);
});

Deno.test("[P-1] unrealised PnL is against us by at most one 10⁻¹² BTC", () => {
  const held = { contracts: qty(1000), entryValue: btc(0.0125), mark: price(90000) };
  assert.equal(inverse.unrealisedPnl("long", held), 12_500_000_000 - 11_111_111_112);
  assert.equal(inverse.unrealisedPnl("short", held), 11_111_111_111 - 12_500_000_000);
});

Deno.test("[P-1] closing a part takes its share of the entry value; more than is held is refused", () => {
  assert.equal(inverse.shareDown(picoBtc(100), { closed: qty(1), total: qty(3) }), 33);
  assert.equal(inverse.shareDown(picoBtc(100), { closed: qty(3), total: qty(3) }), 100);
  assert.equal(inverse.shareDown(picoBtc(100), { closed: qty(0), total: qty(0) }), 0);
  assert.throws(() => inverse.shareDown(picoBtc(100), { closed: qty(4), total: qty(3) }), RangeError);
});

Deno.test("[F-5.2] the stop lies at entry × (1 ∓ d), on the tick towards the entry", () => {
  const rows: [direction: "long" | "short", entry: number, d: number, tick: number, stop: number][] = [
    ["long", 80000, 0.02, 0.1, 78400],
    ["short", 80000, 0.02, 0.1, 81600],
    ["long", 80000.3, 0.02, 0.5, 78400.5],
    ["short", 80000.3, 0.02, 0.5, 81600],
    ["long", 80000.3, 0.03, 0.1, 77600.3],
    ["short", 80000.4, 0.03, 0.1, 82400.4],
  ];
  for (const [direction, entry, d, tick, stop] of rows) {
    const terms = { entry: price(entry), distance: rate(d), tick: price(tick) };
    assert.equal(inverse.stopPrice(direction, terms), price(stop));
  }
  const whole = { entry: price(80000), distance: rate(1), tick: price(0.1) };
  assert.throws(() => inverse.stopPrice("long", whole), RangeError);
});

Deno.test("[P-5] the profit target is one spacing in favour, on the passive tick of the closing limit", () => {
  const terms = { entry: price(80000.1), spacing: price(1600.15), tick: price(0.5) };
  assert.equal(inverse.targetPrice("long", terms), price(81600.5));
  assert.equal(inverse.targetPrice("short", terms), price(78399.5));
  assert.equal(inverse.targetPrice("short", { ...terms, spacing: price(90000) }), price(0.5));
});

Deno.test("[P-7] prices and quantities round to the step on the side their name says", () => {
  assert.equal(inverse.ticksPassive(price(80000.37), { side: "Buy", tick: price(0.5) }), price(80000));
  assert.equal(inverse.ticksPassive(price(80000.37), { side: "Sell", tick: price(0.5) }), price(80000.5));
  assert.equal(inverse.ticksToward(80000.37e2, { anchor: price(90000), tick: price(0.5) }), price(80000.5));
  assert.equal(inverse.ticksToward(80000.37e2, { anchor: price(70000), tick: price(0.5) }), price(80000));
  assert.equal(inverse.contractsDown(149, qty(10)), 140);
  assert.equal(inverse.contractsDown(149.9, qty(0)), 149);
  assert.equal(inverse.contractsDown(-3, qty(1)), 0);
  assert.throws(() => inverse.ticksUp(1, priceCents(0)), RangeError);
  assert.throws(() => inverse.ticksDown(1, priceCents(0)), RangeError);
});

Deno.test("[P-1] money crosses between BTC and USD rounded down", () => {
  assert.equal(inverse.usdDown(btc(0.00125), price(80000)), 100_000_000);
  assert.equal(inverse.usdDown(picoBtc(-1), price(80000)), -1);
  assert.equal(inverse.btcDown(inverse.usdDown(btc(0.00125), price(80000)), price(80000)), btc(0.00125));
  assert.throws(() => inverse.btcDown(inverse.usdDown(btc(1), price(1)), priceCents(0)), RangeError);
});

Deno.test("[P-1] a division that is none is refused with its rule", () => {
  assert.throws(() => inverse.mulDiv(1, 1, { by: 0, rounding: "down" }), /PROTOCOL §7/);
  assert.throws(() => inverse.mulDiv(1.5, 1, { by: 1, rounding: "down" }), RangeError);
  assert.throws(() => inverse.mulDiv(1, NaN, { by: 1, rounding: "down" }), RangeError);
  assert.equal(inverse.mulDiv(-7, 1, { by: 2, rounding: "down" }), -4);
  assert.equal(inverse.mulDiv(-7, 1, { by: 2, rounding: "up" }), -3);
  assert.equal(inverse.mulDiv(-7, 1, { by: 2, rounding: "near" }), -4);
  assert.equal(inverse.mulDiv(-5, 1, { by: 2, rounding: "near" }), -2);
  assert.equal(inverse.mulDiv(9e15, 9e15, { by: 9e15, rounding: "near" }), 9e15);
});

Deno.test("[F-5.1] a long is opened by Buy and closed by Sell, a short the other way", () => {
  assert.deepEqual([inverse.openingSide("long"), inverse.closingSide("long")], ["Buy", "Sell"]);
  assert.deepEqual([inverse.openingSide("short"), inverse.closingSide("short")], ["Sell", "Buy"]);
  assert.deepEqual([inverse.directionOf("Buy"), inverse.directionOf("Sell")], ["long", "short"]);
});
