/** Periods, retries and refusals of what is read and asked, by a millisecond to either side. */
import { strict as assert } from "node:assert";
import { openStep } from "../../src/application/transition/step.ts";
import { creditFill, takeWalletFailure } from "../../src/application/transition/ledger/money.ts";
import { reconcileDueAt, reconcilePeriodMs } from "../../src/application/transition/reconcile/reconcile.ts";
import { runSchedule, scheduleDueAt } from "../../src/application/transition/reconcile/schedule.ts";
import { newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { Bot } from "../../src/domain/state.ts";
import { type EpochMs, epochMs } from "../../src/domain/units.ts";
import {
  at,
  boot,
  command,
  enter,
  find,
  newRig,
  open,
  type Rig,
  send,
  show,
  skip,
  vitalsAt,
  wait,
} from "../core_rig.ts";
import { move, newVenue, refused } from "../core_venue.ts";

function opened(): Rig {
  const rig = newRig();
  open(rig);
  return rig;
}
function entering(): Rig {
  const rig = newRig();
  show(rig, enter(rig));
  return rig;
}
const period = (bot: Bot, change: Partial<Bot> = {}) => reconcilePeriodMs({ ...bot, ...change });

Deno.test("[F-4.5] the period of the looks: by phase, faster while degraded, disagreeing or cleaning up", () => {
  const flat = boot(newRig()).bot;
  const held = opened().bot;
  assert.deepEqual([period(flat), period(entering().bot), period(held)], [30_000, 5_000, 10_000]);
  const degraded = { degradedSince: epochMs(1) };
  assert.deepEqual([period(flat, degraded), period(held, degraded)], [30_000, 1_000]);
  assert.equal(period(flat, { ...degraded, orders: held.orders }), 1_000);
  const disagreeing = (mismatches: number) => ({ reconcile: { ...held.reconcile, mismatches } });
  assert.equal(period(held, disagreeing(1)), 1_000);
  const cleaning = (ms: number) =>
    period(flat, { blocks: [newBlock("order_cleanup", { since: epochMs(flat.now - ms), until: null })] });
  assert.deepEqual([cleaning(0), cleaning(29_999), cleaning(30_000)], [1_000, 1_000, 5_000]);
  const sooner = epochMs(held.now + 17);
  assert.equal(reconcileDueAt({ ...held, reconcile: { ...held.reconcile, nextAt: sooner } }), sooner);
});

/** What a tick of the schedule asks for at `bot.now`. */
function asked(bot: Bot): readonly string[] {
  const step = openStep(bot, { kind: "Tick", at: bot.now, vitals: vitalsAt(newRig()) });
  runSchedule(step);
  return step.out.map((one) => one.kind === "QueryBars" ? `${one.kind} ${one.interval} ${one.count}` : one.kind);
}
const HOUR = 3_600_000;

Deno.test("[F-4.8 P-1] a closed candle missing 90 s after the end of its hour or day is read, once a minute", () => {
  const { bot } = boot(newRig());
  const due = (change: Partial<Bot>, barsAt: EpochMs = bot.now) =>
    asked({ ...bot, ...change, schedule: { ...bot.schedule, barsAt } }).filter((one) => one.startsWith("QueryBars"));
  const none = { ...bot.hours, bars: [] };
  assert.deepEqual(due({}), []);
  assert.deepEqual(due({ hours: none, days: none }), ["QueryBars 1h 200", "QueryBars 1d 30"]);
  assert.deepEqual(due({ hours: none }, epochMs(bot.now + 1)), []);
  const newest = bot.hours.bars.at(-1);
  assert.ok(newest !== undefined);
  const late = (ms: number) => {
    const hours = { ...bot.hours, bars: [{ ...newest, startAt: epochMs(bot.now - 2 * HOUR - ms) }] };
    return [due({ hours }), scheduleDueAt({ ...bot, hours, schedule: { ...bot.schedule, barsAt: epochMs(0) } })];
  };
  assert.deepEqual(late(89_999)[0], []);
  assert.deepEqual(late(90_000)[0], ["QueryBars 1h 200"]);
  assert.equal(late(89_999)[1], bot.now + 1);
});

Deno.test("[F-4.5 P-10 F-12.6] wallet, fees, maintenance and the daily reads leave at their time and not before", () => {
  const { bot } = boot(newRig());
  const later = epochMs(bot.now + 1);
  const round = (ms: number) => epochMs(bot.now + ms);
  const never = { walletAt: round(1_201), feeRatesAt: later, maintenanceAt: later, dailyAt: later, barsAt: later };
  const quiet = { ...bot, reconcile: { ...bot.reconcile, nextAt: later } };
  const due = (change: Partial<Bot["schedule"]>, to: Partial<Bot> = {}) =>
    asked({ ...quiet, ...to, schedule: { ...bot.schedule, ...never, ...change } });
  assert.deepEqual(due({}), []);
  assert.deepEqual([due({ walletAt: round(1_200) }), due({ walletAt: bot.now })], [["QueryWallet"], ["QueryWallet"]]);
  assert.deepEqual(due({ maintenanceAt: bot.now }), ["QueryMaintenance", "QueryInstrument"]);
  assert.deepEqual(due({ dailyAt: bot.now }), ["QueryRiskTier", "QueryKey"]);
  const old = { fees: { ...bot.fees, readAt: epochMs(bot.now - HOUR) } };
  assert.deepEqual([due({ feeRatesAt: bot.now }), due({ feeRatesAt: bot.now }, old), due({}, old)], [
    [],
    ["QueryFeeRates"],
    [],
  ]);
  const banned = [newBlock("ip_banned", { since: epochMs(0), until: later })];
  assert.deepEqual(due({ walletAt: bot.now }, { blocks: banned }), []);
});

Deno.test("[F-3.2 F-7.14] no read is due while the address is banned: overdue ones do not keep the clock ticking", () => {
  const { bot } = boot(newRig());
  const overdue = { ...bot, schedule: { ...bot.schedule, walletAt: epochMs(bot.now - 1) } };
  const banned = [newBlock("ip_banned", { since: bot.now, until: epochMs(bot.now + 600_000) })];
  assert.deepEqual([scheduleDueAt(overdue), scheduleDueAt({ ...overdue, blocks: banned })], [bot.now - 1, null]);
});

Deno.test("[F-7.3 F-4.5] a failed read of the wallet brings the next one to 5 s after it was asked, unless degraded or due sooner", () => {
  const { bot } = boot(newRig());
  const next = (walletIn: number, degraded = false) => {
    const schedule = { ...bot.schedule, walletAt: epochMs(bot.now + walletIn) };
    const changed = { ...bot, schedule, degradedSince: degraded ? bot.now : null };
    const step = openStep(changed, { kind: "Shutdown", at: bot.now });
    takeWalletFailure(step, bot.now);
    return step.bot.schedule.walletAt - bot.now;
  };
  assert.deepEqual([next(15_000), next(4_999), next(15_000, true)], [5_000, 4_999, 15_000]);
});

Deno.test("[F-1.27 F-7.16] a fill that turns the position over credits its fee alone to the trade it opened", () => {
  const { bot } = opened();
  const { trade } = bot;
  assert.ok(trade !== null);
  const execution = move(newVenue(), { side: "Sell", contracts: 10, price: 5_000_000, at: bot.now });
  const credited = (turns: boolean) => {
    const step = openStep(bot, { kind: "Shutdown", at: bot.now });
    creditFill(step, { execution, reckoned: 777, turns });
    return (step.bot.trade?.credited ?? 0) - trade.credited + execution.fee;
  };
  assert.deepEqual([credited(true), credited(false)], [0, 777]);
});

Deno.test("[F-12.8] a refused change of leverage is told, one that was not needed or not sent is not", () => {
  const alerts = (outcome: Parameters<typeof refused>[0] | "ok" | "notSent") => {
    const rig = boot(newRig());
    const sent = send(rig, {
      kind: "LeverageAnswer",
      at: at(rig),
      leverageE2: 300,
      outcome: outcome === "ok"
        ? { kind: "ok" }
        : outcome === "notSent"
        ? { kind: "notSent", reason: "rest_budget_exhausted" }
        : refused(outcome),
    });
    return find(sent, "Alert")?.code ?? null;
  };
  assert.deepEqual([alerts("other"), alerts("not_modified"), alerts("ok"), alerts("notSent")], [
    "leverage",
    null,
    null,
    null,
  ]);
});

Deno.test("[F-13.2] a reset wants an agreement with the venue of the last 60 s", () => {
  const reset = (ago: number | null) => {
    const rig = boot(newRig());
    wait(rig, 2_000);
    rig.deaf = true;
    skip(rig, 100_000);
    const agreedAt = ago === null ? null : epochMs(rig.now - ago);
    const halt = { reason: "core_fault", since: epochMs(0), detail: "" } as const;
    rig.bot = { ...rig.bot, halt, reconcile: { ...rig.bot.reconcile, agreedAt } };
    const sent = command(rig, "reset");
    return find(sent, "Answer")?.text;
  };
  const none = "no agreement with the venue yet, try again";
  assert.deepEqual([reset(60_000), reset(60_001), reset(null)], ["reset core_fault", none, none]);
});
