/**
 * What one decision costs (issue "core": ≤ 2 µs median for a market event, ≤ 10 µs for an entry evaluation).
 *
 *   deno task bench
 */
import { initialBot, transition } from "../../src/application/transition/mod.ts";
import type { Event, Vitals } from "../../src/domain/events.ts";
import type { MarketObservation } from "../../src/domain/market.ts";
import type { Execution, OrderTicket } from "../../src/domain/orders.ts";
import type { Bot } from "../../src/domain/state.ts";
import { durationMs, type EpochMs, epochMs } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { btc, flatBars, INSTRUMENT, NOON, price, qty, RATES, TIER } from "../core_values.ts";

const at = (seconds: number): EpochMs => epochMs(NOON + Math.round(seconds * 1000));

function seen(usd: number): MarketObservation {
  const last = price(usd);
  return {
    last,
    lastMin: last,
    lastMax: last,
    mark: last,
    markMin: last,
    markMax: last,
    index: last,
    bid: price(usd - 0.1),
    bidSize: qty(100_000),
    ask: price(usd + 0.1),
    askSize: qty(100_000),
    fundingRate: null,
    nextFundingAt: null,
  };
}
const market = (second: number, usd: number): Event => ({ kind: "Market", at: at(second), seen: seen(usd) });
function tick(second: number): Event {
  const vitals: Vitals = {
    privateFrameAt: at(second),
    publicFrameAt: at(second),
    marketFrameAt: at(second),
    drops60s: 0,
    restP95: durationMs(100),
    restTimeoutsInRow: 0,
    restCalls60s: 10,
    restProtectiveCalls60s: 0,
    clockSkewMs: 0,
    journalLagMs: 0,
  };
  return { kind: "Tick", at: at(second), vitals };
}

/** Flat, started, everything known, prices of the last minutes in the ring. */
function flat(): Bot {
  const config = defaultTestConfig((change) => {
    change.stages.stage_1.atr_pct_24h_min = 0;
    change.goal.capital_usd = 100;
  });
  const fresh = initialBot({ config, accountUid: "1" });
  let bot: Bot = {
    ...fresh,
    now: at(0),
    blocks: [],
    boot: { ...fresh.boot, stage: "done", startedAt: at(0) },
    privateStream: { status: "ready", since: at(0), reopenedAt: null },
    publicStream: { status: "ready", since: at(0), reopenedAt: null },
    account: { ...fresh.account, instrument: INSTRUMENT, riskTier: TIER, leverageE2: 300 },
  };
  const wallet = btc(1);
  const none = btc(0);
  const events: Event[] = [
    { kind: "FeeRatesAnswer", at: at(0), result: { kind: "rates", rates: RATES } },
    {
      kind: "WalletSeen",
      at: at(0),
      wallet: {
        walletBalance: wallet,
        totalPositionIm: none,
        totalOrderIm: none,
        locked: none,
        bonus: none,
        unrealisedPnl: none,
      },
    },
  ];
  for (const [interval, kind, range] of [["1h", "hour", 400], ["1d", "day", 2_000]] as const) {
    const bars = flatBars(kind, { count: kind === "hour" ? 200 : 30, close: 40_000, range, end: at(0) });
    events.push({ kind: "Bars", at: at(0), interval, bars, source: "history" });
  }
  for (let second = 1; second <= 420; second += 2) events.push(market(second, 40_000), tick(second));
  for (const event of events) bot = transition(bot, event).bot;
  return bot;
}

function run(bot: Bot, event: Event): { readonly bot: Bot; readonly ticket: OrderTicket | null } {
  const step = transition(bot, event);
  const sent = step.intents.find((intent) => "ticket" in intent);
  return { bot: step.bot, ticket: sent !== undefined && "ticket" in sent ? sent.ticket : null };
}

function execution(ticket: OrderTicket): Execution {
  return {
    execId: "x1",
    orderId: "o1",
    orderLinkId: ticket.orderLinkId,
    side: ticket.side,
    execType: "Trade",
    price: ticket.price ?? price(40_000),
    contracts: ticket.contracts,
    fee: btc(0.0000005),
    pnl: null,
    feeRate: RATES.maker,
    isMaker: true,
    orderQty: ticket.contracts,
    leavesQty: qty(0),
    closedSize: qty(0),
    seq: 1,
    createType: "CreateByUser",
    stopOrderType: "UNKNOWN",
    markPrice: price(40_000),
    execAt: at(430),
  };
}

const resting = flat();
const quiet = market(421, 40_001);
const beyond = transition(resting, market(422, 39_000)).bot;
const entered = run(beyond, tick(423));
if (entered.ticket === null) throw new Error(`No entry in the bench: ${JSON.stringify(beyond.evaluation)}`);
const fill: Event = { kind: "Executed", at: at(430), source: "stream", execution: execution(entered.ticket) };
const held = run(entered.bot, fill);
if (held.ticket === null) throw new Error("No stop after the fill in the bench");
const holding = transition(held.bot, market(431, 39_000)).bot;

Deno.bench("transition: market event, flat", () => {
  transition(resting, quiet);
});
Deno.bench("transition: market event, in position", () => {
  transition(holding, market(432, 39_001));
});
Deno.bench("transition: fill in entry", () => {
  transition(entered.bot, fill);
});
Deno.bench("transition: tick, in position", () => {
  transition(holding, tick(432));
});
Deno.bench("transition: full entry evaluation, signal and order", () => {
  transition(beyond, tick(423));
});
Deno.bench("transition: entry evaluation without a signal", () => {
  transition(resting, tick(423));
});

Deno.bench("no growth: 10,000 market events and ticks from flat", () => {
  let bot = resting;
  for (let second = 0; second < 10_000; second++) {
    bot = transition(bot, second % 2 === 0 ? market(421 + second, 40_000) : tick(421 + second)).bot;
  }
});
