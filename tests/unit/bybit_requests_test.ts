import assert from "node:assert/strict";
import type { Intent } from "../../src/domain/intent.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { Bench, code, entry, ok, SINCE, START, status, stop, ticket } from "./bybit_kit.ts";
import { textOf } from "./bybit_samples.ts";

const LINK = "grid_a3f8d2e1c4_l_Buy";
const STOP = "grid_a3f8d2e1c4_l_stop_Sell";
function resultOf(name: string): Record<string, unknown> {
  return JSON.parse(textOf(name)).result;
}
function order(over: Record<string, unknown> = {}): Record<string, unknown> {
  const frame = JSON.parse(textOf("synthetic/ws_order_inverse-new.json"));
  return { ...frame.data[0], orderLinkId: LINK, ...over };
}
function fill(over: Record<string, unknown> = {}): Record<string, unknown> {
  const frame = JSON.parse(textOf("synthetic/ws_execution_inverse-partial.json"));
  return { ...frame.data[0], orderLinkId: LINK, ...over };
}
function list(rows: unknown[], cursor = ""): { list: unknown[]; nextPageCursor: string; category: string } {
  return { list: rows, nextPageCursor: cursor, category: "inverse" };
}

Deno.test("[F-5.1] [F-6.2] order bodies: strings, no null, positionIdx 0, no stopLoss", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry());
  bench.adapter.send(stop());
  bench.adapter.send({ kind: "PlaceTarget", ticket: ticket("t_tp_Sell", { side: "Sell", reduceOnly: true }) });
  const market = ticket("x_exit_Sell", {
    side: "Sell",
    contracts: usdContracts(0),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    reduceOnly: true,
    closeOnTrigger: true,
  });
  bench.adapter.send({ kind: "PlaceExit", ticket: market });
  const bodies = bench.requests.map((sent) => sent.request.body);
  assert.deepEqual(bodies, [
    '{"category":"inverse","symbol":"BTCUSD","side":"Buy","orderType":"Limit","qty":"100","price":"80000.5",' +
    '"timeInForce":"PostOnly","positionIdx":0,"orderLinkId":"grid_a3f8d2e1c4_l_Buy","reduceOnly":false,' +
    '"closeOnTrigger":false}',
    '{"category":"inverse","symbol":"BTCUSD","side":"Sell","orderType":"Market","qty":"100","timeInForce":"IOC",' +
    '"triggerPrice":"76000","triggerDirection":2,"triggerBy":"MarkPrice","positionIdx":0,' +
    '"orderLinkId":"grid_a3f8d2e1c4_l_stop_Sell","reduceOnly":true,"closeOnTrigger":true}',
    '{"category":"inverse","symbol":"BTCUSD","side":"Sell","orderType":"Limit","qty":"100","price":"80000.5",' +
    '"timeInForce":"PostOnly","positionIdx":0,"orderLinkId":"t_tp_Sell","reduceOnly":true,"closeOnTrigger":false}',
    '{"category":"inverse","symbol":"BTCUSD","side":"Sell","orderType":"Market","qty":"0","timeInForce":"IOC",' +
    '"positionIdx":0,"orderLinkId":"x_exit_Sell","reduceOnly":true,"closeOnTrigger":true}',
  ]);
});

Deno.test("[F-5.4] an amend carries only what changes; a cancel names one order", () => {
  const bench = new Bench().ready();
  const amend = { kind: "AmendStop", orderLinkId: STOP } as const;
  bench.adapter.send({ ...amend, contracts: usdContracts(24), triggerPrice: null });
  bench.take("/v5/order/amend").answer(ok({ orderId: "s", orderLinkId: STOP }));
  bench.adapter.send({ ...amend, contracts: null, triggerPrice: priceCents(7_650_050) });
  const second = bench.take("/v5/order/amend");
  assert.equal(
    second.request.body,
    '{"category":"inverse","symbol":"BTCUSD","orderLinkId":"grid_a3f8d2e1c4_l_stop_Sell","triggerPrice":"76500.5"}',
  );
  second.answer(code(110001));
  bench.adapter.send({ kind: "CancelOrder", orderLinkId: STOP });
  const cancel = bench.take("/v5/order/cancel");
  assert.equal(
    cancel.request.body,
    '{"category":"inverse","symbol":"BTCUSD","orderLinkId":"grid_a3f8d2e1c4_l_stop_Sell"}',
  );
  cancel.answer(ok({}));
  assert.deepEqual(bench.of("AmendAnswer").map((event) => event.outcome.kind), ["ok", "refused"]);
  assert.deepEqual(bench.of("CancelAnswer").map((event) => event.outcome.kind), ["ok"]);
  assert.ok(!bench.wire.join().includes("cancel-all"));
});

