import assert from "node:assert/strict";
import { createBybitAdapter } from "../../src/infrastructure/exchange/bybit/bybit_adapter.ts";
import { Bench, configOf, KEY, ok, PONG, SECRET, SNAPSHOT, START } from "./bybit_kit.ts";
import { textOf } from "./bybit_samples.ts";

const PING = '{"op":"ping"}';
const ACK = '{"success":true,"ret_msg":"","op":"subscribe","req_id":"s1","conn_id":"c"}';
const AUTH = '{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}';
function delta(data: Record<string, unknown>, cs = 2000): string {
  return JSON.stringify({ topic: "tickers.BTCUSD", type: "delta", data: { symbol: "BTCUSD", ...data }, cs, ts: START });
}
function kline(word: string, startAt: number, confirm = true): string {
  const row = { start: startAt, end: 0, interval: word, open: "100", high: "101", low: "99", close: "100.5", confirm };
  return JSON.stringify({ topic: `kline.${word}.BTCUSD`, type: "snapshot", ts: START, data: [row] });
}

Deno.test("[F-12.1] any host but the two of the testnet throws at construction", () => {
  const bench = new Bench();
  const build = (restUrl: string, wsUrl: string) => () =>
    createBybitAdapter({
      platform: bench.platform,
      key: KEY,
      secret: SECRET,
      restUrl,
      wsUrl,
      config: configOf(),
      emit: () => {},
      recheckEntry: () => null,
    });
  const rest = "https://api-testnet.bybit.com";
  const ws = "wss://stream-testnet.bybit.com";
  for (
    const [r, w] of [
      ["https://api.bybit.com", ws],
      [rest, "wss://stream.bybit.com"],
      [`${rest}/`, ws],
      ["http://api-testnet.bybit.com", ws],
      ["https://api-testnet.bybit.com.evil.example", ws],
      [rest, "ws://127.0.0.1:80"],
      ["", ""],
    ] as const
  ) assert.throws(build(r, w), /locked to/);
  build(rest, ws)().close();
});

Deno.test("[F-4.7] auth, wait, subscribe, wait: categorised topics only, in one request", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  const socket = bench.private();
  assert.deepEqual(socket.out, []);
  socket.handlers.onOpen();
  const [auth] = socket.out;
  assert.deepEqual(JSON.parse(auth ?? "").args.slice(0, 2), [KEY, START + 10_000]);
  socket.handlers.onText(PONG);
  assert.equal(socket.out.length, 1);
  socket.handlers.onText(AUTH);
  assert.deepEqual(JSON.parse(socket.out[1] ?? ""), {
    req_id: "s1",
    op: "subscribe",
    args: ["execution.inverse", "order.inverse", "position.inverse", "wallet"],
  });
  assert.deepEqual(bench.links("private"), ["connecting"]);
  socket.handlers.onText(ACK);
  assert.deepEqual(bench.links("private"), ["connecting", "ready"]);
  bench.public().handlers.onOpen();
  assert.deepEqual(JSON.parse(bench.public().out[0] ?? "").args, [
    "tickers.BTCUSD",
    "kline.60.BTCUSD",
    "kline.D.BTCUSD",
    "orderbook.1.BTCUSD",
  ]);
});

Deno.test("[F-4.7] the public stream is ready with its ack and its first snapshot, in either order", () => {
  for (const frames of [[ACK, SNAPSHOT], [SNAPSHOT, ACK]]) {
    const bench = new Bench();
    bench.adapter.connect();
    bench.answerTime();
    bench.public().handlers.onOpen();
    bench.public().handlers.onText(frames[0] ?? "");
    assert.deepEqual(bench.links("public"), ["connecting"]);
    bench.public().handlers.onText(frames[1] ?? "");
    assert.deepEqual(bench.links("public"), ["connecting", "ready"]);
  }
});

Deno.test("[F-4.7] a subscription without first data is abandoned and tried again", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  const first = bench.public();
  first.handlers.onOpen();
  first.handlers.onText(ACK);
  bench.clock.move(9_999);
  assert.equal(first.abandoned, false);
  bench.clock.move(1);
  assert.equal(first.abandoned, true);
  bench.clock.move(500);
  assert.notEqual(bench.public(), first);
  const causes = bench.of("Link").filter((event) => event.stream === "public").map((event) => event.cause);
  assert.deepEqual(causes, ["start", "after: not ready after 10 s: awaiting_data"]);
});

