import { strict as assert } from "node:assert";
import type { WalletRow } from "../../src/domain/orders.ts";
import { type PicoBtc, picoBtc } from "../../src/domain/units.ts";
import * as capital from "../../src/application/policy/money/capital.ts";
import { dryRunFull, dryRunStartFault } from "../../src/application/policy/entry/dry_run.ts";
import { emptyGoal, floorUsd, type GoalState, judgeGoal, monthsLater } from "../../src/application/policy/risk/goal.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, btc, NOON, price, time, usd } from "../core_values.ts";

const config = defaultTestConfig();
const MARK = price(80000);
const based = (wallet = 5) =>
  capital.fixBase(
    capital.foldWallet(capital.emptyCapital, { balance: btc(wallet), now: NOON }).state,
    { mark: MARK, wallet: btc(wallet) },
    config.goal,
  );

Deno.test("[P-1][P-2 capital_usd] the base is 100 USD at the first mark and never moves with it", () => {
  const state = based();
  assert.equal(state.base, btc(0.00125));
  assert.equal(capital.fixBase(state, { mark: price(50000), wallet: btc(5) }, config.goal), state);
  assert.equal(capital.fixBase(capital.emptyCapital, { mark: null, wallet: btc(5) }, config.goal).base, null);
  assert.equal(capital.fixBase(capital.emptyCapital, { mark: price(0), wallet: btc(5) }, config.goal).base, null);
  assert.equal(capital.fixBase(capital.emptyCapital, { mark: MARK, wallet: null }, config.goal).base, null);
  const other = { ...config.goal, capital_usd: 200 };
  assert.equal(capital.fixBase(capital.emptyCapital, { mark: MARK, wallet: btc(5) }, other).base, btc(0.0025));
});

Deno.test("[P-1] without capital_usd the whole wallet is the base", () => {
  const whole = { ...config.goal, capital_usd: null };
  assert.equal(capital.fixBase(capital.emptyCapital, { mark: null, wallet: btc(5) }, whole).base, btc(5));
});

Deno.test("[P-1] equity is base + own realised + unrealised, never more than the wallet + unrealised", () => {
  const state = capital.foldOwnMoney(based(), btc(0.0001));
  assert.equal(capital.equityBtc(state, btc(0.00002)), btc(0.00137));
  assert.equal(capital.equityBtc(based(0.001), btc(0.0002)), btc(0.0012));
  assert.equal(capital.equityBtc(capital.emptyCapital, btc(0)), null);
  assert.equal(capital.equityBtc({ ...based(), wallet: null }, btc(0)), null);
  assert.equal(capital.equityUsd(btc(0.00125), MARK), usd(100));
  assert.equal(capital.equityUsd(btc(0.00125), null), null);
  assert.equal(capital.equityUsd(btc(0.00125), price(0)), null);
  assert.equal(capital.equityUsd(null, MARK), null);
  assert.equal(capital.foldOwnMoney(state, picoBtc(0)), state);
});

Deno.test("[P-7][F-4.8] free BTC is the wallet less margins, locked and bonus; what is missing is not zero", () => {
  const row: WalletRow = {
    walletBalance: btc(1),
    totalPositionIm: btc(0.1),
    totalOrderIm: btc(0.2),
    locked: btc(0.03),
    bonus: btc(0.004),
    unrealisedPnl: btc(9),
  };
  assert.equal(capital.freeBtc(row), btc(0.666));
  assert.equal(capital.freeBtc({ ...row, locked: null, bonus: null }), btc(0.7));
  for (const key of ["walletBalance", "totalPositionIm", "totalOrderIm"] as const) {
    assert.equal(capital.freeBtc({ ...row, [key]: null }), null);
  }
  assert.equal(capital.freeBtc({ ...row, totalOrderIm: btc(2) }), btc(0));
});