Deno.test("[F-12.8] leverage and price adjust: not modified is done, anything else is told as it is", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "SetLeverage", leverageE2: 250 });
  const sent = bench.take("/v5/position/set-leverage");
  assert.match(sent.request.body ?? "", /"buyLeverage":"2.5","sellLeverage":"2.5"/);
  sent.answer(code(110043));
  bench.adapter.send({ kind: "SetLeverage", leverageE2: 300 });
  bench.take("/v5/position/set-leverage").answer(code(110013));
  bench.adapter.send({ kind: "SetLeverage", leverageE2: 300 });
  bench.take("/v5/position/set-leverage").answer({ kind: "failed", cause: "timeout", message: "" });
  assert.deepEqual(bench.of("LeverageAnswer").map((event) => [event.leverageE2, event.outcome.kind]), [
    [250, "ok"],
    [300, "refused"],
    [300, "unknown"],
  ]);
  bench.adapter.send({ kind: "TurnOffPriceAdjust" });
  const adjust = bench.take("/v5/account/set-limit-px-action");
  assert.equal(adjust.request.body, '{"category":"inverse","modifyEnable":false}');
  adjust.answer(ok({}));
  assert.deepEqual(bench.of("PriceAdjustAnswer").map((event) => event.outcome.kind), ["ok"]);
});

Deno.test("[F-10.2] [VAL-1] [VAL-3] a bad link id never reaches the network", () => {
  const bench = new Bench().ready();
  for (const orderLinkId of ["a".repeat(37), "a b", "größe", "a.b"]) {
    bench.adapter.send(entry(orderLinkId));
    bench.adapter.send(stop(orderLinkId));
    bench.adapter.send({ kind: "AmendStop", orderLinkId, contracts: usdContracts(1), triggerPrice: null });
    bench.adapter.send({ kind: "CancelOrder", orderLinkId });
    bench.adapter.send({ kind: "LookUpOrder", orderLinkId });
  }
  assert.deepEqual(bench.requests, []);
  const outcomes = [...bench.of("PlaceAnswer"), ...bench.of("AmendAnswer"), ...bench.of("CancelAnswer")]
    .map((event) => event.outcome);
  assert.equal(outcomes.length, 16);
  assert.ok(outcomes.every((outcome) => outcome.kind === "notSent" && outcome.reason === "invalid_order_link_id"));
  assert.equal(bench.of("OrderLookup").length, 4);
});

Deno.test("[F-10.4] a look-up asks realtime open, realtime closed, history, executions, and only then says absent", () => {
  const bench = new Bench().ready();
  const look = () => bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
  const empty = ok(list([]));
  const queries: string[] = [];
  const answer = (path: string, outcome = empty) => {
    const sent = bench.take(path);
    queries.push(sent.request.url.replace(/^.*\/v5/, ""));
    bench.clock.move(10);
    sent.answer(outcome);
  };
  const askedAt = bench.adapter.serverNow();
  look();
  answer("/v5/order/realtime");
  answer("/v5/order/realtime");
  answer("/v5/order/history");
  answer("/v5/execution/list");
  const market = `category=inverse&symbol=BTCUSD&orderLinkId=${LINK}`;
  assert.deepEqual(queries, [
    `/order/realtime?${market}&openOnly=0`,
    `/order/realtime?${market}&openOnly=1`,
    `/order/history?${market}`,
    `/execution/list?${market}&limit=100`,
  ]);
  assert.deepEqual(bench.of("OrderLookup").map((event) => [event.result.kind, event.askedAt]), [["absent", askedAt]]);
});