Deno.test("[F-7.15] a refused auth is told and only reconnects, in both shapes; nothing of it is logged", () => {
  for (const name of ["ws_auth_fail-10003-handmade.json", "ws_auth_fail-private-old.json"]) {
    const bench = new Bench();
    bench.adapter.connect();
    bench.answerTime();
    const first = bench.private();
    first.handlers.onOpen();
    first.handlers.onText(textOf(name));
    assert.deepEqual(bench.links("private"), ["connecting", "auth_refused"]);
    assert.ok(first.abandoned);
    bench.clock.move(500);
    assert.deepEqual(bench.links("private"), ["connecting", "auth_refused", "connecting"]);
    assert.ok(!JSON.stringify(bench.events).includes("USVC1111"));
  }
});

Deno.test("[F-4.7] a refused subscription reconnects with the venue's words as cause", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  bench.public().handlers.onOpen();
  bench.public().handlers.onText(textOf("ws_subscribe_fail-handmade.json"));
  bench.clock.move(500);
  assert.match(bench.of("Link").at(-1)?.cause ?? "", /subscription refused: Invalid topic/);
});

Deno.test("[F-4.7] acks of other requests, late auths and unknown frames change nothing", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  const socket = bench.private();
  socket.handlers.onOpen();
  socket.handlers.onText(textOf("ws_auth_auth-resp-old.json"));
  socket.handlers.onText(textOf("ws_subscribe_ok-inverse-real.json"));
  socket.handlers.onText('{"op":"order.create","retCode":0}');
  socket.handlers.onText('{"topic":"dcp.inverse","data":[]}');
  assert.equal(socket.out.length, 1);
  socket.handlers.onText(AUTH);
  socket.handlers.onText(ACK);
  socket.handlers.onText(AUTH);
  socket.handlers.onText(ACK);
  assert.equal(socket.out.length, 2);
  assert.deepEqual(bench.links("private"), ["connecting", "ready"]);
  assert.equal(bench.adapter.ignored(), 3);
});

Deno.test("[F-7.22] a ping every 5 s on each socket; every shape of pong keeps the session", () => {
  const bench = new Bench().ready();
  const pongs = ["ws_pong_private.json", "ws_pong_public.json", "ws_pong_public-real.json", "ws_pong_option.json"];
  for (const socket of [bench.private(), bench.public()]) socket.out.length = 0;
  for (let i = 0; i < 12; i++) {
    bench.clock.move(5_000);
    for (const socket of [bench.private(), bench.public()]) {
      assert.deepEqual(socket.out.splice(0), [PING]);
      socket.handlers.onText(textOf(pongs[i % pongs.length] ?? ""));
    }
  }
  assert.deepEqual(bench.links("private"), ["connecting", "ready"]);
  assert.equal(bench.of("ParseFault").length, 0);
  assert.equal(bench.adapter.vitals().privateFrameAt, bench.adapter.serverNow());
});

Deno.test("[F-7.7] [F-7.22] [WS-1] a silent socket is abandoned after 10 s by its own heartbeat, the other is kept", () => {
  const bench = new Bench().ready();
  const silent = bench.private();
  const heard = bench.adapter.vitals().privateFrameAt;
  for (let second = 0; second < 10; second++) {
    bench.clock.move(1_000);
    bench.public().handlers.onText(PONG);
  }
  assert.ok(silent.abandoned);
  assert.equal(bench.public().abandoned, false);
  assert.deepEqual(bench.links("private"), ["connecting", "ready", "lost"]);
  assert.deepEqual(bench.links("public"), ["connecting", "ready"]);
  assert.equal(bench.adapter.vitals().privateFrameAt, heard);
  const before = bench.events.length;
  silent.handlers.onText(textOf("synthetic/ws_execution_inverse-partial.json"));
  silent.handlers.onClose("late");
  assert.equal(bench.events.length, before);
});

Deno.test("[F-7.7] reconnects wait a fully jittered, doubling, bounded time; a stable session starts anew", () => {
  const bench = new Bench().ready();
  bench.random = 0.999999;
  const waits: number[] = [];
  const fall = () => {
    const socket = bench.public();
    const count = bench.sockets.length;
    socket.handlers.onClose("gone");
    let waited = 0;
    while (bench.sockets.length === count && waited < 20_000) {
      bench.clock.move(1);
      waited++;
    }
    waits.push(waited);
  };
  for (let i = 0; i < 6; i++) {
    fall();
    bench.readyPublic();
    bench.private().handlers.onText(PONG);
  }
  assert.deepEqual(waits, [499, 999, 1999, 3999, 4999, 4999]);
  bench.alive(31_000);
  fall();
  assert.equal(waits.at(-1), 499);
  bench.random = 0;
  bench.readyPublic();
  const count = bench.sockets.length;
  bench.public().handlers.onClose("gone");
  bench.clock.move(0);
  assert.equal(bench.sockets.length, count + 1);
});

