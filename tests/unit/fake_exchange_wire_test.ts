import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { FAULT_NAMES, type FaultName } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { drawSwitches } from "../../src/infrastructure/exchange/fake_exchange/switches.ts";
import { queryOf } from "../../src/infrastructure/exchange/fake_exchange/wire/wire_rest.ts";
import { Bench, point, START, stop } from "./fake_exchange_harness.ts";

const LIMIT = { side: "Buy", orderType: "Limit", qty: "100", price: "29000", timeInForce: "PostOnly" };

Deno.test("[PROTOCOL-1.1] venue: key, time window and signature are checked; public paths need none", () => {
  const bench = new Bench([point(3_000_000)]);
  const ask = (headers: Record<string, string>) => {
    const { body } = bench.venue.rest({ method: "GET", path: "/v5/account/info", query: "", headers, body: "" });
    return JSON.parse(body).retCode;
  };
  const signed = (at: number, more: Record<string, string> = {}) => ({
    "x-bapi-api-key": "test-key",
    "x-bapi-timestamp": String(at),
    "x-bapi-recv-window": "5000",
    "x-bapi-sign": createHmac("sha256", "test-secret").update(`${at}test-key5000`).digest("hex"),
    ...more,
  });
  assert.equal(ask({}), 10001);
  assert.equal(ask(signed(START)), 0);
  assert.equal(ask(signed(START + 999)), 0);
  assert.equal(ask(signed(START + 1000)), 10002);
  assert.equal(ask(signed(START - 5000)), 0);
  assert.equal(ask(signed(START - 5001)), 10002);
  assert.equal(ask(signed(START, { "x-bapi-api-key": "other" })), 10003);
  assert.equal(ask(signed(START, { "x-bapi-sign": "00" })), 10004);
});

Deno.test("[PROTOCOL-6] venue: the eleventh create of a second is 10006, headers count down, 601 requests are a ban", () => {
  const bench = new Bench([point(3_000_000)]);
  const left: (string | undefined)[] = [];
  for (let i = 0; i < 10; i++) left.push(bench.post("/v5/order/create", LIMIT).headers["x-bapi-limit-status"]);
  assert.deepEqual([left[0], left[9]], ["9", "0"]);
  assert.equal(bench.post("/v5/order/create", LIMIT).retCode, 10006);
  bench.clock.to(START + 1_001);
  assert.equal(bench.post("/v5/order/create", LIMIT).retCode, 0);
  for (let i = 0; i < 587; i++) bench.get("/v5/market/time", "");
  assert.equal(bench.get("/v5/market/time", "").status, 200);
  assert.equal(bench.get("/v5/market/time", "").status, 403);
  bench.clock.to(START + 500_000);
  assert.equal(bench.get("/v5/market/time", "").status, 403);
  bench.clock.to(START + 602_000);
  assert.equal(bench.get("/v5/market/time", "").status, 200);
});

Deno.test("[F-4.7] venue: categorised topics, mixing them, and both spellings of the frame's topic", () => {
  for (const topicName of ["plain", "categorised"] as const) {
    const bench = new Bench([point(3_000_000)], { switches: { topicName } });
    const got: string[] = [];
    const line = bench.venue.connect("/v5/private", { send: (text) => got.push(text), close: () => {} });
    const sign = createHmac("sha256", "test-secret").update(`GET/realtime${START + 1}`).digest("hex");
    line.receive('{"op":"subscribe","args":["order"]}');
    line.receive(JSON.stringify({ op: "auth", args: ["test-key", START + 1, sign], req_id: "a" }));
    line.receive('{"op":"subscribe","args":["order","order.inverse"]}');
    line.receive('{"op":"subscribe","args":["order.inverse"],"req_id":"s"}');
    line.receive('{"op":"ping"}');
    const said = got.map((text) => JSON.parse(text));
    assert.deepEqual(said.slice(0, 4).map((frame) => frame.success), [false, true, false, true]);
    assert.equal(said[4].op, "pong");
    bench.post("/v5/order/create", LIMIT);
    assert.equal(JSON.parse(got.at(-1) ?? "").topic, topicName === "plain" ? "order" : "order.inverse");
  }
});

Deno.test("[F-4.3] venue: lists lag behind as drawn while the stream does not", () => {
  const bench = new Bench([point(3_000_000)], {
    switches: { positionLagMs: 2_000, orderLagMs: 2_000, historyLagMs: 2_000 },
  });
  bench.listen();
  bench.clock.to(START + 10_000);
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100" });
  bench.post("/v5/order/create", stop("s", { qty: "100" }));
  const seen = () => [
    bench.list("/v5/position/list")[0]?.["size"],
    bench.list("/v5/order/realtime").length,
    bench.list("/v5/execution/list").length,
  ];
  assert.equal(bench.rows("execution").length, 1);
  bench.clock.to(START + 11_900);
  assert.deepEqual(seen(), ["0", 0, 0]);
  bench.clock.to(START + 12_000);
  assert.deepEqual(seen(), ["100", 1, 1]);
});

