import assert from "node:assert/strict";
import { Bench, point, START, stop } from "./fake_exchange_harness.ts";

const MARKET = { side: "Buy", orderType: "Market", qty: "1000" };

Deno.test("[F-5.1] venue: a market order fills at the ask, a conditional stop rests, fires by mark and closes", () => {
  const bench = new Bench([
    point(3_000_000),
    point(2_910_000, { at: START + 10_000 }),
    point(2_890_000, { at: START + 20_000 }),
  ]);
  bench.listen();
  assert.equal(bench.post("/v5/order/create", { ...MARKET, orderLinkId: "e1" }).retCode, 0);
  assert.equal(bench.post("/v5/order/create", stop("s1")).retCode, 0);
  assert.equal(bench.list("/v5/order/realtime")[0]?.["orderStatus"], "Untriggered");
  const held = bench.list("/v5/position/list")[0];
  assert.equal(held?.["side"], "Buy");
  assert.equal(held?.["size"], "1000");
  assert.equal(held?.["avgPrice"], "30000.1");
  bench.clock.to(START + 10_000);
  assert.equal(bench.venue.control.state().size, 1000);
  bench.clock.to(START + 20_000);
  assert.equal(bench.venue.control.state().size, 0);
  const statuses = bench.rows("order").filter((row) => row["orderLinkId"] === "s1").map((row) => row["orderStatus"]);
  assert.deepEqual(statuses, ["Untriggered", "Triggered", "Filled"]);
  const last = bench.rows("execution").at(-1);
  assert.equal(last?.["execPrice"], "28899.9");
  assert.equal(last?.["closedSize"], "1000");
  assert.equal(bench.rows("position").at(-1)?.["side"], "");
});

Deno.test("[F-10.3] venue: an orderLinkId is taken once for ever", () => {
  const bench = new Bench([point(3_000_000)]);
  const order = { side: "Buy", orderType: "Limit", qty: "100", price: "29000", orderLinkId: "twice" };
  assert.equal(bench.post("/v5/order/create", order).retCode, 0);
  assert.equal(bench.post("/v5/order/create", order).retCode, 110072);
  assert.equal(bench.post("/v5/order/cancel", { orderLinkId: "twice" }).retCode, 0);
  assert.equal(bench.post("/v5/order/create", order).retCode, 110072);
  assert.equal(bench.post("/v5/order/cancel", { orderLinkId: "twice" }).retCode, 110001);
});

Deno.test("[F-10.6] venue: a PostOnly order that would cross is acked, then refused on the stream", () => {
  for (const word of ["Cancelled", "Rejected"] as const) {
    const bench = new Bench([point(3_000_000)], { switches: { postOnlyRefusal: word } });
    bench.listen();
    const reply = bench.post("/v5/order/create", {
      side: "Buy",
      orderType: "Limit",
      qty: "100",
      price: "30000.1",
      timeInForce: "PostOnly",
    });
    assert.equal(reply.retCode, 0);
    assert.equal(bench.rows("order").at(-1)?.["orderStatus"], word);
    assert.equal(bench.rows("order").at(-1)?.["rejectReason"], "EC_PostOnlyWillTakeLiquidity");
  }
});

Deno.test("[F-5.8] venue: a trigger on the wrong side is refused with 110092 / 110093", () => {
  const bench = new Bench([point(3_000_000)]);
  assert.equal(bench.post("/v5/order/create", stop("a", { triggerPrice: "30000" })).retCode, 110093);
  assert.equal(bench.post("/v5/order/create", stop("b", { triggerDirection: 1 })).retCode, 110092);
  assert.equal(bench.post("/v5/order/create", stop("c", { triggerPrice: "29999.9" })).retCode, 0);
});

Deno.test("[F-5.4] venue: the eleventh conditional order is refused, an unchanged amend too", () => {
  const bench = new Bench([point(3_000_000)]);
  for (let i = 0; i < 10; i++) {
    bench.clock.to(START + i * 1_000);
    assert.equal(bench.post("/v5/order/create", stop(`s${i}`)).retCode, 0);
  }
  bench.clock.to(START + 20_000);
  assert.equal(bench.post("/v5/order/create", stop("s10")).retCode, 110009);
  assert.equal(bench.post("/v5/order/amend", { orderLinkId: "s1", qty: "1000" }).retCode, 10001);
  assert.equal(bench.post("/v5/order/amend", { orderLinkId: "s1", qty: "900", triggerPrice: "28000" }).retCode, 0);
  const row = bench.list("/v5/order/realtime", "category=inverse&orderLinkId=s1")[0];
  assert.equal(row?.["qty"], "900");
  assert.equal(row?.["triggerPrice"], "28000");
});