Deno.test("[F-8.7] only an established session is lost; failed attempts are further connecting", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  bench.private().handlers.onClose("refused");
  bench.clock.move(5_000);
  bench.private().handlers.onClose("");
  bench.clock.move(5_000);
  bench.readyPrivate();
  bench.private().handlers.onClose("closed with code 1006");
  assert.deepEqual(bench.links("private"), ["connecting", "connecting", "connecting", "ready", "lost"]);
  const causes = bench.of("Link").filter((event) => event.stream === "private").map((event) => event.cause);
  assert.deepEqual(causes, ["start", "after: refused", "after: closed by the venue", "", "closed with code 1006"]);
});

Deno.test("[F-7.7] ReopenStream abandons a ready socket; one that is being opened is left alone", () => {
  const bench = new Bench().ready();
  const first = bench.public();
  bench.adapter.send({ kind: "ReopenStream", stream: "public", cause: "market_data_stale" });
  assert.ok(first.abandoned);
  assert.equal(bench.of("Link").at(-1)?.cause, "market_data_stale");
  bench.clock.move(300);
  const second = bench.public();
  bench.adapter.send({ kind: "ReopenStream", stream: "public", cause: "again" });
  assert.equal(second.abandoned, false);
  bench.adapter.send({ kind: "ReopenStream", stream: "private", cause: "silent" });
  assert.deepEqual(bench.links("private"), ["connecting", "ready", "lost"]);
});

Deno.test("[F-4.6] ticker: snapshot first, then deltas of present keys; older and early ones are left out", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  const socket = bench.public();
  socket.handlers.onOpen();
  socket.handlers.onText(ACK);
  socket.handlers.onText(delta({ lastPrice: "1.00" }));
  assert.equal(bench.adapter.takeMarket(), null);
  socket.handlers.onText(SNAPSHOT);
  socket.handlers.onText(delta({ bid1Price: "83000.10", bid1Size: "7" }));
  socket.handlers.onText(delta({ lastPrice: "1.00" }, 1999));
  const seen = bench.adapter.takeMarket();
  assert.deepEqual(
    [seen?.last, seen?.mark, seen?.bid, seen?.bidSize, seen?.ask, seen?.fundingRate],
    [8_380_760, 8_382_210, 8_300_010, 7, 8_381_940, -3920],
  );
  assert.equal(bench.adapter.ignored(), 2);
});

Deno.test("[F-4.6] frames between two looks are conflated to the latest values and the extremes of last and mark", () => {
  const bench = new Bench().ready();
  assert.equal(bench.markets, 1);
  assert.equal(bench.adapter.takeMarket()?.lastMin, 8_380_760);
  const socket = bench.public();
  for (const price of ["83000.00", "85000.00", "84000.00"]) socket.handlers.onText(delta({ lastPrice: price }));
  socket.handlers.onText(delta({ markPrice: "83900.05" }));
  assert.equal(bench.markets, 2);
  const seen = bench.adapter.takeMarket();
  assert.deepEqual([seen?.last, seen?.lastMin, seen?.lastMax], [8_400_000, 8_300_000, 8_500_000]);
  assert.deepEqual([seen?.mark, seen?.markMin, seen?.markMax], [8_390_005, 8_390_005, 8_390_005]);
  assert.equal(bench.adapter.takeMarket(), null);
  socket.handlers.onText(delta({ openInterest: "5" }));
  const quiet = bench.adapter.takeMarket();
  assert.deepEqual([quiet?.lastMin, quiet?.lastMax], [8_400_000, 8_400_000]);
});

