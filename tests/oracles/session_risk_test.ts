import { strict as assert } from "node:assert";
import type { Block } from "../../src/domain/halts_and_blocks.ts";
import type { Config } from "../../src/domain/limits.ts";
import type { EpochMs } from "../../src/domain/units.ts";
import * as session from "../../src/application/policy/risk/session_risk.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, btc, MONDAY, NOON, price, time, usd } from "../core_values.ts";

const { safety, runtime } = defaultTestConfig();
const HOUR = 3600;
const DAY = 24 * HOUR;
/** At this mark 1 BTC is 100,000 USD, so 1 USD of PnL is 0.00001 BTC. */
const MARK = price(100_000);
const dollars = (amount: number) => btc(amount / 100_000);

const rolled = (now: EpochMs, equity = 100, risk = session.emptySessionRisk) =>
  session.rollSession(risk, { now, equity: usd(equity) }, safety).risk;
const START = rolled(NOON);

type Trade = { readonly pnl: number; readonly ratio?: number | null; readonly funding?: number; readonly at?: EpochMs };
function close(risk: session.SessionRiskState, trade: Trade, limits: Config["safety"] = safety): session.RiskStep {
  const now = trade.at ?? NOON;
  const net = dollars(trade.pnl);
  const amount = dollars(trade.pnl + (trade.funding ?? 0));
  const money = session.foldRealised(risk, { amount, mark: MARK, at: now, now }, limits);
  const feeRatio = trade.ratio === undefined ? 1 : trade.ratio;
  const judged = session.foldTrade(money.risk, { trade: { net, feeRatio }, now }, limits);
  return { risk: judged.risk, blocks: [...money.blocks, ...judged.blocks] };
}
function closeAll(trades: readonly Trade[], limits: Config["safety"] = safety): readonly Block[] {
  let risk = START;
  let blocks: readonly Block[] = [];
  for (const trade of trades) ({ risk, blocks } = close(risk, trade, limits));
  return blocks;
}
const reasons = (blocks: readonly Block[]) => blocks.map((block) => block.reason);
const loss = (pnl = -0.1): Trade => ({ pnl });
const win: Trade = { pnl: 0.1 };

// ---- F-14 session risk, 15 -------------------------------------------------------------------------------------------------

