/**
 * Clients nobody here wrote against the fake venue, unmodified except for the base URL (issue 2, 7).
 * Needs --allow-net=127.0.0.1, --allow-env (both packages read the environment) and --allow-read.
 */
import assert from "node:assert/strict";
import { RestClientV5, WebsocketClient } from "bybit-api";
import ccxt from "ccxt";
import { type ServedVenue, serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server/server.ts";
import { SAMPLE_SHAPES, shapeOf } from "./sample_shapes.ts";

const KEY = "client-key";
const SECRET = "client-secret";
const MARKET = { category: "inverse", symbol: "BTCUSD" } as const;

async function withVenue(run: (served: ServedVenue) => Promise<void>): Promise<void> {
  const served = serveVenue({ port: 0, key: KEY, secret: SECRET, account: { walletBtc: "0.5" } });
  try {
    await run(served);
  } finally {
    await served.shutdown();
  }
}

function restClient(served: ServedVenue): RestClientV5 {
  return new RestClientV5({ key: KEY, secret: SECRET, baseUrl: `http://127.0.0.1:${served.port}` });
}

function rowOf(reply: { result: unknown }): unknown {
  const { result } = reply;
  if (typeof result === "object" && result !== null && "list" in result && Array.isArray(result.list)) {
    return result.list[0];
  }
  throw new Error(`Cannot find a row in ${JSON.stringify(reply)}`);
}

function sameShape(name: string, value: unknown): void {
  assert.equal(shapeOf(value), SAMPLE_SHAPES[name], name);
}

Deno.test("[F-4.8] bybit-api reads the market, every reply shaped like the newest sample", async () => {
  await withVenue(async (served) => {
    const client = restClient(served);
    const time = await client.getServerTime();
    assert.equal(time.retCode, 0);
    sameShape("time", time.result);
    sameShape("instrument", rowOf(await client.getInstrumentsInfo(MARKET)));
    sameShape("ticker", rowOf(await client.getTickers(MARKET)));
    sameShape("riskLimit", rowOf(await client.getRiskLimit(MARKET)));
    sameShape("funding", rowOf(await client.getFundingRateHistory(MARKET)));
    sameShape("trade", rowOf(await client.getPublicTradingHistory(MARKET)));
    sameShape("orderbook", (await client.getOrderbook(MARKET)).result);
    const klines = await client.getKline({ ...MARKET, interval: "60", limit: 50 });
    assert.equal(klines.result.list.length, 50);
    assert.ok(klines.result.list.every((row) => row.length === 7 && row.every((cell) => typeof cell === "string")));
    assert.ok(Number(klines.result.list[0]?.[0]) > Number(klines.result.list[1]?.[0]));
  });
});

Deno.test("[F-10.4] bybit-api trades: leverage, place, amend, cancel, duplicate, PostOnly cross, stop, lists", async () => {
  await withVenue(async (served) => {
    const client = restClient(served);
    sameShape("accountInfo", (await client.getAccountInfo()).result);
    sameShape("apiKey", (await client.getQueryApiKey()).result);
    sameShape("wallet", rowOf(await client.getWalletBalance({ accountType: "UNIFIED", coin: "BTC" })));
    sameShape("feeRate", rowOf(await client.getFeeRate(MARKET)));
    assert.equal((await client.setLeverage({ ...MARKET, buyLeverage: "3", sellLeverage: "3" })).retCode, 0);
    assert.equal((await client.setLeverage({ ...MARKET, buyLeverage: "3", sellLeverage: "3" })).retCode, 110043);
    served.venue.control.setPrice(3_000_000);
    const limit = { ...MARKET, side: "Buy", orderType: "Limit", qty: "100", price: "29000" } as const;
    const placed = await client.submitOrder({ ...limit, orderLinkId: "one" });
    assert.equal(placed.retCode, 0);
    assert.deepEqual(Object.keys(placed.result).sort(), ["orderId", "orderLinkId"]);
    assert.equal((await client.submitOrder({ ...limit, orderLinkId: "one" })).retCode, 110072);
    sameShape("order", rowOf(await client.getActiveOrders(MARKET)));
    assert.equal((await client.amendOrder({ ...MARKET, orderLinkId: "one", qty: "120" })).retCode, 0);
    assert.equal((await client.cancelOrder({ ...MARKET, orderLinkId: "one" })).retCode, 0);
    assert.equal((await client.cancelOrder({ ...MARKET, orderLinkId: "one" })).retCode, 110001);
    await client.submitOrder({ ...limit, price: "30500", timeInForce: "PostOnly", orderLinkId: "cross" });
    const crossed = await client.getHistoricOrders({ ...MARKET, orderLinkId: "cross" });
    assert.equal(crossed.result.list[0]?.rejectReason, "EC_PostOnlyWillTakeLiquidity");
    sameShape("order", crossed.result.list[0]);
    await client.submitOrder({ ...MARKET, side: "Buy", orderType: "Market", qty: "1000" });
    const stop = await client.submitOrder({
      ...MARKET,
      side: "Sell",
      orderType: "Market",
      qty: "1000",
      triggerPrice: "29000",
      triggerDirection: 2,
      triggerBy: "MarkPrice",
      reduceOnly: true,
      closeOnTrigger: true,
      orderLinkId: "stop",
    });
    assert.equal(stop.retCode, 0);
    sameShape("position", rowOf(await client.getPositionInfo(MARKET)));
    served.venue.control.setPrice(2_890_000);
    assert.equal((await client.getPositionInfo(MARKET)).result.list[0]?.size, "0");
    const filled = await client.getHistoricOrders({ ...MARKET, orderLinkId: "stop" });
    assert.equal(filled.result.list[0]?.orderStatus, "Filled");
    sameShape("execution", rowOf(await client.getExecutionList(MARKET)));
    sameShape("closedPnl", rowOf(await client.getClosedPnL(MARKET)));
    sameShape("transaction", rowOf(await client.getTransactionLog({ accountType: "UNIFIED" })));
  });
});

/** Collects the first row of each topic until all wanted ones have come. */
function firstRows(client: WebsocketClient, wanted: readonly string[]): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  return new Promise((resolve, reject) => {
    client.on("exception", (error: unknown) => reject(new Error(JSON.stringify(error))));
    client.on("update", (frame: { topic: string; data: unknown }) => {
      const row = Array.isArray(frame.data) ? frame.data[0] : frame.data;
      if (!rows.has(frame.topic)) rows.set(frame.topic, row);
      if (wanted.every((topic) => rows.has(topic))) resolve(rows);
    });
  });
}