Deno.test("[F-6.2] venue: reduce-only is refused flat and on the same side, and cut to the position", () => {
  const bench = new Bench([point(3_000_000)]);
  const exit = { side: "Sell", orderType: "Market", qty: "5000", reduceOnly: true };
  assert.equal(bench.post("/v5/order/create", exit).retCode, 110017);
  bench.post("/v5/order/create", MARKET);
  assert.equal(bench.post("/v5/order/create", { ...exit, side: "Buy" }).retCode, 110017);
  assert.equal(bench.post("/v5/order/create", exit).retCode, 0);
  assert.equal(bench.venue.control.state().size, 0);
});

Deno.test("[F-6.4] venue: a market exit beside a resting target is taken, cut or refused as drawn", () => {
  const sizes = (["ignored", "cut", "refused"] as const).map((exitBesideTarget) => {
    const bench = new Bench([point(3_000_000)], { switches: { exitBesideTarget } });
    bench.post("/v5/order/create", MARKET);
    const target = { side: "Sell", orderType: "Limit", price: "31000", qty: "600", timeInForce: "PostOnly" };
    assert.equal(bench.post("/v5/order/create", { ...target, reduceOnly: true }).retCode, 0);
    const exit = { side: "Sell", orderType: "Market", qty: "1000", reduceOnly: true };
    const { retCode } = bench.post("/v5/order/create", exit);
    return [retCode, bench.venue.control.state().size];
  });
  assert.deepEqual(sizes, [[0, 0], [0, 600], [110017, 1000]]);
});

Deno.test("[F-5.9] venue: a market order larger than the book fills in part, the rest is cancelled", () => {
  const bench = new Bench([point(3_000_000, { askSize: 5 })]);
  bench.listen();
  bench.post("/v5/order/create", MARKET);
  const row = bench.rows("order").at(-1);
  assert.equal(row?.["orderStatus"], "Cancelled");
  assert.equal(row?.["cumExecQty"], String(5 + 15 + 45 + 135 + 405));
  assert.equal(row?.["leavesQty"], "0");
  const empty = new Bench([point(3_000_000, { ask: null })], { switches: { marketOnEmptyBook: "refused" } });
  assert.equal(empty.post("/v5/order/create", MARKET).retCode, 110118);
});

Deno.test("[F-1.11] venue: IOC drops its rest, FOK takes all or nothing, GTC rests with the rest", () => {
  const tried = ["IOC", "FOK", "GTC"].map((timeInForce) => {
    const bench = new Bench([point(3_000_000, { askSize: 100 })]);
    bench.listen();
    bench.post("/v5/order/create", { side: "Buy", orderType: "Limit", qty: "300", price: "30000.1", timeInForce });
    const row = bench.rows("order").at(-1);
    return [row?.["orderStatus"], row?.["cumExecQty"]];
  });
  assert.deepEqual(tried, [["Cancelled", "100"], ["Cancelled", "0"], ["PartiallyFilled", "100"]]);
});

Deno.test("[F-1.15] venue: a resting order fills from the volume that went through its price", () => {
  const down = [1, 2, 3, 4, 5, 6].map((i) =>
    point(2_899_000, { at: START + i * 10_000, volumeUsd: 60, askSize: 60, bidSize: 60 })
  );
  const bench = new Bench([point(3_000_000), ...down]);
  bench.listen();
  bench.post("/v5/order/create", { side: "Buy", orderType: "Limit", qty: "100", price: "29000", orderLinkId: "r" });
  bench.clock.to(START + 10_000);
  const { size } = bench.venue.control.state();
  assert.ok(size > 0 && size <= 60, `filled ${size} of a volume of 60`);
  bench.clock.to(START + 70_000);
  assert.equal(bench.venue.control.state().size, 100);
  const fills = bench.rows("execution");
  assert.ok(fills.every((row) => row["isMaker"] === true && row["execPrice"] === "29000"));
  assert.equal(fills.reduce((sum, row) => sum + Number(row["execQty"]), 0), 100);
});

Deno.test("[F-12.6] venue: prices outside the band are moved, or refused once adjusting is off", () => {
  const bench = new Bench([point(3_000_000)]);
  const far = { side: "Buy", orderType: "Limit", qty: "100", price: "40000" };
  bench.listen();
  assert.equal(bench.post("/v5/order/create", { ...far, orderLinkId: "moved" }).retCode, 0);
  assert.equal(bench.rows("order").at(-1)?.["price"], "31500");
  assert.equal(bench.post("/v5/account/set-limit-px-action", { modifyEnable: false }).retCode, 0);
  assert.equal(bench.post("/v5/order/create", far).retCode, 110003);
});