Deno.test("[F-8.1][F-14] daily −4 % is no block", () => {
  assert.deepEqual(closeAll([loss(-4)]), []);
});
Deno.test("[F-8.1][F-14][P-11 daily_loss_cap_pct] daily −6 % blocks until 00:00 UTC, exactly −5 % does, −4.999 % not", () => {
  const [block] = closeAll([loss(-6)]);
  assert.deepEqual([block?.reason, block?.class, block?.until], ["daily_loss", "COOLDOWN", time("2026-03-05 00:00")]);
  assert.deepEqual(reasons(closeAll([loss(-5)])), ["daily_loss"]);
  assert.deepEqual(closeAll([loss(-4.999)]), []);
  assert.deepEqual(closeAll([loss(-5)], { ...safety, daily_loss_cap_pct: 5.1 }), []);
  assert.deepEqual(reasons(closeAll([loss(-3), loss(-2)])), ["daily_loss"]);
  assert.deepEqual(closeAll([win, loss(-5)]), []);
});
Deno.test("[F-8.1][F-14] 00:00 UTC starts a new day with its own equity", () => {
  const lost = close(START, loss(-6)).risk;
  const next = session.rollSession(lost, { now: time("2026-03-05 00:00"), equity: usd(94) }, safety);
  assert.deepEqual(next.risk.day, { startAt: time("2026-03-05 00:00"), equity: usd(94), realised: usd(0) });
  assert.equal(next.risk.week?.realised, usd(-6));
  assert.deepEqual(next.blocks, []);
  assert.deepEqual(reasons(close(next.risk, { pnl: -4.6, at: time("2026-03-05 01:00") }).blocks), []);
  assert.deepEqual(reasons(close(next.risk, { pnl: -4.7, at: time("2026-03-05 01:00") }).blocks), ["daily_loss"]);
});
Deno.test("[F-8.2][F-14] weekly −10 % is no block", () => {
  assert.equal(reasons(closeAll([loss(-10)])).includes("weekly_loss"), false);
});
Deno.test("[F-8.2][F-14][P-11 weekly_loss_cap_pct weekly_cooldown_days] weekly −15 % blocks for 7 days", () => {
  const block = closeAll([loss(-15)]).find((one) => one.reason === "weekly_loss");
  assert.equal(block?.until, after(NOON, 7 * DAY));
  assert.equal(reasons(closeAll([loss(-12.5)])).includes("weekly_loss"), true);
  assert.equal(reasons(closeAll([loss(-12.499)])).includes("weekly_loss"), false);
  const wider = { ...safety, weekly_loss_cap_pct: 16, weekly_cooldown_days: 6 };
  assert.equal(reasons(closeAll([loss(-15)], wider)).includes("weekly_loss"), false);
  const longer = closeAll([loss(-16)], wider).find((one) => one.reason === "weekly_loss");
  assert.equal(longer?.until, after(NOON, 6 * DAY));
});
Deno.test("[F-8.2][F-14] Monday 00:00 UTC starts a new week", () => {
  const lost = close(START, loss(-10)).risk;
  const sunday = session.rollSession(lost, { now: time("2026-03-08 23:59:59"), equity: usd(90) }, safety).risk;
  assert.equal(sunday.week?.startAt, MONDAY);
  const monday = session.rollSession(sunday, { now: time("2026-03-09 00:00"), equity: usd(90) }, safety).risk;
  assert.deepEqual(monday.week, { startAt: time("2026-03-09 00:00"), equity: usd(90), realised: usd(0) });
});
Deno.test("[F-8.3][F-14] a loss streak of 2 is no block", () => {
  assert.deepEqual(closeAll([loss(), loss()]), []);
});
Deno.test("[F-8.3][F-14][P-11 loss_streak_day] a loss streak of 3 or 4 blocks until 00:00 UTC", () => {
  for (const count of [3, 4]) {
    const [block] = closeAll(Array.from({ length: count }, () => loss()));
    assert.deepEqual([block?.reason, block?.until], ["loss_streak_day", time("2026-03-05 00:00")]);
  }
  assert.deepEqual(closeAll([loss(), loss(), win, loss()]), []);
  assert.deepEqual(reasons(closeAll([loss(), loss()], { ...safety, loss_streak_day: 2 })), ["loss_streak_day"]);
});
Deno.test("[F-8.4][F-14][P-11 loss_streak_cooldown loss_streak_cooldown_h] a loss streak of 5 or more blocks 72 h", () => {
  for (const count of [5, 6]) {
    const [block] = closeAll(Array.from({ length: count }, () => loss()));
    assert.deepEqual([block?.reason, block?.until], ["loss_streak", after(NOON, 72 * HOUR)]);
  }
  const sooner = { ...safety, loss_streak_cooldown: 4, loss_streak_cooldown_h: 71 };
  const [block] = closeAll([loss(), loss(), loss(), loss()], sooner);
  assert.deepEqual([block?.reason, block?.until], ["loss_streak", after(NOON, 71 * HOUR)]);
});
Deno.test("[F-8.5][F-14] one fee spike is no block", () => {
  assert.deepEqual(closeAll([{ pnl: 1, ratio: 1.51 }]), []);
});
Deno.test("[F-8.5][F-14][P-11 fee_spike_ratio fee_spike_count fee_spike_min] two spikes in a row block 30 min", () => {
  const spike: Trade = { pnl: 1, ratio: 1.51 };
  const [block] = closeAll([spike, spike]);
  assert.deepEqual([block?.reason, block?.until], ["fee_spike", after(NOON, 30 * 60)]);
  assert.deepEqual(closeAll([spike, { pnl: 1, ratio: 1.5 }]), []);
  assert.deepEqual(closeAll([spike, { pnl: 1, ratio: 1.5 }, spike]), []);
  assert.deepEqual(reasons(closeAll([spike, { pnl: 1, ratio: null }, spike])), ["fee_spike"]);
  assert.deepEqual(closeAll([spike, { pnl: 1, ratio: null }]), []);
  assert.deepEqual(closeAll([spike, spike], { ...safety, fee_spike_ratio: 1.51 }), []);
  assert.deepEqual(reasons(closeAll([spike], { ...safety, fee_spike_count: 1 })), ["fee_spike"]);
  assert.equal(closeAll([spike, spike], { ...safety, fee_spike_min: 31 })[0]?.until, after(NOON, 31 * 60));
});