Deno.test("[F-4.6] [F-4.8] the book: an empty side is null, a repeated one is no news, an old delta keeps a side", () => {
  const bench = new Bench().ready();
  const book = (type: string, b: unknown[], a: unknown[]) =>
    bench.public().handlers.onText(
      JSON.stringify({ topic: "orderbook.1.BTCUSD", type, ts: START, data: { s: "BTCUSD", b, a, u: 1, seq: 1 } }),
    );
  bench.adapter.takeMarket();
  book("snapshot", [["83819.30", "5949"]], [["83819.40", "46909"]]);
  assert.equal(bench.adapter.takeMarket(), null);
  book("snapshot", [], [["83819.50", "10"]]);
  const seen = bench.adapter.takeMarket();
  assert.deepEqual([seen?.bid, seen?.bidSize, seen?.ask, seen?.askSize], [null, null, 8_381_950, 10]);
  book("delta", [["83819.20", "0"], ["83819.10", "3"]], []);
  const next = bench.adapter.takeMarket();
  assert.deepEqual([next?.bid, next?.ask], [8_381_910, 8_381_950]);
});

Deno.test("[F-4.6] a new public session starts from nothing until its snapshot", () => {
  const bench = new Bench().ready();
  bench.public().handlers.onClose("gone");
  bench.clock.move(5_000);
  assert.equal(bench.adapter.takeMarket(), null);
  bench.public().handlers.onOpen();
  bench.public().handlers.onText(delta({ lastPrice: "84000.00" }));
  assert.equal(bench.adapter.takeMarket(), null);
  bench.public().handlers.onText(SNAPSHOT);
  assert.equal(bench.adapter.takeMarket()?.last, 8_380_760);
});

Deno.test("[F-4.7] only confirmed candles are bars; the minute only where it is the signal bar", () => {
  const bench = new Bench({ config: configOf("1m") }).ready();
  assert.ok(bench.sockets.length === 2);
  const minute = Math.floor(START / 60_000) * 60_000;
  bench.public().handlers.onText(kline("1", minute, false));
  bench.public().handlers.onText(kline("1", minute));
  bench.public().handlers.onText(kline("5", minute));
  assert.deepEqual(bench.of("Bars").map((event) => [event.interval, event.source, event.bars.length]), [
    ["1m", "stream", 1],
  ]);
});

Deno.test("[F-4.7] candles the stream owes are read by REST: a hole, and a candle that was never confirmed", () => {
  const bench = new Bench({ config: configOf("1m") }).ready();
  const minute = Math.ceil(START / 60_000) * 60_000;
  bench.alive(minute - START + 1_000);
  bench.public().handlers.onText(kline("1", minute - 180_000));
  bench.public().handlers.onText(kline("1", minute - 60_000));
  bench.alive(5_000);
  const hole = bench.take("/v5/market/kline");
  assert.match(hole.request.url, /interval=1&limit=4$/);
  const rows = [minute, minute - 60_000, minute - 120_000].map((
    at,
  ) => [String(at), "100", "101", "99", "100", "1", "1"]);
  hole.answer(ok({ list: rows }));
  assert.deepEqual(bench.of("Bars").at(-1)?.bars.map((bar) => bar.startAt), [minute - 120_000, minute - 60_000]);
  bench.alive(60_000);
  assert.deepEqual(bench.paths(), []);
  bench.alive(20_000);
  assert.deepEqual(bench.paths(), ["/v5/market/kline"]);
  bench.take("/v5/market/kline").answer(ok({ list: [] }));
  bench.alive(30_000);
  assert.deepEqual(bench.paths(), []);
  bench.alive(40_000);
  assert.deepEqual(bench.paths(), ["/v5/market/kline"]);
});

Deno.test("[F-4.8] [F-4.6] a row that cannot be read: its neighbours pass, one ParseFault, one drop that ages out", () => {
  const bench = new Bench().ready();
  const frame = JSON.parse(textOf("synthetic/ws_execution_inverse-two-fills-one-message.json"));
  frame.data.splice(1, 0, { ...frame.data[0], execPrice: "soon" }, { ...frame.data[0], execFee: "" });
  bench.private().handlers.onText(JSON.stringify(frame));
  assert.equal(bench.of("Executed").length, 2);
  const faults = bench.of("ParseFault");
  assert.deepEqual(faults.map((event) => event.source), ["private:execution"]);
  assert.match(faults[0]?.detail ?? "", /execPrice: current value is "soon"/);
  assert.equal(bench.adapter.vitals().drops60s, 1);
  bench.public().handlers.onText("{");
  bench.public().handlers.onText("17");
  bench.public().handlers.onText('{"topic":5}');
  bench.public().handlers.onText(delta({ lastPrice: "x" }));
  assert.equal(bench.of("ParseFault").length, 5);
  assert.equal(bench.adapter.vitals().drops60s, 1);
  bench.public().handlers.onText(kline("60", 5));
  assert.equal(bench.adapter.vitals().drops60s, 2);
  bench.alive(61_000);
  assert.equal(bench.adapter.vitals().drops60s, 0);
});