Deno.test("[F-9] venue: an order beyond the free balance is refused in the ack or on the stream, as drawn", () => {
  const big = { side: "Buy", orderType: "Limit", qty: "400000", price: "29990", orderLinkId: "big" };
  const early = new Bench([point(3_000_000)]);
  assert.equal(early.post("/v5/order/create", big).retCode, 110007);
  const late = new Bench([point(3_000_000)], { switches: { lateChecks: "on_stream" } });
  late.listen();
  assert.equal(late.post("/v5/order/create", big).retCode, 0);
  assert.equal(late.rows("order").at(-1)?.["orderStatus"], "Rejected");
});

Deno.test("[F-5.1] venue: qty 0 closes whatever is open when it triggers", () => {
  const bench = new Bench([point(3_000_000), point(2_890_000, { at: START + 10_000 })]);
  bench.post("/v5/order/create", MARKET);
  assert.equal(bench.post("/v5/order/create", stop("all", { qty: "0" })).retCode, 0);
  bench.clock.to(START + 5_000);
  bench.post("/v5/order/create", MARKET);
  assert.equal(bench.venue.control.state().size, 2000);
  bench.clock.to(START + 10_000);
  assert.equal(bench.venue.control.state().size, 0);
});

Deno.test("[F-6.3] venue: a resting target shrinks with the position and is cancelled when nothing is left to reduce", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.listen();
  bench.post("/v5/order/create", MARKET);
  const target = { side: "Sell", orderType: "Limit", qty: "1000", price: "31000", timeInForce: "PostOnly" };
  bench.post("/v5/order/create", { ...target, reduceOnly: true, orderLinkId: "tp" });
  bench.venue.control.personTrades({ side: "Sell", qty: 400 });
  bench.venue.control.personTrades({ side: "Sell", qty: 600 });
  const rows = bench.rows("order").filter((row) => row["orderLinkId"] === "tp");
  assert.deepEqual(rows.map((row) => [row["orderStatus"], row["qty"], row["cancelType"]]), [
    ["New", "1000", "UNKNOWN"],
    ["New", "600", "UNKNOWN"],
    ["Cancelled", "600", "CancelByReduceOnly"],
  ]);
});

Deno.test("[F-5.2] venue: a trigger fires when its source touches it exactly, rising and falling", () => {
  for (const [side, triggerDirection, cents] of [["Buy", 1, 3_050_000], ["Sell", 2, 2_950_000]] as const) {
    const bench = new Bench([point(3_000_000), point(cents, { at: START + 10_000 })]);
    bench.post("/v5/order/create", { ...MARKET, side: side === "Buy" ? "Sell" : "Buy" });
    const triggerPrice = (cents / 100).toFixed(1);
    assert.equal(bench.post("/v5/order/create", stop("s", { side, triggerDirection, triggerPrice })).retCode, 0);
    bench.clock.to(START + 10_000);
    assert.equal(bench.venue.control.state().size, 0, side);
  }
});

Deno.test("[F-5.9] venue: what a taker ate is gone for the next taker, and there again within a second", () => {
  const bench = new Bench([point(3_000_000, { askSize: 300 })]);
  bench.listen();
  const small = { side: "Buy", orderType: "Market", qty: "300" };
  bench.post("/v5/order/create", small);
  bench.clock.to(START + 150);
  bench.post("/v5/order/create", small);
  bench.clock.to(START + 1_000);
  bench.post("/v5/order/create", small);
  assert.deepEqual(bench.rows("execution").map((row) => row["execPrice"]), ["30000.1", "30000.2", "30000.1"]);
});

Deno.test("[F-5.9] venue: a limit across the book takes what is offered again, one beside it waits", () => {
  const bench = new Bench([point(3_000_000, { askSize: 10 })]);
  bench.listen();
  const limit = (price: string, orderLinkId: string) =>
    bench.post("/v5/order/create", { side: "Buy", orderType: "Limit", qty: "25", price, orderLinkId });
  limit("30000.1", "across");
  limit("30000", "beside");
  const filled = (id: string) => bench.rows("order").filter((row) => row["orderLinkId"] === id).at(-1)?.["cumExecQty"];
  assert.equal(filled("across"), "10");
  bench.clock.to(START + 1_000);
  assert.ok(Number(filled("across")) > 10, `${filled("across")} filled`);
  assert.equal(filled("beside"), "0");
});
