/** What REST made the truth and the executions that come behind it: at each turn of the way (F-4.3). */
import { strict as assert } from "node:assert";
import type { Execution } from "../../src/domain/orders.ts";
import { picoBtc, usdContracts } from "../../src/domain/units.ts";
import {
  at,
  boot,
  count,
  filled,
  haltOf,
  newRig,
  open,
  phaseOf,
  position,
  PRICE,
  type Rig,
  seen,
  send,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { change, fill, move, positionRow } from "../core_venue.ts";

/** Three looks at the venue's position as it is; nothing else is answered. */
function looks(rig: Rig): void {
  for (let look = 0; look < 3; look += 1) {
    skip(rig, 1000);
    const result = { kind: "position", position: positionRow(rig.venue, at(rig)) } as const;
    send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result });
  }
}
function executed(rig: Rig, execution: Execution) {
  skip(rig, 10);
  return send(rig, { kind: "Executed", at: at(rig), execution, source: "backfill" });
}
/** In position behind a dead stream: `told` reaches the bot only when a test says so. */
function deafRig() {
  const rig = newRig();
  const opened = open(rig);
  wait(rig, 15_000);
  rig.deaf = true;
  return { rig, ...opened };
}
/** The target fills whole; REST says flat before the execution comes. */
function closedByRest() {
  const story = deafRig();
  const { rig, contracts, target } = story;
  const { execution } = fill(rig.venue, target, { contracts, price: 4_990_000, at: at(rig), maker: true });
  const gained = Math.round(contracts * 1e14 * (1 / 4_889_950 - 1 / 4_990_000));
  looks(rig);
  assert.equal(phaseOf(rig), "flat");
  return { ...story, execution: { ...execution, pnl: picoBtc(gained) } };
}
function records(rig: Rig) {
  return rig.all.flatMap((one) => one.kind === "Record" ? [one.record] : []);
}

Deno.test("[F-4.3] a close that REST said first is no position of the other side when its execution comes, twice", () => {
  const { rig, execution } = closedByRest();
  const fees = rig.bot.closedTrade?.fees ?? 0;
  executed(rig, execution);
  executed(rig, execution);
  assert.deepEqual([phaseOf(rig), rig.bot.ledger.net, haltOf(rig)], ["flat", 0, "-"]);
  assert.deepEqual([rig.bot.ledger.owed, rig.bot.closedTrade?.fees], [null, fees + execution.fee]);
});

Deno.test("[F-4.3 P-1 F-8.10] the trade is judged by the money of that execution, and its record holds it", () => {
  const { rig, execution, contracts } = closedByRest();
  assert.equal(rig.bot.metrics.closed, 0);
  executed(rig, execution);
  assert.equal(rig.bot.metrics.closed, 1);
  wait(rig, 11_000);
  const trade = records(rig).find((one) => one.type === "trade");
  assert.equal(trade?.gross_pnl_sats, (execution.pnl ?? 0) / 1e4);
  assert.deepEqual([trade?.contracts, trade?.exit_price_avg], [contracts, 49_900]);
});

Deno.test("[F-4.3 P-1] behind its record only the fee of that execution is new: the PnL stands in the record", () => {
  const { rig, execution } = closedByRest();
  wait(rig, 11_000);
  assert.ok(rig.bot.closedTrade !== null, "the record waits for what is asked for");
  wait(rig, 290_000);
  assert.equal(rig.bot.closedTrade, null);
  const { realised } = rig.bot.capital;
  executed(rig, execution);
  assert.equal(rig.bot.capital.realised, realised - execution.fee);
  const late = records(rig).find((one) => one.type === "adjustment");
  assert.deepEqual([late?.gross_pnl_sats, late?.exec_id], [0, execution.execId]);
});

Deno.test("[F-4.3 F-1.28] a hand that REST showed first halts; its execution adds nothing, one newer than the looks does", () => {
  const { rig, contracts } = deafRig();
  const fees = rig.bot.trade?.fees ?? 0;
  const first = move(rig.venue, { side: "Buy", contracts: 50, price: PRICE, at: at(rig) });
  looks(rig);
  assert.deepEqual([position(rig).contracts, haltOf(rig)], [contracts + 50, "foreign_activity"]);
  const second = move(rig.venue, { side: "Buy", contracts: 7, price: PRICE, at: at(rig) });
  executed(rig, second);
  assert.equal(position(rig).contracts, contracts + 57);
  executed(rig, first);
  assert.equal(position(rig).contracts, contracts + 57);
  assert.equal(rig.bot.trade?.fees, fees + first.fee + second.fee);
});