Deno.test({
  name: "[F-4.7] bybit-api receives private events after login, and public ones, shaped like the newest samples",
  // The package leaves its heartbeat and socket to end on their own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await withVenue(async (served) => {
      const base = `ws://127.0.0.1:${served.port}`;
      const secret = { key: KEY, secret: SECRET };
      const own = new WebsocketClient({ ...secret, wsUrl: `${base}/v5/private` });
      const open = new WebsocketClient({ wsUrl: `${base}/v5/public/inverse` });
      const topics = ["order", "execution", "position", "wallet"];
      const got = firstRows(own, topics);
      const subscribed = new Promise((resolve) => own.on("response", resolve));
      own.subscribeV5(topics, "inverse", true);
      await subscribed;
      await restClient(served).submitOrder({ ...MARKET, side: "Buy", orderType: "Market", qty: "100" });
      const rows = await got;
      for (const topic of topics) sameShape(`${topic}Frame`, rows.get(topic));
      const shown = firstRows(open, ["tickers.BTCUSD", "kline.1.BTCUSD"]);
      open.subscribeV5(["tickers.BTCUSD", "kline.1.BTCUSD"], "inverse");
      const market = await shown;
      sameShape("tickerFrame", market.get("tickers.BTCUSD"));
      sameShape("klineFrame", market.get("kline.1.BTCUSD"));
      own.closeAll(true);
      open.closeAll(true);
    });
  },
});

Deno.test({
  name: "[F-10.4] ccxt trades the inverse contract: balance, ticker, candles, order, cancel, position, fills",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await withVenue(async (served) => {
      const exchange = new ccxt.bybit({
        apiKey: KEY,
        secret: SECRET,
        enableRateLimit: false,
        options: {
          defaultType: "swap",
          defaultSubType: "inverse",
          fetchMarkets: { types: ["inverse"] },
          fetchCurrencies: false,
          enableUnifiedAccount: true,
          enableUnifiedMargin: false,
          unifiedMarginStatus: 6,
        },
      });
      const base = `http://127.0.0.1:${served.port}`;
      exchange.urls["api"] = { spot: base, futures: base, v2: base, public: base, private: base };
      exchange.has["fetchCurrencies"] = false;
      const symbol = "BTC/USD:BTC";
      const markets = await exchange.loadMarkets();
      assert.equal(markets[symbol]?.inverse, true);
      assert.equal((await exchange.fetchBalance({ type: "swap" }))["BTC"]?.total, 0.5);
      served.venue.control.setPrice(3_000_000);
      assert.equal((await exchange.fetchTicker(symbol)).symbol, symbol);
      assert.equal((await exchange.fetchOHLCV(symbol, "1h", undefined, 10)).length, 10);
      await exchange.setLeverage(4, symbol);
      const order = await exchange.createOrder(symbol, "limit", "buy", 100, 29_000, { clientOrderId: "ccxt-1" });
      const open = await exchange.fetchOpenOrders(symbol);
      assert.deepEqual(open.map((row) => [row.id, row.clientOrderId, row.amount]), [[order.id, "ccxt-1", 100]]);
      await assert.rejects(exchange.createOrder(symbol, "limit", "buy", 100, 29_000, { clientOrderId: "ccxt-1" }));
      await exchange.cancelOrder(String(order.id), symbol);
      assert.equal((await exchange.fetchOpenOrders(symbol)).length, 0);
      await exchange.createOrder(symbol, "market", "buy", 200);
      await exchange.createOrder(symbol, "market", "sell", 200, undefined, {
        triggerPrice: 29_000,
        triggerDirection: "descending",
        triggerBy: "MarkPrice",
        reduceOnly: true,
      });
      const position = await exchange.fetchPosition(symbol);
      assert.deepEqual([position.side, position.contracts, position.leverage], ["long", 200, 4]);
      served.venue.control.setPrice(2_890_000);
      const trades = await exchange.fetchMyTrades(symbol);
      assert.deepEqual(trades.map((trade) => [trade.side, trade.amount]), [["buy", 200], ["sell", 200]]);
      await exchange.close();
    });
  },
});
