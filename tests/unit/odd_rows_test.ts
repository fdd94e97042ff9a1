/** One odd row must not spoil a read: the rest is kept, the row is named once, nothing is guessed (F-4.8). */
import assert from "node:assert/strict";
import { Bench, ok, SINCE, START } from "./bybit_kit.ts";
import { textOf } from "./bybit_samples.ts";

const LINK = "grid_a3f8d2e1c4_l_stop_Sell";
type Fields = Record<string, unknown>;
function order(over: Fields): Fields {
  return { ...JSON.parse(textOf("synthetic/ws_order_inverse-new.json")).data[0], orderLinkId: LINK, ...over };
}
function fill(over: Fields): Fields {
  return { ...JSON.parse(textOf("synthetic/ws_execution_inverse-partial.json")).data[0], orderLinkId: LINK, ...over };
}
function list(rows: unknown[]): Fields {
  return { list: rows, nextPageCursor: "", category: "inverse" };
}

function executions(rows: unknown[]): Bench {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryExecutions", since: SINCE, protective: true });
  bench.take("/v5/execution/list").answer(ok(list(rows)));
  return bench;
}
const faults = (bench: Bench) => bench.of("ParseFault");

const ODD_FILLS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["side None", { side: "None" }],
  ["no price", { execPrice: "" }],
  ["a price beyond numbers", { execPrice: "1e400" }],
  ["no maker flag", { isMaker: null }],
  ["no time", { execTime: "" }],
];
for (const [name, odd] of ODD_FILLS) {
  Deno.test(`[F-4.8] an execution with ${name} among good ones: the good ones come, the read is complete, the odd one is named`, () => {
    const bench = executions([fill({ execId: "good1" }), fill({ execId: "odd1", ...odd }), fill({ execId: "good2" })]);
    const folded = bench.of("Executed").map((event) => event.execution.execId);
    assert.deepEqual([...folded].sort(), ["good1", "good2"]);
    assert.deepEqual(bench.of("ExecutionsAnswer").map((event) => event.result.kind), ["complete"]);
    assert.equal(faults(bench).length, 1);
    assert.equal(faults(bench)[0]?.first, true);
    assert.match(faults(bench)[0]?.detail ?? "", /odd1/);
  });
}

Deno.test("[F-4.8] a row that is no object is odd, too", () => {
  const bench = executions([fill({ execId: "good1" }), "row", null, 7, []]);
  assert.deepEqual(bench.of("Executed").map((event) => event.execution.execId), ["good1"]);
  assert.ok(faults(bench).length > 0);
});

Deno.test("[F-4.8] the same odd row is told once, however often it is read", () => {
  const bench = new Bench().ready();
  for (let turn = 0; turn < 5; turn += 1) {
    bench.adapter.send({ kind: "QueryExecutions", since: SINCE, protective: true });
    bench.take("/v5/execution/list").answer(ok(list([fill({ execId: "odd1", side: "None" })])));
  }
  assert.equal(bench.of("ExecutionsAnswer").length, 5);
  assert.equal(faults(bench).length, 1);
});

Deno.test("[F-4.8] an odd row in the list of open orders: the others come, and its id is said to be there, unread", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryOpenOrders", protective: true });
  const rows = [order({}), order({ orderLinkId: "grid_a3f8d2e1c4_l_target_Sell", orderId: "o2", side: "None" })];
  bench.take("/v5/order/realtime").answer(ok(list(rows)));
  const [event] = bench.of("OpenOrdersAnswer");
  assert.ok(event?.result.kind === "orders");
  assert.deepEqual(event.result.orders.map((row) => row.orderLinkId), [LINK]);
  assert.deepEqual(event.result.unread, ["grid_a3f8d2e1c4_l_target_Sell"]);
  assert.match(faults(bench)[0]?.detail ?? "", /grid_a3f8d2e1c4_l_target_Sell/);
});

Deno.test("[F-4.8] a list of open orders without odd rows says nothing about them", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryOpenOrders", protective: true });
  bench.take("/v5/order/realtime").answer(ok(list([order({})])));
  const [event] = bench.of("OpenOrdersAnswer");
  assert.ok(event?.result.kind === "orders");
  assert.ok(!("unread" in event.result));
});

Deno.test("[F-10.4] a look-up that meets an odd row has failed: that is no absence", () => {
  for (const path of ["realtime", "history"] as const) {
    const bench = new Bench().ready();
    bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
    if (path === "history") {
      for (let turn = 0; turn < 2; turn += 1) bench.take("/v5/order/realtime").answer(ok(list([])));
    }
    bench.take(`/v5/order/${path}`).answer(ok(list([order({ side: "None" })])));
    assert.deepEqual(bench.of("OrderLookup").map((event) => event.result.kind), ["failed"]);
  }
});

Deno.test("[F-4.8] an odd position row is no position: the read has failed, and it is told once as the first of its kind", () => {
  const bench = new Bench().ready();
  for (let turn = 0; turn < 3; turn += 1) {
    bench.adapter.send({ kind: "QueryPosition", protective: true });
    bench.take("/v5/position/list").answer(ok(list([{ symbol: "BTCUSD", positionIdx: 0, side: "Up", size: "5" }])));
  }
  assert.deepEqual(bench.of("PositionAnswer").map((event) => event.result.kind), ["failed", "failed", "failed"]);
  assert.deepEqual(faults(bench).map((event) => event.first ?? false), [true, false, false]);
});

Deno.test("[F-4.8] an odd candle is left out, the others come", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryBars", interval: "1h", count: 3 });
  const bar = (
    hour: number,
    close = "50000",
  ) => [
    String(Math.floor(START / 3_600_000) * 3_600_000 - hour * 3_600_000),
    "50000",
    "50100",
    "49900",
    close,
    "1",
    "1",
  ];
  bench.take("/v5/market/kline").answer(ok(list([bar(2), bar(3, "none"), bar(4)])));
  const [event] = bench.of("Bars");
  assert.equal(event?.bars.length, 2);
  assert.equal(faults(bench).length, 1);
});

Deno.test("[F-4.8] candles of which none can be read are a failed read, not an empty history", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryBars", interval: "1h", count: 3 });
  const bar = [
    String(Math.floor(START / 3_600_000) * 3_600_000 - 60_000),
    "50000",
    "50100",
    "49900",
    "50000",
    "1",
    "1",
  ];
  bench.take("/v5/market/kline").answer(ok(list([bar])));
  assert.equal(bench.of("Bars").length, 0);
  assert.equal(faults(bench).length, 1);
});