Deno.test("[F-10.4] a look-up finds the order in any of its places, and one failure proves nothing", () => {
  const places = ["/v5/order/realtime", "/v5/order/realtime", "/v5/order/history", "/v5/execution/list"];
  for (const [hit, path] of places.entries()) {
    for (
      const [row, kind] of [[ok(list([path.includes("execution") ? fill() : order()])), "found"], [
        status(502),
        "failed",
      ]] as const
    ) {
      const bench = new Bench().ready();
      bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
      for (const before of places.slice(0, hit)) bench.take(before).answer(ok(list([])));
      bench.take(path).answer(row);
      assert.deepEqual(bench.of("OrderLookup").map((event) => event.result.kind), [kind], `${path} ${hit}`);
      assert.deepEqual(bench.requests, []);
    }
  }
});

Deno.test("[F-10.4] rows of other orders in a look-up are no find; the newest row of ours is", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
  const rows = [
    order({ orderLinkId: "other" }),
    order({ orderStatus: "New", updatedTime: "1790373926003" }),
    order({ orderStatus: "Filled", cumExecQty: "1000", updatedTime: "1790373926009" }),
    order({ symbol: "ETHUSD" }),
    order({ category: "linear" }),
  ];
  bench.take("/v5/order/realtime").answer(ok(list(rows)));
  const [event] = bench.of("OrderLookup");
  assert.ok(event?.result.kind === "found");
  assert.equal(event.result.order.status, "Filled");
});

Deno.test("[F-4.8] every status word the venue documents is read as itself; a partial cancel is a cancel; others stay raw", () => {
  const read = (orderStatus: string) => {
    const bench = new Bench().ready();
    bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
    bench.take("/v5/order/realtime").answer(ok(list([order({ orderStatus })])));
    const [event] = bench.of("OrderLookup");
    assert.ok(event?.result.kind === "found");
    return event.result.order.status;
  };
  const known = [
    "New",
    "PartiallyFilled",
    "Untriggered",
    "Triggered",
    "Filled",
    "Cancelled",
    "Rejected",
    "Deactivated",
  ];
  for (const word of known) assert.equal(read(word), word);
  assert.equal(read("PartiallyFilledCanceled"), "Cancelled");
  for (const raw of ["Expired", "Canceled", "new", ""]) assert.deepEqual(read(raw), { kind: "unknown", raw });
});

Deno.test("[F-10.4] an order known by executions only: filled when nothing is left, else of unknown status", () => {
  const read = (rows: unknown[]) => {
    const bench = new Bench().ready();
    bench.adapter.send({ kind: "LookUpOrder", orderLinkId: LINK });
    for (const path of ["/v5/order/realtime", "/v5/order/realtime", "/v5/order/history"]) {
      bench.take(path).answer(ok(list([])));
    }
    bench.take("/v5/execution/list").answer(ok(list(rows)));
    const [event] = bench.of("OrderLookup");
    assert.ok(event?.result.kind === "found");
    const { status: word, contracts, cumExecQty, leavesQty } = event.result.order;
    return [typeof word === "string" ? word : word.kind, contracts, cumExecQty, leavesQty];
  };
  const second = fill({ execId: "e2", execQty: "600", leavesQty: "0", execTime: "1790373927009" });
  assert.deepEqual(read([second, fill()]), ["Filled", 1000, 1000, 0]);
  assert.deepEqual(read([fill()]), ["unknown", 1000, 400, 600]);
  assert.deepEqual(read([fill({ orderQty: "", leavesQty: "" })]), ["unknown", 400, 400, null]);
});

Deno.test("[F-4.1] [F-7.21] executions are paged to the end, oldest first, each once, then the answer", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryExecutions", since: SINCE, protective: true });
  const row = (execId: string, execTime: number, over = {}) => fill({ execId, execTime: String(execTime), ...over });
  const first = bench.take("/v5/execution/list");
  assert.equal(
    first.request.url,
    `https://api-testnet.bybit.com/v5/execution/list?category=inverse&symbol=BTCUSD&startTime=${SINCE}&limit=100`,
  );
  first.answer(ok(list([row("c", START + 3), row("b", START + 2, { leavesQty: "1" })], "132766%3A2%2C132766%3A2")));
  const second = bench.take("/v5/execution/list");
  // The cursor goes back as it came: signed bytes are wire bytes.
  assert.ok(second.request.url.endsWith("&limit=100&cursor=132766%3A2%2C132766%3A2"));
  second.answer(ok(list([row("b", START + 2), row("bad", START, { execQty: "0" }), row("a", START + 2, { seq: 1 })])));
  const seen = bench.events.filter((event) => event.kind === "Executed" || event.kind === "InvalidFill").map((event) =>
    event.kind === "Executed" ? event.execution.execId : `invalid ${event.rawQty}`
  );
  assert.deepEqual(seen, ["invalid 0", "a", "b", "c"]);
  const last = bench.events.at(-1);
  assert.ok(last?.kind === "ExecutionsAnswer" && last.result.kind === "complete");
  assert.equal(last.result.count, 4);
  assert.equal(last.since, SINCE);
});

