import assert from "node:assert/strict";
import expected from "../golden/wire/expected.json" with { type: "json" };
import { allReadings, eventsOf, NAMES, oursOf, SAMPLES, textOf } from "./bybit_samples.ts";
import { parseFrame } from "../../src/infrastructure/exchange/bybit/parse_ws.ts";
import { parsePositions, parseRiskTier } from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { epochMs } from "../../src/domain/units.ts";

const AT = epochMs(1_790_373_926_000);

Deno.test("[F-4.8] every recorded sample reads as reviewed, as it is and as if it were ours", () => {
  const actual = allReadings();
  const reviewed: Record<string, unknown> = expected;
  assert.deepEqual(Object.keys(reviewed), NAMES);
  for (const name of NAMES) assert.deepEqual(actual[name], reviewed[name], name);
});

Deno.test("[F-4.8] every sample names its source and class", () => {
  assert.ok(NAMES.length >= 140, `${NAMES.length} samples`);
  for (const [name, sample] of Object.entries(SAMPLES)) {
    assert.match(sample.class, /^[ABCDS]$/, name);
    assert.ok(sample.source.length > 5, name);
  }
});

Deno.test("[F-4.8] no recorded frame of another market becomes an event", () => {
  const foreign = NAMES.filter((name) => /(^|\/)ws_(execution|order|position)/.test(name))
    .filter((name) => !textOf(name).includes('"symbol":"BTCUSD"'));
  assert.ok(foreign.length > 20);
  for (const name of foreign) assert.deepEqual(eventsOf(textOf(name)), [], name);
});

