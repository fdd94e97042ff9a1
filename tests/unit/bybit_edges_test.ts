import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAccount, parseBars, parseInstrument } from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { parseFrame } from "../../src/infrastructure/exchange/bybit/parse_ws.ts";
import { createBarGaps } from "../../src/infrastructure/exchange/bybit/bar_gaps.ts";
import { epochMs } from "../../src/domain/units.ts";
import { Bench, code, entry, ok, PONG, SINCE, START, stop } from "./bybit_kit.ts";
import { textOf } from "./bybit_samples.ts";

const AT = epochMs(START);
const ACK = '{"success":true,"ret_msg":"","op":"subscribe","conn_id":"c"}';
const AUTH = '{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}';
function instrument(lot: Record<string, unknown>, over: Record<string, unknown> = {}): unknown {
  const row = JSON.parse(textOf("rest_instruments-info_handmade-inverse.json")).result.list[0];
  return { list: [{ ...row, fundingInterval: 480, ...over, lotSizeFilter: { ...row.lotSizeFilter, ...lot } }] };
}
function faultOf(text: string): string {
  const frame = parseFrame(text, AT);
  return frame.kind === "fault" ? frame.detail : frame.kind === "private" ? frame.fault ?? "" : frame.kind;
}

Deno.test("[F-4.7] an ack before the auth, or a second one, makes nothing ready", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  const socket = bench.private();
  socket.handlers.onOpen();
  socket.handlers.onText(ACK);
  assert.deepEqual(bench.links("private"), ["connecting"]);
  socket.handlers.onText(AUTH);
  assert.deepEqual(bench.links("private"), ["connecting"]);
  socket.handlers.onText(ACK);
  socket.handlers.onText(ACK);
  assert.deepEqual(bench.links("private"), ["connecting", "ready"]);
  const open = bench.public();
  open.handlers.onOpen();
  open.handlers.onText(ACK);
  open.handlers.onText(ACK);
  assert.deepEqual(bench.links("public"), ["connecting"]);
});

Deno.test("[P-7] instrument: notional rounds up, steps and filters that cannot be are refused", () => {
  assert.equal(parseInstrument(instrument({ minNotionalValue: "5" })).minNotional, 5);
  assert.equal(parseInstrument(instrument({ minNotionalValue: "0.5" })).minNotional, 1);
  assert.equal(parseInstrument(instrument({ minNotionalValue: "" })).minNotional, 0);
  assert.equal(parseInstrument(instrument({ maxMktOrderQty: undefined })).maxMarketOrderQty, 1_000_000);
  for (const lot of [{ qtyStep: "0" }, { qtyStep: "0.5" }, { minOrderQty: 1 }, { minNotionalValue: "x" }]) {
    assert.throws(() => parseInstrument(instrument(lot)), /Cannot read/);
  }
  assert.throws(() => parseInstrument(instrument({}, { priceFilter: { tickSize: "0.00" } })), /tickSize/);
  for (const over of [{ fundingInterval: 0 }, { fundingInterval: "480" }, { priceFilter: { tickSize: "0.001" } }]) {
    assert.throws(() => parseInstrument(instrument({}, over)), /Cannot read/);
  }
  assert.throws(() => parseAccount({ unifiedMarginStatus: 5 }), /marginMode/);
});

Deno.test("[F-4.8] candles off the grid, turned inside out or of another shape are faults", () => {
  const minute = Math.floor(START / 60_000) * 60_000;
  const kline = (row: Record<string, unknown> | number) =>
    faultOf(JSON.stringify({ topic: "kline.1.BTCUSD", data: [row], ts: 1, type: "snapshot" }));
  const good = { start: minute, open: "100", high: "101", low: "99", close: "100", confirm: true };
  assert.equal(kline(good), "bars");
  assert.match(kline({ ...good, start: minute + 1 }), /kline.start/);
  assert.match(kline({ ...good, high: "99.5" }), /extremes/);
  assert.match(kline({ ...good, low: "100.5" }), /extremes/);
  assert.match(kline({ ...good, low: "0", open: "0", close: "0" }), /extremes/);
  assert.match(kline({ ...good, confirm: "true" }), /confirm/);
  assert.match(kline(5), /kline.row/);
  const bars = (list: unknown) => () => parseBars({ list }, { interval: "1m", now: START });
  assert.throws(bars([{ start: 1 }]), /kline.row/);
  assert.throws(bars("none"), /result.list/);
  const row = [String(minute - 60_000), "100", "101", "99", "100", "1", "1"];
  assert.equal(parseBars({ list: [row] }, { interval: "1m", now: minute }).length, 1);
  assert.equal(parseBars({ list: [row] }, { interval: "1m", now: minute - 1 }).length, 0);
});