Deno.test("[F-5.4] venue: a lagging list shows an amended order as it was, not as if it had never been", () => {
  const bench = new Bench([point(3_000_000)], { switches: { orderLagMs: 2_000 } });
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100" });
  bench.post("/v5/order/create", stop("s", { qty: "80" }));
  const qty = () => bench.list("/v5/order/realtime").map((row) => row["qty"]);
  bench.clock.to(START + 60_000);
  assert.deepEqual(qty(), ["80"]);
  bench.post("/v5/order/amend", { orderLinkId: "s", qty: "100" });
  assert.deepEqual(qty(), ["80"]);
  bench.clock.to(START + 62_000);
  assert.deepEqual(qty(), ["100"]);
});

Deno.test("[F-5.9] venue: a stop that went off under a new id is not listed under its old one for ever", () => {
  const fallen = point(2_890_000, { at: START + 30_000 });
  const bench = new Bench([point(3_000_000), fallen], {
    switches: { orderLagMs: 2_000, orderIdAfterTrigger: "new", triggeredStatus: "skipped" },
  });
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100" });
  bench.post("/v5/order/create", stop("s", { qty: "100" }));
  bench.clock.to(START + 29_000);
  assert.equal(bench.list("/v5/order/realtime").length, 1);
  bench.clock.to(START + 40_000);
  assert.equal(bench.list("/v5/order/realtime").length, 0);
});

Deno.test("[F-10.4] venue: an unknown outcome may or may not have been executed", () => {
  const executed = new Set<boolean>();
  for (let seed = 0; seed < 20; seed++) {
    const bench = new Bench([point(3_000_000)], { seed });
    bench.venue.control.injectFault("ret_10016");
    assert.equal(bench.post("/v5/order/create", { ...LIMIT, orderLinkId: "u" }).retCode, 10016);
    executed.add(bench.venue.control.state().orders.length === 1);
    assert.equal(bench.venue.faultCounts()["ret_10016"], 1);
  }
  assert.equal(executed.size, 2);
});

/** What has to be there for a fault to have something to hit, and one act that gives per-opportunity faults their turn. */
function provoke(bench: Bench, name: FaultName): void {
  bench.listen();
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100" });
  bench.post("/v5/order/create", stop("old", { qty: "100" }));
  bench.venue.control.injectFault(name);
  bench.post("/v5/order/create", { ...LIMIT, orderLinkId: "entry" });
  bench.post("/v5/order/create", stop("new", { qty: "50" }));
  bench.post("/v5/order/cancel", { orderLinkId: "entry" });
  bench.listen();
  bench.clock.to(START + 60_000);
}

Deno.test("[F-9] venue: every fault by name fires once when injected and is logged", () => {
  for (const name of FAULT_NAMES) {
    const bench = new Bench([point(3_000_000), point(2_890_000, { at: START + 30_000 })]);
    provoke(bench, name);
    assert.equal(bench.venue.faultCounts()[name], 1, name);
    assert.equal(bench.log.filter((entry) => entry.kind === "fault" && entry.name === name).length, 1, name);
  }
});

Deno.test("[F-7.17] venue: announced maintenance is listed before, refuses during, and ends", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.venue.control.maintenance({ fromMs: START + 60_000, toMs: START + 120_000 });
  const seen = [START + 1, START + 60_000, START + 120_000].map((at) => {
    bench.clock.to(at);
    return [bench.list("/v5/system/status", "")[0]?.["state"], bench.get("/v5/account/info", "").status];
  });
  assert.deepEqual(seen, [["scheduled", 200], ["ongoing", 503], ["completed", 200]]);
});

Deno.test("[F-3.3] venue: the same seed draws the same switches, another seed others", () => {
  assert.deepEqual(drawSwitches(5), drawSwitches(5));
  assert.notDeepEqual(drawSwitches(5), drawSwitches(6));
  const values = new Map<string, Set<unknown>>();
  for (let seed = 0; seed < 60; seed++) {
    for (const [name, value] of Object.entries(drawSwitches(seed))) {
      values.set(name, (values.get(name) ?? new Set()).add(value));
    }
  }
  for (const [name, seen] of values) assert.ok(seen.size > 1, `${name} is always ${[...seen]}`);
});