type Read = readonly [second: number, balance: number, own?: number];
function wallet(rows: readonly Read[]) {
  let state = based(1);
  const found: (PicoBtc | null)[] = [];
  let halt: string | null = null;
  for (const [second, balance, own = 0] of rows) {
    state = capital.foldOwnMoney(state, btc(own));
    const step = capital.foldWallet(state, { balance: btc(balance), now: after(NOON, second) });
    ({ state } = step);
    found.push(step.flow);
    halt = step.halt?.reason ?? halt;
  }
  return { state, flow: found.at(-1) ?? null, halt };
}

Deno.test("[F-7.16] a wallet change explained within 60 s by own money is none", () => {
  assert.equal(wallet([[0, 0.9999], [59.999, 0.9999, -0.0001], [70, 0.9999]]).flow, null);
  assert.equal(wallet([[0, 1, -0.0001], [30, 0.9999], [90, 0.9999]]).flow, null);
  assert.equal(wallet([[0, 0.9999], [59.999, 0.9999]]).flow, null);
});

Deno.test("[F-7.16] one not explained after 60 s is an external cash flow that shifts the base, once", () => {
  const out = wallet([[0, 0.9999], [60, 0.9999]]);
  assert.deepEqual([out.flow, out.state.base, out.halt], [btc(-0.0001), btc(0.00115), null]);
  assert.equal(wallet([[0, 0.9999], [60, 0.9999], [75, 0.9999], [140, 0.9999]]).flow, null);
  const mixed = wallet([[0, 1.0002, 0.0001], [60, 1.0002]]);
  assert.deepEqual([mixed.flow, mixed.state.base], [btc(0.0001), btc(0.00135)]);
  const back = wallet([[0, 0.9999], [30, 1], [60, 0.9999], [119.999, 0.9999]]);
  assert.equal(back.flow, null);
});

Deno.test("[F-7.16] before the base is fixed a cash flow is known but shifts and halts nothing", () => {
  const first = capital.foldWallet(capital.emptyCapital, { balance: btc(1), now: NOON }).state;
  const second = capital.foldWallet(first, { balance: btc(2), now: NOON });
  const found = capital.foldWallet(second.state, { balance: btc(2), now: after(NOON, 60) });
  assert.deepEqual([found.flow, found.halt, found.state.base], [btc(1), null, null]);
});

Deno.test("[F-7.16] differences up to 10 satoshi are rounding", () => {
  assert.equal(wallet([[0, 0.9999999], [60, 0.9999999]]).flow, null);
  assert.equal(wallet([[0, 0.99999989], [60, 0.99999989]]).flow, btc(-0.00000011));
  assert.equal(wallet([[0, 0.999999899999], [60, 0.999999899999]]).flow, picoBtc(-100_001));
});

Deno.test("[F-7.16] more than 20 % of equity halts", () => {
  assert.equal(wallet([[0, 1 - 0.00025], [60, 1 - 0.00025]]).halt, null);
  assert.equal(wallet([[0, 1 - 0.00025001], [60, 1 - 0.00025001]]).halt, "balance_anomaly");
  assert.equal(wallet([[0, 1.1], [60, 1.1]]).halt, "balance_anomaly");
});

const START = time("2026-01-31 10:00");
const running: GoalState = { ...emptyGoal, startedAt: START };
const judge = (equity: number, at: string, state = running, goal = config.goal) => {
  const { halt, reviewRequired } = judgeGoal(state, { equity: usd(equity), now: time(at) }, goal);
  return [halt?.reason ?? null, reviewRequired];
};

Deno.test("[P-2 goal_usd] equity at the goal, never liquidated, halts to protect the result", () => {
  assert.deepEqual(judge(999.9995, "2026-06-01 00:00"), [null, false]);
  assert.deepEqual(judge(1000, "2026-06-01 00:00"), ["goal_reached", false]);
  assert.deepEqual(judge(1000, "2026-06-01 00:00", { ...running, everLiquidated: true }), [null, false]);
  assert.deepEqual(judge(1000, "2026-06-01 00:00", running, { ...config.goal, goal_usd: 1001 }), [null, false]);
  assert.deepEqual(judge(1000, "2026-06-01 00:00", { ...running, goalUsd: 2000 }), [null, false]);
  assert.deepEqual(judge(500, "2030-06-01 00:00", emptyGoal), [null, false]);
});