Deno.test("[F-11.5] executions older than seven days are read window by window", () => {
  const bench = new Bench().ready();
  const since = epochMs(START - 15 * 86_400_000);
  bench.adapter.send({ kind: "QueryExecutions", since, protective: false });
  const urls: string[] = [];
  for (let i = 0; i < 3; i++) {
    const sent = bench.take("/v5/execution/list");
    urls.push(sent.request.url.replace(/^.*startTime=/, ""));
    sent.answer(ok(list([])));
  }
  const week = 7 * 86_400_000;
  assert.deepEqual(urls, [
    `${since}&endTime=${since + week}&limit=100`,
    `${since + week}&endTime=${since + 2 * week}&limit=100`,
    `${since + 2 * week}&limit=100`,
  ]);
  assert.equal(bench.of("ExecutionsAnswer")[0]?.result.kind, "complete");
});

Deno.test("[F-4.8] paging that cannot end fails: the same cursor twice, a failing page, an unreadable page", () => {
  const run = (second: ReturnType<typeof ok>) => {
    const bench = new Bench().ready();
    bench.adapter.send({ kind: "QueryOpenOrders", protective: true });
    bench.take("/v5/order/realtime").answer(ok(list([order()], "x")));
    bench.take("/v5/order/realtime").answer(second);
    const [event] = bench.of("OpenOrdersAnswer");
    return [event?.result.kind, bench.of("ParseFault").length];
  };
  assert.deepEqual(run(ok(list([order({ orderId: "2" })], "x"))), ["failed", 0]);
  assert.deepEqual(run(status(500)), ["failed", 0]);
  assert.deepEqual(run(ok({ list: "many" })), ["failed", 1]);
  assert.deepEqual(run(ok(list([order({ qty: "many" })]))), ["orders", 1]);
  assert.deepEqual(run(ok(list([], "y"))), ["orders", 0]);
});

Deno.test("[F-4.3] open orders: every kind, duplicates resolved to the latest row", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryOpenOrders", protective: false });
  const sent = bench.take("/v5/order/realtime");
  assert.match(sent.request.url, /openOnly=0&limit=50$/);
  assert.ok(!sent.request.url.includes("orderFilter"));
  const rows = [
    order({ updatedTime: "5" }),
    order({ updatedTime: "9", orderStatus: "PartiallyFilled" }),
    order({
      orderId: "2",
      stopOrderType: "Stop",
      triggerPrice: "76000",
    }),
  ];
  sent.answer(ok(list(rows)));
  const [event] = bench.of("OpenOrdersAnswer");
  assert.ok(event?.result.kind === "orders");
  assert.deepEqual(event.result.orders.map((row) => [row.orderId.slice(0, 4), row.status]), [
    ["1111", "PartiallyFilled"],
    ["2", "New"],
  ]);
});

Deno.test("[F-7.11] a row with a position index is shown even beside a flat one", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryPosition", protective: true });
  const [row] = resultOf("rest_position-list_inverse-btcusd-2026.json").list as Record<string, unknown>[];
  const sent = bench.take("/v5/position/list");
  bench.clock.move(40);
  sent.answer(ok(list([{ ...row, size: "0", side: "" }, { ...row, positionIdx: 2 }])));
  const [event] = bench.of("PositionAnswer");
  assert.ok(event?.result.kind === "position");
  assert.equal(event.result.position.positionIdx, 2);
  assert.equal(event.at - event.askedAt, 40);
});

