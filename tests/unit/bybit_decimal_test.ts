import assert from "node:assert/strict";
import fc from "fast-check";
import * as read from "../../src/infrastructure/exchange/bybit/parse_decimal.ts";
import { hundredthsText, isLinkId, priceText } from "../../src/infrastructure/exchange/bybit/render.ts";
import { priceCents } from "../../src/domain/units.ts";

Deno.test("[F-4.8] scaled() reads what the venue writes and refuses the rest", () => {
  const table: [string, number, number | null][] = [
    ["83819.30", 2, 8381930],
    ["76000", 2, 7600000],
    ["0.5", 2, 50],
    [".5", 2, null],
    ["5.", 2, 500],
    ["27464.50441675", 2, 2746450],
    ["27464.505", 2, 2746451],
    ["-0.00000156", 12, -1560000],
    ["0.000000000000000000", 12, 0],
    ["-0", 2, 0],
    ["1e+06", 0, 1000000],
    ["1.5E3", 0, 1500],
    ["1e-2", 2, 1],
    ["100.000", 0, 100],
    ["+3", 0, 3],
    ["", 2, null],
    ["-", 2, null],
    [".", 2, null],
    ["1.2.3", 2, null],
    ["NaN", 2, null],
    ["0x10", 2, null],
    ["1,000", 2, null],
    [" 1", 2, null],
    ["99999999999999999999", 0, null],
    ["9".repeat(41), 0, null],
  ];
  for (const [text, places, wanted] of table) {
    assert.equal(read.scaled(text, { places, rounding: "half_up" }), wanted, JSON.stringify(text));
  }
  assert.equal(read.scaled("0.5", { places: 0, rounding: "exact" }), null);
  assert.equal(read.scaled("7.000", { places: 0, rounding: "exact" }), 7);
});

Deno.test("[F-4.8] scaled() is exact for every decimal that fits", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 9_000_000_000_000 }),
    fc.integer({ min: 0, max: 12 }),
    fc.boolean(),
    (digits, decimals, negative) => {
      const text = (negative ? "-" : "") +
        (decimals === 0
          ? `${digits}`
          : `${digits}`.padStart(decimals + 1, "0").replace(/(\d+)$/, (all) =>
            `${all.slice(0, all.length - decimals)}.${all.slice(all.length - decimals)}`));
      const wanted = BigInt(digits) * 10n ** BigInt(12 - decimals) * (negative ? -1n : 1n);
      const safe = wanted <= BigInt(Number.MAX_SAFE_INTEGER) && wanted >= -BigInt(Number.MAX_SAFE_INTEGER);
      assert.equal(read.scaled(text, { places: 12, rounding: "exact" }), safe ? Number(wanted) : null);
    },
  ));
});

Deno.test("[F-4.8] readers: empty is not available, damage is a fault that names field and value", () => {
  assert.equal(read.centsOrNone("liqPrice", ""), null);
  assert.equal(read.centsOrNone("liqPrice", "0.00"), null);
  assert.equal(read.picoOrNone("execPnl", undefined), null);
  assert.equal(read.contractsOrNone("leavesQty", ""), null);
  assert.equal(read.balanceOrNone("bonus", ""), null);
  assert.equal(read.balanceOrNone("walletBalance", "0.1234567890125"), 123456789013);
  assert.equal(read.balanceOrNone("walletBalance", "123456.5"), Number.MAX_SAFE_INTEGER);
  assert.equal(read.timeOrNone("0"), null);
  assert.equal(read.timeOrNone(17), 17);
  assert.equal(read.rate("feeRate", "0.00055"), 55000);
  assert.equal(read.hundredths("leverage", "3.25"), 325);
  for (const bad of [() => read.cents("p", ""), () => read.cents("p", "-1"), () => read.cents("p", 5)]) {
    assert.throws(bad, read.ParseFailure);
  }
  assert.throws(() => read.pico("execFee", "0.0000000000001"), /Cannot read execFee: current value is/);
  assert.throws(() => read.contracts("qty", "0.5"), read.ParseFailure);
  assert.throws(() => read.balanceOrNone("locked", "x"), read.ParseFailure);
  assert.throws(() => read.time("t", "soon"), read.ParseFailure);
  assert.throws(() => read.hundredths("leverage", "-1"), read.ParseFailure);
  assert.throws(() => read.rate("r", null), read.ParseFailure);
  assert.throws(() => read.fail("x", undefined), /missing/);
  assert.throws(() => read.fail("x", "y".repeat(100)), /…/);
});

Deno.test("[F-5.1] priceText() and the reader are inverse", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 200_000_000 }), (cents) => {
    const text = priceText(priceCents(cents));
    assert.equal(read.cents("price", text), cents);
    assert.doesNotMatch(text, /\.\d*0$/);
  }));
  assert.deepEqual([300, 250, 1234, 5].map(hundredthsText), ["3", "2.5", "12.34", "0.05"]);
});

Deno.test("[F-10.2] [VAL-3] link ids: 36 characters of the venue's alphabet, nothing else", () => {
  assert.ok(isLinkId("grid_a3f8d2e1c4_l_stop_Sell_12"));
  assert.ok(isLinkId("a".repeat(36)));
  for (const bad of ["", "a".repeat(37), "a b", "a.b", "größe", "a/b", "a\n"]) assert.ok(!isLinkId(bad), bad);
});