Deno.test("[F-4.2] venue: a cancel just after the fill is refused, or acked with a second Filled frame, as drawn", () => {
  const tried = (["refused", "second_filled"] as const).map((lateCancel) => {
    const bench = new Bench([point(3_000_000)], { switches: { lateCancel } });
    bench.listen();
    bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100", orderLinkId: "m" });
    const { retCode } = bench.post("/v5/order/cancel", { orderLinkId: "m" });
    const rows = bench.rows("order");
    return [retCode, rows.map((row) => row["orderStatus"]), rows.at(-1)?.["rejectReason"]];
  });
  assert.deepEqual(tried, [
    [110001, ["Filled"], "EC_NoError"],
    [0, ["Filled", "Filled"], "EC_OrigClOrdIDDoesNotExist"],
  ]);
});

Deno.test("[F-11.4] venue: a second bot trades with ids of the same form as the first bot's", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.listen();
  bench.post("/v5/order/create", { ...LIMIT, orderLinkId: "scen_0123456789_l_Buy" });
  bench.venue.control.injectFault("second_bot");
  assert.match(String(bench.rows("execution").at(-1)?.["orderLinkId"]), /^scen_[0-9a-f]{10}_l_Buy$/);
});

Deno.test("[F-9] venue: a fault with nothing to hit waits until there is something", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.venue.control.injectFault("liquidation");
  assert.equal(bench.venue.faultCounts()["liquidation"], undefined);
  bench.clock.to(START + 70_000);
  bench.post("/v5/order/create", { side: "Buy", orderType: "Market", qty: "100" });
  bench.clock.to(START + 130_000);
  assert.equal(bench.venue.faultCounts()["liquidation"], 1);
  assert.equal(bench.venue.control.state().size, 0);
});

Deno.test("[F-5.3] venue: an acked amend may change nothing when drawn so, and always works otherwise", () => {
  const lost = (amendOutcome: "applied" | "sometimes_lost") => {
    let count = 0;
    for (let seed = 0; seed < 60; seed++) {
      const bench = new Bench([point(3_000_000)], { seed, switches: { amendOutcome } });
      bench.post("/v5/order/create", stop("s"));
      assert.equal(bench.post("/v5/order/amend", { orderLinkId: "s", qty: "900" }).retCode, 0);
      if (bench.venue.control.state().orders[0]?.qty === 1000) count++;
    }
    return count;
  };
  assert.equal(lost("applied"), 0);
  assert.ok(lost("sometimes_lost") > 0);
});

Deno.test("[F-10.4] venue: lists page by cursor, also when the client encodes it again, without loss or repetition", () => {
  const bench = new Bench([point(3_000_000)]);
  for (let i = 0; i < 23; i++) {
    bench.clock.to(START + i * 200);
    bench.post("/v5/order/create", { ...LIMIT, orderLinkId: `p${i}` });
  }
  for (const encode of [(text: string) => text, encodeURIComponent]) {
    const seen: unknown[] = [];
    let cursor = "";
    for (let page = 0; page < 9; page++) {
      const query = `category=inverse&symbol=BTCUSD&limit=5${cursor === "" ? "" : `&cursor=${encode(cursor)}`}`;
      const { result } = bench.get("/v5/order/realtime", query);
      if (Array.isArray(result["list"])) seen.push(...result["list"].map((row) => row.orderLinkId));
      cursor = String(result["nextPageCursor"]);
      if (cursor === "") break;
    }
    assert.deepEqual(seen, Array.from({ length: 23 }, (_, i) => `p${22 - i}`));
  }
});

Deno.test("[F-10.4] venue: a finished order leaves realtime, shows in openOnly=1 and history, unfilled for a day", () => {
  const bench = new Bench([point(3_000_000)]);
  bench.post("/v5/order/create", { ...LIMIT, orderLinkId: "gone" });
  bench.post("/v5/order/cancel", { orderLinkId: "gone" });
  const query = "category=inverse&orderLinkId=gone";
  const seen = () => [
    bench.list("/v5/order/realtime", query).length,
    bench.list("/v5/order/realtime", `${query}&openOnly=1`).length,
    bench.list("/v5/order/history", query).length,
  ];
  assert.deepEqual(seen(), [0, 1, 1]);
  bench.clock.to(START + 25 * 3_600_000);
  assert.deepEqual(seen(), [0, 0, 0]);
});

Deno.test("[PROTOCOL-1.1] venue: a query gives the first value of a name, decoded", () => {
  const query = queryOf("category=inverse&cursor=a%3A1%2B&limit&symbol=BTC+USD&category=linear&x=1=2&=y");
  assert.equal(query("category"), "inverse");
  assert.equal(query("cursor"), "a:1+");
  assert.equal(query("symbol"), "BTC USD");
  assert.equal(query("x"), "1=2");
  for (const name of ["limit", "cat", "orderId"]) assert.equal(query(name), "");
  assert.equal(queryOf("")("category"), "");
});