Deno.test("[F-12.6] the boot checks' facts: instrument, fees, tier, account, key, maintenance, wallet", () => {
  const bench = new Bench().ready();
  const ask = (intent: Intent, path: string, result: unknown) => {
    bench.adapter.send(intent);
    bench.take(path).answer(ok(result));
    const event = bench.events.at(-1);
    return event !== undefined && "result" in event ? event.result : event;
  };
  const instrument = {
    ...(resultOf("rest_instruments-info_handmade-inverse.json").list as Record<string, unknown>[])[0],
    fundingInterval: 480,
  };
  assert.deepEqual(ask({ kind: "QueryInstrument" }, "/v5/market/instruments-info", list([{}, instrument])), {
    kind: "instrument",
    instrument: {
      symbol: "BTCUSD",
      contractType: "InversePerpetual",
      status: "Trading",
      tickCents: 50,
      qtyStep: 1,
      minOrderQty: 1,
      maxOrderQty: 1_000_000,
      maxMarketOrderQty: 500_000,
      minNotional: 0,
      maxLeverageE2: 10_000,
      fundingInterval: 28_800_000,
    },
  });
  const fees = { list: [{ symbol: "BTCUSD", takerFeeRate: "0.00055", makerFeeRate: "0.0002" }] };
  assert.deepEqual(ask({ kind: "QueryFeeRates" }, "/v5/account/fee-rate", fees), {
    kind: "rates",
    rates: { maker: 20_000, taker: 55_000 },
  });
  const tier = ask(
    { kind: "QueryRiskTier" },
    "/v5/market/risk-limit",
    resultOf("rest_risk-limit_inverse-btcusd-tier1.json"),
  );
  assert.ok(tier !== undefined && "kind" in tier && tier.kind === "tier");
  const account = (unifiedMarginStatus: number, marginMode: string) =>
    ask({ kind: "QueryAccount" }, "/v5/account/info", { unifiedMarginStatus, marginMode });
  assert.deepEqual(account(5, "ISOLATED_MARGIN"), { kind: "account", unified: true, marginMode: "ISOLATED_MARGIN" });
  assert.deepEqual(account(1, "NEW_MODE"), {
    kind: "account",
    unified: false,
    marginMode: { kind: "unknown", raw: "NEW_MODE" },
  });
  const key = resultOf("rest_apikey-info_testnet.json");
  assert.deepEqual(ask({ kind: "QueryKey" }, "/v5/user/query-api", key), {
    kind: "key",
    uid: "1448939",
    readOnly: true,
    canTrade: false,
    canWithdrawOrTransfer: true,
    excess: [
      "Spot: SpotTrade",
      "Wallet: AccountTransfer",
      "Wallet: SubMemberTransfer",
      "Exchange: ExchangeHistory",
      "Earn: Earn",
      "FiatP2P: FiatP2POrder",
      "FiatP2P: Advertising",
      "FiatConvertBroker: FiatConvertBrokerOrder",
      "FiatBitPay: FaitPayOrder",
      "BitCard: BitCard",
      "ByXPost: ByXPost",
    ],
    daysLeft: null,
  });
  const good = { ...key, readOnly: 0, permissions: { ContractTrade: ["Order", "Position"], Wallet: [] } };
  assert.deepEqual(ask({ kind: "QueryKey" }, "/v5/user/query-api", { ...good, deadlineDay: 13 }), {
    kind: "key",
    uid: "1448939",
    readOnly: false,
    canTrade: true,
    canWithdrawOrTransfer: false,
    daysLeft: 13,
  });
  const dated = { ...good, deadlineDay: "?", expiredAt: new Date(START + 5.5 * 86_400_000).toISOString() };
  const expiring = ask({ kind: "QueryKey" }, "/v5/user/query-api", dated);
  assert.ok(expiring !== undefined && "daysLeft" in expiring && expiring.daysLeft === 5);
  assert.deepEqual(
    ask({ kind: "QueryMaintenance" }, "/v5/system/status", resultOf("rest_system-status_ok.json")),
    { kind: "maintenance", window: null },
  );
  const planned = { state: "scheduled", begin: String(START + 1000), end: String(START + 9000), product: [1, 2] };
  const spot = { ...planned, begin: String(START), product: [2] };
  assert.deepEqual(ask({ kind: "QueryMaintenance" }, "/v5/system/status", { list: [planned, spot] }), {
    kind: "maintenance",
    window: { from: START + 1000, to: START + 9000 },
  });
  const wallet = resultOf("rest_wallet-balance_unified-btc-collateral-real.json");
  const read = ask({ kind: "QueryWallet" }, "/v5/account/wallet-balance", wallet);
  assert.ok(read !== undefined && "wallet" in read && read.wallet.walletBalance === 1_220_009_090_000);
  const none = ask({ kind: "QueryWallet" }, "/v5/account/wallet-balance", { list: [{ coin: [] }] });
  assert.ok(none !== undefined && "wallet" in none && none.wallet.walletBalance === null);
});