Deno.test("[F-4.8] books and tickers of another market or shape are faults or left out, empty quotes are none", () => {
  const book = (data: unknown) =>
    faultOf(JSON.stringify({ topic: "orderbook.1.BTCUSD", type: "snapshot", data, ts: 1 }));
  assert.equal(book({ s: "BTCUSD", b: [], a: [["1", "1"]] }), "book");
  assert.match(book({ s: "ETHUSD", b: [], a: [] }), /orderbook.s/);
  assert.match(book({ s: "BTCUSD", b: [7], a: [] }), /orderbook.b/);
  assert.match(book(null), /orderbook.data/);
  const ticker = parseFrame(
    '{"topic":"tickers.BTCUSD","type":"snapshot","data":{"symbol":"BTCUSD","bid1Price":"","bid1Size":"","ask1Price":"0"}}',
    AT,
  );
  assert.ok(ticker.kind === "ticker");
  assert.deepEqual(ticker.part, { bid: null, bidSize: null, ask: null });
  assert.equal(ticker.cs, null);
});

Deno.test("[F-4.8] a position with a size needs a side; rows that are no rows are faults", () => {
  const frame = JSON.parse(textOf("synthetic/ws_position_inverse-long.json"));
  const read = (row: unknown) => faultOf(JSON.stringify({ ...frame, data: [row] }));
  assert.equal(read(frame.data[0]), "");
  assert.match(read({ ...frame.data[0], side: "" }), /position.side/);
  assert.match(read({ ...frame.data[0], side: "None", size: "1" }), /position.side/);
  const bare = parseFrame(JSON.stringify({ ...frame, data: [{ ...frame.data[0], leverage: "" }] }), AT);
  assert.ok(bare.kind === "private" && bare.events[0]?.kind === "PositionSeen");
  assert.equal(bare.events[0].position.leverageE2, null);
  const flat = parseFrame(JSON.stringify({ ...frame, data: [{ ...frame.data[0], size: "0" }] }), AT);
  assert.ok(flat.kind === "private" && flat.events[0]?.kind === "PositionSeen");
  assert.equal(flat.events[0].position.side, null);
  assert.match(read(null), /position/);
  assert.match(read(17), /position/);
});

Deno.test("[F-4.7] candle gaps: nothing is owed before the first, in order, or within the grace", () => {
  const gaps = createBarGaps(["1m"]);
  const minute = 60_000;
  assert.deepEqual(gaps.due(10 * minute), []);
  gaps.seen("1m", [0, minute, 2 * minute]);
  assert.deepEqual(gaps.due(4 * minute + 14_999), []);
  gaps.seen("1m", [minute]);
  assert.deepEqual(gaps.due(4 * minute + 15_000), [{ interval: "1m", from: 3 * minute }]);
  assert.deepEqual(gaps.due(5 * minute + 14_999), []);
  assert.deepEqual(gaps.due(5 * minute + 15_000), [{ interval: "1m", from: 3 * minute }]);
  gaps.seen("1m", [5 * minute, 4 * minute, 3 * minute]);
  assert.deepEqual(gaps.due(7 * minute), []);
  gaps.seen("1m", [8 * minute, 7 * minute]);
  assert.deepEqual(gaps.due(7 * minute), [{ interval: "1m", from: 6 * minute }]);
});

Deno.test("[F-4.7] candle gaps: a look that finds nothing changes no later answer", () => {
  const minute = 60_000;
  let owed = 0;
  const act = fc.record({
    passed: fc.constantFrom(5_000, 5_000, 14_999, 14_999, minute, 50 * minute),
    back: fc.constantFrom(false, false, false, true),
    interval: fc.constantFrom("1m", "1h"),
    start: fc.constantFrom(null, null, null, 0, 1, 2),
  });
  fc.assert(fc.property(fc.array(act, { minLength: 20, maxLength: 60, size: "max" }), (acts) => {
    const [gaps, looked] = [createBarGaps(["1m", "1h"]), createBarGaps(["1m", "1h"])];
    let now = 100 * 60 * minute;
    for (const { passed, back, interval, start } of acts) {
      now += back ? -passed / 5 : passed;
      const length = interval === "1m" ? minute : 60 * minute;
      const starts = start === null ? [] : [Math.floor(now / length - start) * length];
      if (start !== null) gaps.seen(interval, starts);
      // Told of no candle, it looks at everything again.
      looked.seen(interval, starts);
      const due = gaps.due(now);
      if (due.length > 0) owed++;
      assert.deepEqual(due, looked.due(now));
    }
  }));
  assert.ok(owed > 20, `${owed} times something was due`);
});

Deno.test("[F-7.22] the heartbeat counts every frame, and the silence is measured from the last one", () => {
  const bench = new Bench().ready();
  bench.clock.move(7_000);
  bench.private().handlers.onText('{"topic":"dcp"}');
  bench.public().handlers.onText(PONG);
  bench.clock.move(9_999);
  assert.equal(bench.private().abandoned, false);
  bench.clock.move(1);
  assert.ok(bench.sockets.slice(0, 2).every((socket) => socket.abandoned));
});

