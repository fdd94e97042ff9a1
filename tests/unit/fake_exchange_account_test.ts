import assert from "node:assert/strict";
import {
  averageCents,
  averageText,
  chargeSat,
  closePnlSat,
  divideHalfEven,
  satOf,
  satText,
  valueE16,
  valueSat,
} from "../../src/infrastructure/exchange/fake_exchange/money.ts";
import { Bench, point, START, stop } from "./fake_exchange_harness.ts";

Deno.test("[PROTOCOL-7] venue: worked check values of value, fee, result and average entry", () => {
  assert.equal(satText(valueSat(1000, 8_000_000)), "0.0125");
  assert.equal(satText(chargeSat({ qty: 1000, priceCents: 8_000_000 }, 20_000)), "0.0000025");
  const entryE16 = valueE16(1000, 8_000_000);
  assert.equal(satText(closePnlSat({ long: true, qty: 1000, entryE16 }, 7_598_000)), "-0.00066136");
  assert.equal(satText(closePnlSat({ long: false, qty: 1000, entryE16 }, 7_598_000)), "0.00066136");
  assert.equal(satText(chargeSat({ qty: 1000, priceCents: 7_598_000 }, 55_000)), "0.00000724");
  const two = valueE16(100, 5_000_000) + valueE16(300, 6_000_000);
  assert.equal(averageText(averageCents(400, two)).slice(0, 9), "57142.857");
  assert.equal(satText(chargeSat({ qty: 1000, priceCents: 6_397_488 }, 10_000)), "0.00000156");
});

Deno.test("[PROTOCOL-7] venue: an amount's text has no zero at its end, and reads back as the amount", () => {
  const amounts = [0, 1, 10, 99_999_999, 100_000_000, 100_000_001, 12_345_678_900, 2_100_000_000_000_000];
  for (let unit = 1; unit < 1e15; unit *= 10) amounts.push(unit, 7 * unit, unit - 1);
  for (const sat of amounts) {
    assert.match(satText(sat), /^(0|[1-9]\d*)(\.\d{0,7}[1-9])?$/, String(sat));
    assert.equal(satOf(satText(sat)), sat);
    if (sat > 0) assert.equal(satText(-sat), `-${satText(sat)}`);
  }
});

Deno.test("[PROTOCOL-7] venue: amounts round half to even at 8 decimals", () => {
  assert.equal(divideHalfEven(5n, 2n), 2n);
  assert.equal(divideHalfEven(7n, 2n), 4n);
  assert.equal(divideHalfEven(-5n, 2n), -2n);
  assert.equal(divideHalfEven(-7n, 2n), -4n);
  assert.equal(divideHalfEven(-1n, 3n), 0n);
  assert.equal(satText(satOf("0.00512345")), "0.00512345");
  assert.equal(satText(satOf("-12.5")), "-12.5");
  assert.throws(() => satOf("1e-3"), /Cannot read/);
});

Deno.test("[PROTOCOL-7] venue: liquidation prices of isolated 10x positions at 80000", () => {
  const tried = (["Buy", "Sell"] as const).map((side) => {
    const bench = new Bench([point(8_000_000, { bid: 8_000_000, ask: 8_000_000 })]);
    bench.post("/v5/order/create", { side, orderType: "Market", qty: "1000" });
    const { liqPrice } = bench.venue.control.state();
    return [Math.floor(liqPrice) / 100, bench.list("/v5/position/list")[0]?.["bustPrice"]];
  });
  assert.deepEqual(tried, [[73059.36, "72727.3"], [88397.79, "88888.9"]]);
});