Deno.test("[F-12.6] a fact that cannot be had is a failed answer, never a guess", () => {
  const asked: [Intent, string][] = [
    [{ kind: "QueryInstrument" }, "/v5/market/instruments-info"],
    [{ kind: "QueryFeeRates" }, "/v5/account/fee-rate"],
    [{ kind: "QueryRiskTier" }, "/v5/market/risk-limit"],
    [{ kind: "QueryAccount" }, "/v5/account/info"],
    [{ kind: "QueryKey" }, "/v5/user/query-api"],
    [{ kind: "QueryMaintenance" }, "/v5/system/status"],
    [{ kind: "QueryWallet" }, "/v5/account/wallet-balance"],
    [{ kind: "QueryPosition", protective: false }, "/v5/position/list"],
    [{ kind: "QueryExecutions", since: SINCE, protective: false }, "/v5/execution/list"],
  ];
  for (const [intent, path] of asked) {
    for (const [outcome, faults] of [[ok({ surprise: 1 }), 1], [ok(null), 1], [status(500), 0]] as const) {
      const bench = new Bench().ready();
      bench.adapter.send(intent);
      bench.take(path).answer(outcome);
      const event = bench.events.at(-1);
      assert.ok(event !== undefined && "result" in event, intent.kind);
      assert.equal(event.result.kind, "failed", intent.kind);
      assert.equal(bench.of("ParseFault").length, faults, intent.kind);
    }
  }
});

Deno.test("[F-7.12] a REST ticker becomes the next market observation and is no stream frame", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.answerTime();
  bench.adapter.send({ kind: "QueryTicker" });
  bench.take("/v5/market/tickers").answer(ok(resultOf("rest_tickers_inverse-btcusd-2026.json")));
  assert.equal(bench.markets, 1);
  const seen = bench.adapter.takeMarket();
  assert.deepEqual([seen?.last, seen?.mark, seen?.bid, seen?.askSize], [12_063_550, 11_489_843, 10_340_100, 9854]);
  assert.equal(bench.adapter.vitals().marketFrameAt, null);
  assert.equal(bench.adapter.takeMarket(), null);
});

Deno.test("[F-12.6] a market too young for a closed day answers with no bars: the start does not wait for them", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryBars", interval: "1d", count: 30 });
  bench.take("/v5/market/kline").answer(ok(list([])));
  assert.deepEqual(bench.of("Bars").map((event) => [event.interval, event.bars]), [["1d", []]]);
});

Deno.test("[P-1] [F-4.7] warm-up bars: closed ones only, oldest first, at most a page", () => {
  const bench = new Bench().ready();
  const hour = 3_600_000;
  const open = Math.floor(START / hour) * hour;
  const row = (startAt: number) => [String(startAt), "100", "1.02e+02", "99.5", "101", "5", "0.1"];
  bench.adapter.send({ kind: "QueryBars", interval: "1h", count: 200 });
  const sent = bench.take("/v5/market/kline");
  assert.match(sent.request.url, /category=inverse&symbol=BTCUSD&interval=60&limit=201$/);
  sent.answer(ok(list([row(open), row(open - hour), row(open - 2 * hour)])));
  const [event] = bench.of("Bars");
  assert.deepEqual([event?.source, event?.interval, event?.bars.map((bar) => bar.startAt)], [
    "history",
    "1h",
    [open - 2 * hour, open - hour],
  ]);
  assert.deepEqual(event?.bars[0], { startAt: open - 2 * hour, open: 10_000, high: 10_200, low: 9_950, close: 10_100 });
  bench.adapter.send({ kind: "QueryBars", interval: "1d", count: 5000 });
  assert.match(bench.take("/v5/market/kline").request.url, /interval=D&limit=1000$/);
});