// Read by hand from the samples, not from the parser.
Deno.test("[F-4.1] the partial fill sample carries id, price, quantity, fee and what is left", () => {
  const [event] = eventsOf(textOf("synthetic/ws_execution_inverse-partial.json"));
  assert.ok(event?.kind === "Executed");
  assert.deepEqual(event.execution, {
    execId: "e0000000-0000-5000-8000-000000000001",
    orderId: "11111111-2222-4333-8444-555555555555",
    orderLinkId: "g1-L07-00042",
    side: "Buy",
    execType: "Trade",
    price: 8_000_000,
    contracts: 400,
    fee: 1_000_000,
    pnl: 0,
    feeRate: 20_000,
    isMaker: true,
    orderQty: 1000,
    leavesQty: 600,
    closedSize: 0,
    seq: 1_000_002,
    createType: "CreateByUser",
    stopOrderType: "UNKNOWN",
    markPrice: 8_000_120,
    execAt: 1_790_373_927_001,
  });
});
Deno.test("[F-1.28] funding is paid positive and received negative, and keeps the position's size", () => {
  const read = (name: string) => {
    const [event] = eventsOf(textOf(name));
    assert.ok(event?.kind === "Executed");
    return [event.execution.execType, event.execution.fee, event.execution.feeRate, event.execution.orderLinkId];
  };
  assert.deepEqual(read("synthetic/ws_execution_inverse-funding-paid.json"), ["Funding", 1_250_000, 10_000, null]);
  assert.deepEqual(
    read("synthetic/ws_execution_inverse-funding-received-short.json"),
    ["Funding", -1_250_000, -10_000, null],
  );
});
Deno.test("[F-4.1] two fills of one message are two events with one seq", () => {
  const events = eventsOf(textOf("synthetic/ws_execution_inverse-two-fills-one-message.json"));
  assert.equal(events.length, 2);
  const ids = events.map((event) => event.kind === "Executed" ? [event.execution.execId, event.execution.seq] : []);
  assert.notEqual(ids[0]?.[0], ids[1]?.[0]);
  assert.equal(ids[0]?.[1], ids[1]?.[1]);
});
Deno.test("[F-1.24] a liquidation fill without our id is an execution like any other", () => {
  const [event] = eventsOf(textOf("synthetic/ws_execution_inverse-bust-trade.json"));
  assert.ok(event?.kind === "Executed");
  const { execType, orderLinkId, createType, contracts, price, pnl } = event.execution;
  assert.deepEqual([execType, orderLinkId, createType, contracts, price, pnl], [
    "BustTrade",
    null,
    "CreateByLiq",
    1000,
    7_272_730,
    -1_250_000_000,
  ]);
});
Deno.test("[F-4.2] a cancel that lost the race is still shown as Filled", () => {
  const [event] = eventsOf(textOf("synthetic/ws_order_inverse-cancel-race-second-filled.json"));
  assert.ok(event?.kind === "OrderSeen");
  assert.deepEqual([event.order.status, event.order.cancelType, event.order.rejectReason], [
    "Filled",
    "CancelByUser",
    "EC_OrigClOrdIDDoesNotExist",
  ]);
});
Deno.test("[F-5.5] the stop as the venue shows it: untriggered, side, trigger, direction, by, reduce-only", () => {
  const [event] = eventsOf(textOf("synthetic/ws_order_inverse-stop-untriggered.json"));
  assert.ok(event?.kind === "OrderSeen");
  const { status, side, triggerPrice, triggerDirection, triggerBy, reduceOnly, closeOnTrigger } = event.order;
  assert.deepEqual([status, side, triggerPrice, triggerDirection, triggerBy, reduceOnly, closeOnTrigger], [
    "Untriggered",
    "Sell",
    7_600_000,
    2,
    "MarkPrice",
    true,
    true,
  ]);
});
Deno.test("[F-4.4] REST says avgPrice, the stream entryPrice: one field, rounded to the cent", () => {
  const reply = JSON.parse(textOf("rest_position-list_inverse-btcusd-2026.json"));
  const rest = parsePositions(reply.result);
  assert.deepEqual([rest.side, rest.size, rest.avgPrice, rest.leverageE2, rest.liqPrice, rest.autoAddMargin], [
    "Sell",
    300,
    2_746_450,
    1000,
    null,
    1,
  ]);
  const [event] = eventsOf(textOf("synthetic/ws_position_inverse-long.json"));
  assert.ok(event?.kind === "PositionSeen");
  assert.deepEqual([event.position.avgPrice, event.position.liqPrice], [8_000_000, 7_305_930]);
});
Deno.test("[F-4.8] flat positions, with side empty or None, read as flat", () => {
  for (const name of ["ws_position_flat-side-None-real-2023.json", "synthetic/ws_position_inverse-flat.json"]) {
    const [event] = eventsOf(oursOf(name));
    assert.ok(event?.kind === "PositionSeen", name);
    assert.deepEqual([event.position.side, event.position.size, event.position.avgPrice], [null, 0, null], name);
  }
});
Deno.test("[F-7.3] only the BTC row counts, and its empty fields are not available", () => {
  const [event] = eventsOf(textOf("synthetic/ws_wallet_uta-isolated-margin-btc-empty-totals.json"));
  assert.ok(event?.kind === "WalletSeen");
  assert.deepEqual(event.wallet, {
    walletBalance: 100_000_000_000,
    totalPositionIm: 1_250_000_000,
    totalOrderIm: 125_000_000,
    locked: 0,
    bonus: 0,
    unrealisedPnl: 190_000,
  });
});
Deno.test("[P-7] percent and fraction risk tiers come out the same", () => {
  const tier = (maintenanceMargin: string, initialMargin: string) =>
    parseRiskTier({
      category: "inverse",
      list: [{
        symbol: "BTCUSD",
        riskLimitValue: "150",
        maintenanceMargin,
        initialMargin,
        isLowestRisk: 1,
        maxLeverage: "100.00",
      }],
    });
  const wanted = { limitPico: 150_000_000_000_000, maintenanceRate: 500_000, initialRate: 1_000_000 };
  assert.deepEqual(tier("0.5", "1"), wanted);
  assert.deepEqual(tier("0.005", "0.01"), wanted);
  assert.throws(() => tier("0.05", "0.1"), /risk-limit unit/);
});
Deno.test("[F-4.6] the recorded BTCUSD ticker snapshot reads in cents", () => {
  const frame = parseFrame(textOf("ws_tickers_btcusd-snapshot-real-2026.json"), AT);
  assert.ok(frame.kind === "ticker");
  assert.deepEqual(frame.part, {
    last: 8_380_760,
    mark: 8_382_210,
    index: 8_387_610,
    bid: 8_381_930,
    bidSize: 5949,
    ask: 8_381_940,
    askSize: 46_909,
    fundingRate: -3920,
    nextFundingAt: 1_790_380_800_000,
  });
});
Deno.test("[P-1] a market order's price is its cap; what it filled at is avgPrice", () => {
  const [event] = eventsOf(oursOf("ws_order_filled-market-testnet-real-2024.json"));
  assert.ok(event?.kind === "OrderSeen");
  assert.deepEqual([event.order.price, event.order.avgPrice], [4_925_760, 5_185_000]);
});