Deno.test("[F-1.24] venue: mark through the liquidation price cancels all and takes the position at bankruptcy", () => {
  const bench = new Bench([
    point(8_000_000, { bid: 8_000_000, ask: 8_000_000 }),
    point(7_310_000, { at: START + 10_000 }),
    point(7_300_000, { at: START + 20_000 }),
  ]);
  bench.listen();
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  bench.post("/v5/order/create", { side: "Buy", orderType: "Limit", qty: "10", price: "60000", orderLinkId: "rest" });
  bench.post("/v5/order/create", stop("low", { triggerPrice: "60000" }));
  bench.clock.to(START + 10_000);
  assert.equal(bench.venue.control.state().size, 1000);
  bench.clock.to(START + 20_000);
  assert.equal(bench.venue.control.state().size, 0);
  const bust = bench.rows("execution").at(-1);
  assert.equal(bust?.["execType"], "BustTrade");
  assert.equal(bust?.["orderLinkId"], "");
  assert.deepEqual(bench.rows("position").map((row) => row["positionStatus"]).slice(-2), ["Liq", "Normal"]);
  const cancelled = bench.rows("order").filter((row) => row["cancelType"] === "CancelAllBeforeLiq");
  assert.deepEqual(cancelled.map((row) => row["orderLinkId"]).sort(), ["low", "rest"]);
});

Deno.test("[F-8] venue: the wallet moves by exactly the fees, results and funding it shows", () => {
  const points = Array.from(
    { length: 40 },
    (_, i) => point(3_000_000 + ((i * 7919) % 41) * 1_000, { at: START + i * 900_000, askSize: 90, bidSize: 70 }),
  );
  const bench = new Bench(points);
  bench.listen();
  for (let i = 0; i < 39; i++) {
    const side = i % 3 === 0 ? "Sell" : "Buy";
    bench.post("/v5/order/create", { side, orderType: "Market", qty: String(100 + i * 17) });
    bench.clock.to(START + (i + 1) * 900_000);
  }
  const moved = bench.rows("execution").reduce(
    (sum, row) => sum + satOf(String(row["execPnl"])) - satOf(String(row["execFee"])),
    0,
  );
  assert.ok(bench.rows("execution").some((row) => row["execType"] === "Funding"));
  assert.equal(satOf("1") + moved, bench.venue.control.state().walletSat);
  const wallet = bench.log.filter((entry) => entry.kind === "wallet");
  assert.equal(wallet.reduce((sum, entry) => sum + entry.deltaSat, satOf("1")), wallet.at(-1)?.balanceSat);
});

Deno.test("[PROTOCOL-7] venue: funding of a positive rate is paid by the long and received by the short", () => {
  const paid = (["Buy", "Sell"] as const).map((side) => {
    const bench = new Bench([point(3_000_000), point(3_000_000, { at: START + 3_600_000 })]);
    bench.listen();
    bench.post("/v5/order/create", { side, orderType: "Market", qty: "3000" });
    bench.clock.to(START + 28_800_000);
    const row = bench.rows("execution").at(-1);
    return [row?.["execType"], row?.["execFee"], row?.["feeRate"], row?.["execQty"], row?.["orderType"]];
  });
  assert.deepEqual(paid, [["Funding", "0.00001", "0.0001", "3000", "UNKNOWN"], [
    "Funding",
    "-0.00001",
    "-0.0001",
    "3000",
    "UNKNOWN",
  ]]);
});

Deno.test("[F-1.27] venue: a flip closes the old side and starts the new one at the fill price", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.listen();
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  bench.venue.control.personTrades({ side: "Sell", qty: 1500 });
  const state = bench.venue.control.state();
  assert.deepEqual([state.side, state.size], ["Sell", 500]);
  assert.equal(Math.round(state.entryPrice), 2_999_990);
  const foreign = bench.rows("execution").at(-1);
  assert.deepEqual([foreign?.["orderLinkId"], foreign?.["closedSize"]], ["", "1000"]);
});