function slip(rows: readonly [second: number, amount: number][], limits: Config["safety"] = safety): readonly Block[] {
  let risk = START;
  let blocks: readonly Block[] = [];
  for (const [second, amount] of rows) {
    ({ risk, blocks } = session.foldSlippage(risk, { slippage: usd(amount), now: after(NOON, second) }, limits));
  }
  return blocks;
}
Deno.test("[F-8.6][F-14] large slippage twice is no block", () => {
  assert.deepEqual(slip([[0, 2.01], [10, 2.01]]), []);
});
Deno.test("[F-8.6][F-14][P-11 slippage_usd slippage_count slippage_min] three times within 10 min block 60 min", () => {
  const [block] = slip([[0, 2.01], [10, 2.01], [600, 2.01]]);
  assert.deepEqual([block?.reason, block?.until], ["slippage", after(NOON, 600 + 3600)]);
  assert.deepEqual(slip([[0, 2.01], [10, 2], [20, 2.01]]), []);
  assert.deepEqual(reasons(slip([[0, 2.01], [10, 2.000001], [20, 2.01]])), ["slippage"]);
  assert.deepEqual(slip([[0, 2.01], [10, 2.01], [20, 2.01]], { ...safety, slippage_usd: 2.01 }), []);
  assert.deepEqual(reasons(slip([[0, 2.01], [10, 2.01]], { ...safety, slippage_count: 2 })), ["slippage"]);
  const longer = slip([[0, 2.01], [10, 2.01], [20, 2.01]], { ...safety, slippage_min: 61 });
  assert.equal(longer[0]?.until, after(NOON, 20 + 61 * 60));
});
Deno.test("[F-8.6][F-14][P-11 slippage_window_s] three with one 11 min old are no block", () => {
  assert.deepEqual(slip([[0, 2.01], [650, 2.01], [660, 2.01]]), []);
  assert.deepEqual(slip([[0, 2.01], [10, 2.01], [600.001, 2.01]]), []);
  const wider = { ...safety, slippage_window_s: 660 };
  assert.deepEqual(reasons(slip([[0, 2.01], [650, 2.01], [660, 2.01]], wider)), ["slippage"]);
});
Deno.test("[F-8.7][F-14][P-8 reconnect_loop_count reconnect_loop_window_s] a reconnect loop holds while 3 losses lie in 5 min", () => {
  const lose = (seconds: readonly number[]) =>
    seconds.reduce((risk, second) => session.foldLinkLoss(risk, after(NOON, second), runtime), START);
  const loop = (risk: session.SessionRiskState, second: number, limits = runtime) =>
    session.reconnectLoop(risk, after(NOON, second), limits);
  assert.equal(loop(lose([0, 100]), 100), false);
  assert.equal(loop(lose([0, 100, 200]), 200), true);
  assert.equal(loop(lose([0, 100, 200]), 300), true);
  assert.equal(loop(lose([0, 100, 200]), 300.001), false);
  assert.equal(loop(lose([0, 4.999, 100]), 100), false);
  assert.equal(loop(lose([0, 5, 100]), 100), true);
  assert.equal(loop(lose([0, 100, 200]), 300.001, { ...runtime, reconnect_loop_window_s: 301 }), true);
  assert.equal(loop(lose([0, 100]), 100, { ...runtime, reconnect_loop_count: 2 }), true);
  assert.equal(lose(Array.from({ length: 50 }, (_, i) => i * 10)).linkLosses.length, 3);
});

// ---- definitions ------------------------------------------------------------------------------------------------------------

Deno.test("[F-8] until 00:00 is never less than 4 hours", () => {
  assert.equal(session.untilMidnight(time("2026-03-04 19:59:59")), time("2026-03-05 00:00"));
  assert.equal(session.untilMidnight(time("2026-03-04 20:00")), time("2026-03-05 00:00"));
  assert.equal(session.untilMidnight(time("2026-03-04 20:00:01")), time("2026-03-05 00:00:01"));
  assert.equal(session.untilMidnight(time("2026-03-05 00:00")), time("2026-03-06 00:00"));
});

Deno.test("[F-8.2] weeks start on Monday 00:00 UTC", () => {
  assert.equal(session.weekStart(NOON), MONDAY);
  assert.equal(session.weekStart(MONDAY), MONDAY);
  assert.equal(session.weekStart(after(MONDAY, -0.001)), time("2026-02-23 00:00"));
  assert.equal(session.weekStart(time("1970-01-02 00:00")), 0);
});