Deno.test("[F-7.14] a pause or a ban that is over is over: calls go out again, a later ban is told again", () => {
  const bench = new Bench().ready();
  const forbid = () => {
    bench.adapter.send(stop(`s${bench.clock.mono}`));
    bench.take("/v5/order/create").answer({ kind: "reply", status: 403, headers: {}, body: "" });
  };
  forbid();
  bench.clock.move(599_999);
  bench.adapter.send(stop("early"));
  assert.equal(bench.of("PlaceAnswer").at(-1)?.outcome.kind, "notSent");
  bench.clock.move(1);
  if (bench.paths().includes("/v5/market/time")) bench.answerTime();
  forbid();
  assert.equal(bench.of("IpBanned").length, 2);
  const fresh = new Bench().ready();
  fresh.adapter.send(stop("a"));
  const reset = String(fresh.adapter.serverNow() + 10_001);
  fresh.take("/v5/order/create").answer(code(10006, { "x-bapi-limit-reset-timestamp": reset }));
  fresh.adapter.send(stop("b"));
  // A reset further away than ten seconds is not believed.
  fresh.clock.move(1_500);
  assert.deepEqual(fresh.paths(), ["/v5/order/create"]);
});

Deno.test("[F-7.10] protective calls leave the minute too; close() drops what waits in both lanes", () => {
  const bench = new Bench().ready();
  bench.adapter.send(stop("a"));
  bench.take("/v5/order/create").answer(code(10006));
  assert.equal(bench.adapter.vitals().restProtectiveCalls60s, 2);
  bench.alive(62_000);
  assert.equal(bench.adapter.vitals().restProtectiveCalls60s, 0);
  bench.adapter.send(stop("b"));
  bench.take("/v5/order/create").answer(code(10006));
  bench.adapter.send(stop("c"));
  bench.adapter.send(entry());
  bench.adapter.close();
  bench.adapter.send({ kind: "QueryInstrument" });
  bench.clock.move(10_000);
  assert.deepEqual(bench.requests, []);
});

Deno.test("[F-4.8] a list that never ends is given up after fifty further pages", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryExecutions", since: SINCE, protective: true });
  let pages = 0;
  while (bench.paths().includes("/v5/execution/list") && pages < 80) {
    bench.take("/v5/execution/list").answer(ok({ list: [{ symbol: "X" }], nextPageCursor: `c${pages++}` }));
    bench.clock.move(100);
  }
  assert.equal(pages, 51);
  assert.equal(bench.of("ExecutionsAnswer")[0]?.result.kind, "failed");
});

Deno.test("[F-12.6] an expired key has no day left, one without a date never ends", () => {
  const days = (over: Record<string, unknown>) => {
    const bench = new Bench().ready();
    const key = JSON.parse(textOf("rest_apikey-info_testnet.json")).result;
    bench.adapter.send({ kind: "QueryKey" });
    bench.take("/v5/user/query-api").answer(ok({ ...key, ...over }));
    const [event] = bench.of("KeyAnswer");
    return event?.result.kind === "key" ? event.result.daysLeft : undefined;
  };
  assert.equal(days({ deadlineDay: 0 }), 0);
  assert.equal(days({ deadlineDay: -1, expiredAt: new Date(START - 5e9).toISOString() }), 0);
  assert.equal(days({ deadlineDay: -2, expiredAt: "never" }), null);
});

Deno.test("[F-7.5] a call cut short is a sample of its own length, only a timeout one of the full timeout", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryWallet" });
  const sent = bench.take("/v5/account/wallet-balance");
  bench.clock.move(30);
  sent.answer({ kind: "failed", cause: "lost", message: "" });
  assert.equal(bench.adapter.vitals().restP95, 30);
});

Deno.test("[F-7.14] 429 counts by status and by code, and an answered call ends its growing", () => {
  const bench = new Bench().ready();
  bench.random = 0;
  const path = "/v5/account/wallet-balance";
  const pause = (answer: Parameters<ReturnType<Bench["take"]>["answer"]>[0]) => {
    bench.adapter.send({ kind: "QueryWallet" });
    bench.take(path).answer(answer);
    bench.adapter.send({ kind: "QueryWallet" });
    let waited = 0;
    while (!bench.paths().includes(path) && waited < 5_000) {
      bench.clock.move(1);
      waited++;
    }
    bench.take(path).answer(ok({ list: [{ coin: [] }] }));
    return waited;
  };
  const tooMany = { kind: "reply", status: 429, headers: {}, body: "" } as const;
  assert.deepEqual([pause(tooMany), pause(code(429)), pause(tooMany)], [1_000, 1_000, 1_000]);
  const refusals = bench.of("WalletAnswer").map((event) =>
    event.result.kind === "failed" ? event.result.outcome : null
  );
  assert.deepEqual(refusals[0], { kind: "unknown", cause: "rate_limit", code: 429 });
  assert.deepEqual(refusals[2], { kind: "unknown", cause: "rate_limit", code: 429 });
});