Deno.test("[F-1.25] venue: ADL takes part of the position at mark and says so", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.listen();
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  bench.venue.control.adl(400);
  assert.equal(bench.venue.control.state().size, 600);
  const row = bench.rows("execution").at(-1);
  assert.deepEqual([row?.["execType"], row?.["createType"], row?.["execFee"]], [
    "AdlTrade",
    "CreateByAdl_PassThrough",
    "0",
  ]);
  assert.ok(bench.rows("position").some((position) => position["positionStatus"] === "Adl"));
});

Deno.test("[F-2.1] venue: a fork is driven through the stop without touching the venue", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  bench.post("/v5/order/create", stop("s"));
  const fork = bench.venue.fork();
  fork.drive(point(2_880_000, { at: START + 1_000 }));
  assert.equal(fork.state().size, 0);
  assert.equal(fork.liquidated, false);
  const naked = new Bench([point(3_000_000)]);
  naked.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  const probe = naked.venue.fork();
  probe.drive(point(2_000_000, { at: START + 1_000 }));
  assert.equal(probe.liquidated, true);
  assert.equal(bench.venue.control.state().size, 1000);
  assert.equal(bench.venue.control.state().orders.length, 1);
});

Deno.test("[PROTOCOL-7] venue: an order's closedPnl is net of the fees that opened and closed it", () => {
  const bench = new Bench([
    point(8_010_000),
    point(7_999_000, { at: START + 10_000, volumeUsd: 1e6, askSize: 1e6 }),
    point(7_999_000, { at: START + 20_000, volumeUsd: 1e6, askSize: 1e6 }),
    point(7_999_000, { at: START + 30_000, volumeUsd: 1e6, askSize: 1e6 }),
    point(7_598_010, { at: START + 90_000 }),
  ]);
  bench.listen();
  bench.post("/v5/order/create", {
    side: "Buy",
    orderType: "Limit",
    qty: "1000",
    price: "80000",
    timeInForce: "PostOnly",
  });
  bench.clock.to(START + 60_000);
  assert.equal(bench.venue.control.state().size, 1000);
  bench.clock.to(START + 90_000);
  bench.post("/v5/order/create", { side: "Sell", orderType: "Market", qty: "1000", reduceOnly: true });
  const row = bench.rows("order").at(-1);
  assert.equal(row?.["avgPrice"], "75980");
  assert.equal(row?.["cumExecFee"], "0.00000724");
  assert.equal(row?.["closedPnl"], "-0.0006711");
  const closed = bench.list("/v5/position/closed-pnl")[0];
  assert.deepEqual([closed?.["closedPnl"], closed?.["side"], closed?.["closedSize"]], ["-0.0006711", "Sell", "1000"]);
});

Deno.test("[F-12.6] venue: in cross margin the whole wallet stands behind the position", () => {
  const account = { key: "test-key", secret: "test-secret", uid: "1", walletBtc: "1", leverageE2: 1000 };
  const bench = new Bench([point(3_000_000)], { account: { ...account, marginMode: "REGULAR_MARGIN" } });
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "10000" });
  const { liqPrice, walletSat, entryPrice } = bench.venue.control.state();
  const value = 10_000 / (entryPrice / 100);
  const expected = 10_000 / (value + walletSat / 1e8 - value * 0.005);
  assert.ok(Math.abs(liqPrice / 100 - expected) < 0.01, `${liqPrice / 100} instead of ${expected}`);
  assert.equal(bench.get("/v5/account/info").result["marginMode"], "REGULAR_MARGIN");
});

Deno.test("[F-12.8] venue: leverage is set once, refused beyond the limit, and moves the liquidation price", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "1000" });
  const before = bench.venue.control.state().liqPrice;
  const set = (leverage: string) =>
    bench.post("/v5/position/set-leverage", { buyLeverage: leverage, sellLeverage: leverage }).retCode;
  assert.deepEqual([set("3"), set("3"), set("101"), set("0.5")], [0, 110043, 110013, 110013]);
  assert.ok(bench.venue.control.state().liqPrice < before);
  assert.equal(bench.list("/v5/position/list")[0]?.["leverage"], "3");
});