Deno.test("[F-8][P-11] the day is judged against the first equity after 00:00, first start if later", () => {
  assert.deepEqual(rolled(NOON, 100).day, { startAt: time("2026-03-04 00:00"), equity: usd(100), realised: usd(0) });
  assert.equal(rolled(after(NOON, 60), 50, START), START);
  const blind = session.rollSession(session.emptySessionRisk, { now: NOON, equity: null }, safety).risk;
  const lost = close(blind, loss(-6));
  assert.deepEqual(lost.blocks, []);
  const known = session.rollSession(lost.risk, { now: after(NOON, 1), equity: usd(94) }, safety);
  assert.deepEqual(reasons(known.blocks), ["daily_loss"]);
  assert.equal(known.risk.day?.equity, usd(94));
  assert.deepEqual(close(rolled(NOON, 0), loss(-6)).blocks, []);
});

Deno.test("[F-8] funding counts at once and is not counted again with its trade", () => {
  const paid = session.foldRealised(START, { amount: dollars(-3), mark: MARK, at: NOON, now: NOON }, safety);
  assert.deepEqual([paid.risk.day?.realised, paid.blocks], [usd(-3), []]);
  const closed = close(paid.risk, { pnl: -4.9, funding: 3 });
  assert.deepEqual([closed.risk.day?.realised, closed.blocks], [usd(-4.9), []]);
  assert.deepEqual(reasons(close(paid.risk, { pnl: -5, funding: 3 }).blocks), ["daily_loss"]);
});

Deno.test("[F-8] money belongs to the day and week of its own time", () => {
  const at = time("2026-03-03 23:59:59");
  const late = session.foldRealised(START, { amount: dollars(-6), mark: MARK, at, now: NOON }, safety);
  assert.deepEqual([late.risk.day?.realised, late.risk.week?.realised, late.blocks], [usd(0), usd(-6), []]);
  const first = time("2026-03-04 00:00");
  const midnight = session.foldRealised(START, { amount: dollars(-6), mark: MARK, at: first, now: NOON }, safety);
  assert.deepEqual([midnight.risk.day?.realised, reasons(midnight.blocks)], [usd(-6), ["daily_loss"]]);
  const before = session.foldRealised(START, {
    amount: dollars(-6),
    mark: MARK,
    at: after(MONDAY, -1),
    now: NOON,
  }, safety);
  assert.equal(before.risk.week?.realised, usd(0));
});

Deno.test("[F-8.10] streak rules fire on the closing trade: a win, a new day or a new start fire nothing", () => {
  const three = [loss(), loss(), loss()].reduce((risk, trade) => close(risk, trade).risk, START);
  assert.equal(three.lossStreak, 3);
  assert.deepEqual(close(three, win).blocks, []);
  assert.equal(close(three, win).risk.lossStreak, 0);
  assert.deepEqual(session.rollSession(three, { now: after(NOON, DAY), equity: usd(99) }, safety).blocks, []);
  assert.equal(close(three, { pnl: 0 }).risk.lossStreak, 4);
  assert.equal(close(three, { pnl: 1e-7 }).risk.lossStreak, 0);
});

Deno.test("[F-8.11] counters are plain data that survive being written and read", () => {
  const risk = close(close(START, loss()).risk, { pnl: -1, ratio: 2 }).risk;
  assert.deepEqual(JSON.parse(JSON.stringify(risk)), risk);
});

Deno.test("[P-3 max_trades_per_day] opened trades are counted by UTC day", () => {
  const two = session.foldTradeOpened(session.foldTradeOpened(START));
  assert.equal(two.tradesToday, 2);
  assert.equal(rolled(time("2026-03-04 23:59:59"), 100, two).tradesToday, 2);
  assert.equal(rolled(time("2026-03-05 00:00"), 100, two).tradesToday, 0);
});

Deno.test("[P-1] slippage is |average − reference| ÷ reference × contracts as money", () => {
  const of = (average: number, reference: number, contracts: number) =>
    session.slippageOf({ average: price(average), reference: price(reference), contracts });
  assert.equal(of(79200, 80000, 200), usd(2));
  assert.equal(of(80800, 80000, 200), usd(2));
  assert.equal(of(80000, 80000, 200), usd(0));
  assert.equal(of(80000, 0, 200), usd(0));
  assert.equal(of(0.02, 0.01, 2), usd(2));
});