Deno.test("[F-1.27] fills of zero, negative or broken contracts are told as they were", () => {
  const bench = new Bench().ready();
  const frame = JSON.parse(textOf("synthetic/ws_execution_inverse-partial.json"));
  for (const execQty of ["0", "-5", "0.5", "", "many"]) {
    bench.private().handlers.onText(JSON.stringify({ ...frame, data: [{ ...frame.data[0], execQty }] }));
  }
  assert.deepEqual(bench.of("InvalidFill").map((event) => event.rawQty), ["0", "-5", "0.5"]);
  assert.equal(bench.of("ParseFault").length, 2);
  assert.equal(bench.of("Executed").length, 0);
});

Deno.test("[F-4.8] words the venue invents are kept raw, not guessed", () => {
  const bench = new Bench().ready();
  const order = JSON.parse(textOf("synthetic/ws_order_inverse-new.json"));
  const row = { ...order.data[0], orderStatus: "Frozen", timeInForce: "GTD", orderType: "Peg", triggerBy: "Oracle" };
  bench.private().handlers.onText(JSON.stringify({ ...order, data: [row] }));
  const [seen] = bench.of("OrderSeen");
  assert.deepEqual([seen?.order.status, seen?.order.timeInForce, seen?.order.orderType, seen?.order.triggerBy], [
    { kind: "unknown", raw: "Frozen" },
    { kind: "unknown", raw: "GTD" },
    { kind: "unknown", raw: "Peg" },
    { kind: "unknown", raw: "Oracle" },
  ]);
});

Deno.test("[F-12.5] the wire log holds every frame and reply and no secret", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryKey" });
  const echoed = `{"retCode":10004,"retMsg":"error sign! origin_string[1700000000000${KEY}5000]","result":{}}`;
  bench.take("/v5/user/query-api").answer({ kind: "reply", status: 200, headers: {}, body: echoed });
  bench.adapter.send({ kind: "QueryKey" });
  const body = JSON.stringify({ retCode: 0, result: { apiKey: KEY, secret: SECRET } });
  bench.take("/v5/user/query-api").answer({
    kind: "reply",
    status: 200,
    headers: { "x-bapi-limit": "50", "set-cookie": "x" },
    body,
  });
  bench.adapter.send({ kind: "QueryWallet" });
  bench.take("/v5/account/wallet-balance").answer({ kind: "failed", cause: "lost", message: KEY });
  const log = bench.wire.join("\n");
  assert.ok(bench.wire.length >= 14, `${bench.wire.length} lines`);
  for (const secret of [KEY, SECRET, "origin_string", "set-cookie"]) assert.ok(!log.includes(secret), secret);
  assert.ok(!/"[0-9a-f]{64}"/.test(log));
  for (
    const wanted of ["GET /v5/user/query-api", "code 10004", "x-bapi-limit", "tickers.BTCUSD", "[signature]", "lost"]
  ) {
    assert.ok(log.includes(wanted), wanted);
  }
  for (const line of bench.wire) assert.equal(typeof JSON.parse(line).at, "number");
});

Deno.test("[F-12.5] no event ever carries key, secret or signature", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryWallet" });
  const echoed = `{"retCode":10004,"retMsg":"error sign! origin_string[${KEY}]","result":{}}`;
  bench.take("/v5/account/wallet-balance").answer({ kind: "reply", status: 200, headers: {}, body: echoed });
  const text = JSON.stringify(bench.events);
  for (const secret of [KEY, SECRET]) assert.ok(!text.includes(secret));
});

Deno.test("[F-3.4] intents for people and memory are no business of the link", () => {
  const bench = new Bench().ready();
  const before = bench.events.length;
  bench.adapter.send({ kind: "Alert", severity: "info", code: "leverage", text: "y" });
  bench.adapter.send({ kind: "Answer", id: "1", ok: true, text: "" });
  bench.adapter.send({ kind: "Record", record: { type: "cash_flow", at: bench.adapter.serverNow(), amountPico: 1 } });
  bench.adapter.send({ kind: "RefuseStart", check: "clock", line: "" });
  bench.adapter.send({ kind: "ReportCheck", check: "clock", ok: true, line: "" });
  assert.equal(bench.events.length, before);
  assert.deepEqual(bench.requests, []);
});