Deno.test("[F-1.28 F-1.26] the execution of a close by hand that REST showed first is foreign activity, no unexpected fill", () => {
  const { rig, contracts } = deafRig();
  const execution = move(rig.venue, { side: "Sell", contracts, price: PRICE, at: at(rig) });
  looks(rig);
  assert.deepEqual([phaseOf(rig), haltOf(rig)], ["flat", "-"]);
  executed(rig, execution);
  assert.deepEqual([phaseOf(rig), haltOf(rig)], ["flat", "foreign_activity"]);
});

Deno.test("[F-4.3 F-4.8] without a sequence what is owed on that side is taken for it, the rest moves", () => {
  const { rig, contracts } = deafRig();
  const execution = move(rig.venue, { side: "Sell", contracts: 30, price: PRICE, at: at(rig) });
  looks(rig);
  const held = contracts - 30;
  executed(rig, { ...execution, execId: "part", contracts: usdContracts(20), seq: null });
  assert.equal(position(rig).contracts, held);
  executed(rig, { ...execution, execId: "more", contracts: usdContracts(15), seq: null });
  assert.equal(position(rig).contracts, held - 5);
});

Deno.test("[F-4.3 F-1.14] a row says not what of it REST showed: executions are asked for; it counts when nothing is owed", () => {
  const { rig, target, contracts } = deafRig();
  const first = fill(rig.venue, target, { contracts: 10, price: 4_990_000, at: at(rig), maker: true });
  looks(rig);
  assert.equal(position(rig).contracts, contracts - 10);
  const second = fill(rig.venue, target, { contracts: 5, price: 4_990_000, at: at(rig), maker: true });
  skip(rig, 10);
  assert.equal(count(send(rig, { kind: "OrderSeen", at: at(rig), order: second.row }), "QueryExecutions"), 1);
  assert.equal(position(rig).contracts, contracts - 10);
  executed(rig, first.execution);
  assert.equal(position(rig).contracts, contracts - 15);
  executed(rig, second.execution);
  assert.equal(position(rig).contracts, contracts - 15);
});

Deno.test("[F-4.3 F-4.1] what a row counted before the override is owed with it: its execution moves nothing", () => {
  const { rig, target, contracts } = deafRig();
  const done = fill(rig.venue, target, { contracts: 10, price: 4_990_000, at: at(rig), maker: true });
  send(rig, { kind: "OrderSeen", at: at(rig), order: done.row });
  const hand = move(rig.venue, { side: "Sell", contracts: 4, price: PRICE, at: at(rig) });
  looks(rig);
  assert.equal(position(rig).contracts, contracts - 14);
  executed(rig, hand);
  executed(rig, done.execution);
  assert.deepEqual([position(rig).contracts, rig.bot.ledger.owed], [contracts - 14, null]);
});

Deno.test("[F-4.3 F-10.4] executions behind an override are asked for, entries wait; when no read reaches them they are let be", () => {
  const { rig, stop } = closedByRest();
  const sent = wait(rig, 20_000);
  const asked = count(sent, "QueryExecutions");
  assert.ok(asked >= 2 && asked <= 5, `asked ${asked} times`);
  change(rig.venue, stop, { status: "Cancelled" });
  rig.venue.executions.length = 0;
  rig.deaf = false;
  seen(rig, stop, { status: "Cancelled" });
  wait(rig, 60_000);
  assert.deepEqual([rig.bot.orders, rig.bot.evaluation.lastRefusal], [[], "orders_not_clean"]);
  wait(rig, 600_000);
  tick(rig);
  assert.equal(rig.bot.ledger.owed, null);
  assert.notEqual(rig.bot.evaluation.lastRefusal, "orders_not_clean");
});

Deno.test("[F-4.3 F-11.1] what is owed survives a restart, and a start that takes REST's position owes likewise", () => {
  for (const restartFirst of [false, true]) {
    const { rig, contracts } = deafRig();
    const execution = move(rig.venue, { side: "Sell", contracts: 30, price: PRICE, at: at(rig) });
    rig.venue.executions.length = 0;
    if (!restartFirst) looks(rig);
    rig.bot = JSON.parse(JSON.stringify(rig.bot));
    rig.deaf = false;
    boot(rig, true);
    wait(rig, 5_000);
    assert.equal(position(rig).contracts, contracts - 30);
    executed(rig, execution);
    assert.deepEqual([position(rig).contracts, rig.bot.ledger.owed], [contracts - 30, null]);
  }
});

Deno.test("[F-4.3 F-1.18] a fill after an override counts at once, though executions are owed", () => {
  const { rig, target } = deafRig();
  const hand = move(rig.venue, { side: "Sell", contracts: 4, price: PRICE, at: at(rig) });
  looks(rig);
  const before = position(rig).contracts;
  filled(rig, target, { contracts: 6, price: 4_990_000 });
  assert.equal(position(rig).contracts, before - 6);
  executed(rig, hand);
  assert.equal(position(rig).contracts, before - 6);
});
