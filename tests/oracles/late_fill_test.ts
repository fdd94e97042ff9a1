import { strict as assert } from "node:assert";
import type { Execution } from "../../src/domain/orders.ts";
import { priceCents } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { at, filled, newRig, open, openId, phaseOf, type Rig, seen, send, tick, wait } from "../core_rig.ts";
import { fill } from "../core_venue.ts";

type Order = "row_first" | "execution_first";

/** Closes by the target's fill, the order row first or the execution first; the day's realised money afterwards. */
function realised(order: Order): number {
  const rig = newRig();
  const { target, contracts } = open(rig);
  const price = rig.bot.orders.find((one) => one.id === target)?.ticket.price ?? 0;
  if (order === "execution_first") filled(rig, target, { contracts, price });
  else {
    const { row, execution } = fill(rig.venue, target, { contracts, price, at: rig.bot.now, maker: true });
    send(rig, { kind: "OrderSeen", at: rig.bot.now, order: row });
    assert.equal(phaseOf(rig), "flat");
    send(rig, { kind: "Executed", at: rig.bot.now, execution, source: "stream" });
  }
  return rig.bot.risk.day?.realised ?? 0;
}

Deno.test("[F-8.1] [F-4.9] the day counts the same money whether the order row or its execution comes first", () => {
  const wanted = realised("execution_first");
  assert.notEqual(wanted, 0);
  assert.ok(Math.abs(realised("row_first") - wanted) <= 1, "one rounding at most");
});

/** Closes by the target `above` the entry; the order row first leaves the execution, as the venue has it, for later. */
function close(of: { readonly above: number; readonly fees: number; readonly order: Order }) {
  const config = defaultTestConfig();
  const rig = newRig({ ...config, fees: { ...config.fees, fee_judge_min_sats: 1 } });
  const { target, contracts } = open(rig);
  const price = Math.round(4_889_950 * (1 + of.above));
  const { row, execution } = fill(rig.venue, target, { contracts, price, at: at(rig), maker: true });
  const paid = { ...execution, fee: Math.round(execution.fee * of.fees) as Execution["fee"] };
  const rowEvent = { kind: "OrderSeen", at: at(rig), order: row } as const;
  const execEvent = { kind: "Executed", at: at(rig), execution: paid, source: "stream" } as const;
  send(rig, of.order === "row_first" ? rowEvent : execEvent);
  assert.equal(phaseOf(rig), "flat");
  return { rig, second: of.order === "row_first" ? execEvent : rowEvent };
}
/** What a closed trade is judged by: loss streak, fee spikes, tightening, wins. */
function judged(rig: Rig) {
  const { risk, metrics, fees } = rig.bot;
  return [risk.lossStreak, risk.feeSpikes, fees.tightUntil !== null, metrics.closed, metrics.streak];
}
function judgedAfter(of: { readonly above: number; readonly fees: number; readonly order: Order }) {
  const { rig, second } = close(of);
  send(rig, second);
  return judged(rig);
}

Deno.test("[F-8.10 P-9 F-4.9] a gain smaller than the exit's fee is a loss, though the order row came before that fee", () => {
  const small = { above: 0.0003, fees: 1 };
  assert.deepEqual(judgedAfter({ ...small, order: "execution_first" }), [1, 0, false, 1, -1]);
  assert.deepEqual(judgedAfter({ ...small, order: "row_first" }), [1, 0, false, 1, -1]);
});

Deno.test("[F-8.5 P-10 F-4.9] a fee spike is seen in the execution that comes behind the order row", () => {
  const dear = { above: 0.02, fees: 4 };
  assert.deepEqual(judgedAfter({ ...dear, order: "execution_first" }), [0, 1, true, 1, 1]);
  assert.deepEqual(judgedAfter({ ...dear, order: "row_first" }), [0, 1, true, 1, 1]);
});

Deno.test("[F-8.10 F-6.8] until the fee is known the trade is not judged and nothing enters; after 10 s it is judged without", () => {
  const { rig } = close({ above: 0.02, fees: 1, order: "row_first" });
  rig.venue.executions.length = 0;
  assert.deepEqual(judged(rig), [0, 0, false, 0, 0]);
  wait(rig, 2_000);
  seen(rig, openId(rig, "stop"), { status: "Cancelled" });
  wait(rig, 3_000);
  assert.deepEqual([rig.bot.orders, rig.bot.blocks], [[], []]);
  assert.equal(rig.bot.evaluation.lastRefusal, "orders_not_clean");
  wait(rig, 8_000);
  assert.deepEqual(judged(rig), [0, 0, false, 1, 1]);
  tick(rig);
  assert.notEqual(rig.bot.evaluation.lastRefusal, "orders_not_clean");
});

Deno.test("[P-13 F-4.9] the record's exit price is the execution's, not the one the order row was valued at", () => {
  const rig = newRig();
  const { target, contracts } = open(rig);
  const { row, execution } = fill(rig.venue, target, { contracts, price: 4_990_000, at: at(rig), maker: true });
  send(rig, { kind: "OrderSeen", at: at(rig), order: { ...row, avgPrice: priceCents(4_980_000) } });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  wait(rig, 11_000);
  const records = rig.all.flatMap((one) => one.kind === "Record" && one.record.type === "trade" ? [one.record] : []);
  assert.deepEqual(records.map((one) => one.exit_price_avg), [49_900]);
});