Deno.test("[P-2 review_after_months review_min_equity_usd] below 200 USD after 12 months asks for a review", () => {
  assert.deepEqual(judge(199.99, "2027-01-31 09:59:59"), [null, false]);
  assert.deepEqual(judge(199.99, "2027-01-31 10:00"), [null, true]);
  assert.deepEqual(judge(200, "2027-01-31 10:00"), [null, false]);
  assert.deepEqual(judge(199, "2027-01-31 10:00", running, { ...config.goal, review_after_months: 13 }), [null, false]);
  assert.deepEqual(judge(200, "2027-01-31 10:00", running, { ...config.goal, review_min_equity_usd: 201 }), [
    null,
    true,
  ]);
});

Deno.test("[P-2 fail_after_months] 18 months without the goal halt", () => {
  assert.deepEqual(judge(900, "2027-07-31 09:59:59"), [null, false]);
  assert.deepEqual(judge(900, "2027-07-31 10:00"), ["goal_missed", false]);
  assert.deepEqual(judge(1000, "2027-07-31 10:00"), ["goal_reached", false]);
  assert.deepEqual(judge(900, "2027-07-31 10:00", running, { ...config.goal, fail_after_months: 19 }), [null, false]);
});

Deno.test("[P-2] a single month of 28 days counts in full", () => {
  const february: GoalState = { ...running, startedAt: time("2026-02-01 00:00") };
  const goal = { ...config.goal, fail_after_months: 1 };
  assert.deepEqual(judge(900, "2026-02-28 23:59:59", february, goal), [null, false]);
  assert.deepEqual(judge(900, "2026-03-01 00:00", february, goal), ["goal_missed", false]);
});

Deno.test("[P-2] months are calendar months of UTC, cut to the shorter month", () => {
  assert.equal(monthsLater(START, 1), time("2026-02-28 10:00"));
  assert.equal(monthsLater(START, 2), time("2026-03-31 10:00"));
  assert.equal(monthsLater(time("2026-12-15 23:59:59"), 2), time("2027-02-15 23:59:59"));
  assert.equal(monthsLater(time("2026-03-01 00:00"), 1), time("2026-04-01 00:00"));
});

Deno.test("[P-2][F-13.2] an accepted reset replaces the floor", () => {
  assert.equal(floorUsd(emptyGoal, config.goal), 80);
  assert.equal(floorUsd({ ...emptyGoal, floorUsd: 60 }, config.goal), 60);
});

Deno.test("[P-12 dry_run max_trades_total] a dry run ends after 50 trades, anything else never", () => {
  const on = { ...config.dry_run, dry_run: true };
  assert.equal(dryRunFull(49, on), false);
  assert.equal(dryRunFull(50, on), true);
  assert.equal(dryRunFull(50, config.dry_run), false);
  assert.equal(dryRunFull(50, { ...on, max_trades_total: 51 }), false);
});

Deno.test("[P-12 min_equity_usd] a dry run starts with 99 USD or more", () => {
  const on = { ...config.dry_run, dry_run: true };
  assert.equal(dryRunStartFault(usd(99), on), null);
  assert.match(dryRunStartFault(usd(98.99), on) ?? "", /P-12 needs 99 USD: current equity is 98\.99/);
  assert.notEqual(dryRunStartFault(usd(98.99995), on), null);
  assert.equal(dryRunStartFault(usd(1), config.dry_run), null);
  assert.notEqual(dryRunStartFault(usd(99), { ...on, min_equity_usd: 100 }), null);
});
