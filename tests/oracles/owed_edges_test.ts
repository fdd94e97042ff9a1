/** The sums of what REST ran ahead of its executions with, to the last digit (F-4.3). */
import { strict as assert } from "node:assert";
import { backfillSince, forgetOwed } from "../../src/application/transition/ledger/execution_ledger.ts";
import { coveredBy, owe, settleOwed } from "../../src/application/transition/ledger/owed_executions.ts";
import { filledOf } from "../../src/application/transition/orders/order_table.ts";
import { openStep, type Step } from "../../src/application/transition/step.ts";
import type { Side } from "../../src/domain/orders.ts";
import type { Bot, Ledger, Owed, OwnOrder } from "../../src/domain/state.ts";
import { epochMs, usdContracts } from "../../src/domain/units.ts";
import { newRig, open, START } from "../core_rig.ts";
import { move, newVenue } from "../core_venue.ts";

const T = epochMs(START + 10_000_000);
const OVERLAP = 600_000;
const EXECUTION = move(newVenue(), { side: "Buy", contracts: 10, price: 5_000_000, at: T });
const rig = newRig();
const ids = open(rig);
const MODEL = rig.bot.orders.find((one) => one.id === ids.stop);
const NONE = { contracts: 0, value: 0 };

function stepWith(ledger: Partial<Ledger>, to: Partial<Bot> = {}): Step {
  const bot: Bot = { ...rig.bot, orders: [], past: [], ...to, ledger: { ...rig.bot.ledger, ...ledger } };
  return openStep(bot, { kind: "Shutdown", at: T });
}
function order(id: string, to: Partial<OwnOrder>): OwnOrder {
  assert.ok(MODEL !== undefined);
  return { ...MODEL, id, ...to };
}
function owed(to: Partial<Owed>): Owed {
  return { Buy: NONE, Sell: NONE, seq: 100, since: T, ...to };
}

Deno.test("[F-4.3] an override owes its difference and all that order rows had counted ahead; a second one adds to it", () => {
  const side = (wanted: Side) => MODEL === undefined ? {} : { ticket: { ...MODEL.ticket, side: wanted } };
  const orders = [
    order("a", { ...side("Sell"), executed: 5, counted: 8, aheadContracts: 3, aheadValue: 30 }),
    order("b", { ...side("Buy"), executed: 4, counted: 4 }),
  ];
  const past = [order("c", { ...side("Buy"), executed: 1, counted: 3, aheadContracts: 2, aheadValue: 21 })];
  const step = stepWith({ owed: null }, { orders, past });
  owe(step, { side: "Buy", contracts: 10, value: 100 }, 7);
  assert.deepEqual(step.bot.ledger.owed, {
    Buy: { contracts: 12, value: 121 },
    Sell: { contracts: 3, value: 30 },
    seq: 7,
    since: T,
  });
  const counts = [...step.bot.orders, ...step.bot.past].map((one) => [
    one.executed,
    one.counted,
    one.aheadContracts,
    one.aheadValue,
  ]);
  assert.deepEqual(counts, [[5, 5, 0, 0], [4, 4, 0, 0], [1, 1, 0, 0]]);
  assert.equal(step.bot.orders[1], orders[1]);
  owe(step, { side: "Sell", contracts: 4, value: 40 }, null);
  assert.deepEqual(step.bot.ledger.owed, {
    Buy: { contracts: 12, value: 121 },
    Sell: { contracts: 7, value: 70 },
    seq: null,
    since: T,
  });
});

Deno.test("[F-4.3 F-4.2] all of an execution up to the position's seq is held already; without one as much as is owed", () => {
  const of = (to: Owed | null, execution: { seq: number | null; side?: Side }) =>
    coveredBy({ ...rig.bot.ledger, owed: to }, { execution: { ...EXECUTION, ...execution }, contracts: 10 });
  const some = owed({ Buy: { contracts: 4, value: 9 } });
  assert.equal(of(null, { seq: 1 }), 0);
  assert.deepEqual([of(some, { seq: 99 }), of(some, { seq: 100 }), of(some, { seq: 101 })], [10, 10, 0]);
  assert.deepEqual([of(some, { seq: null }), of(some, { seq: null, side: "Sell" })], [4, 0]);
  assert.deepEqual([of({ ...some, seq: null }, { seq: 1 }), of({ ...some, seq: null }, { seq: 999 })], [4, 4]);
});

Deno.test("[F-4.3 P-1] what comes corrects the value that was counted for it; the quantity stays", () => {
  for (const [side, net] of [["Buy", 50], ["Sell", -50]] as const) {
    const { trade } = rig.bot;
    assert.ok(trade !== null);
    const book = { ...trade, direction: net > 0 ? "long" as const : "short" as const };
    const step = stepWith({ net, openValue: 1000, owed: owed({ [side]: { contracts: 20, value: 400 } }) }, {
      trade: { ...book, openedContracts: 50, openedValue: 1000, closedContracts: 0, closedValue: 0 },
    });
    settleOwed(step, { side, contracts: 5, value: 107 });
    assert.deepEqual(step.bot.ledger.owed?.[side], { contracts: 15, value: 300 });
    assert.deepEqual([step.bot.ledger.net, step.bot.ledger.openValue], [net, 1007]);
    assert.deepEqual([step.bot.trade?.openedContracts, step.bot.trade?.openedValue], [50, 1007]);
    assert.equal(step.bot.trade?.closedContracts, 0);
  }
});

Deno.test("[F-4.3 P-1] more than was owed: it was undone by the other side, which is owed now; both are in the books", () => {
  for (const [side, other] of [["Buy", "Sell"], ["Sell", "Buy"]] as const) {
    const { trade } = rig.bot;
    assert.ok(trade !== null);
    const step = stepWith({ net: 60, openValue: 600, owed: owed({ [side]: { contracts: 10, value: 100 } }) }, {
      trade: { ...trade, openedContracts: 60, openedValue: 600, closedContracts: 0, closedValue: 0 },
    });
    settleOwed(step, { side, contracts: 30, value: 330 });
    assert.deepEqual(step.bot.ledger.owed, owed({ [other]: { contracts: 20, value: 220 } }));
    // 10 of 30 are told: 110 for the 100 they were counted at. The 20 others came and went.
    const opens = side === "Buy" ? 10 : 0;
    assert.deepEqual([step.bot.ledger.net, step.bot.ledger.openValue], [60, Math.round((820 + opens) * 60 / 80)]);
    const { openedContracts, openedValue, closedContracts, closedValue } = step.bot.trade ?? trade;
    assert.deepEqual([openedContracts, openedValue, closedContracts, closedValue], [
      80,
      820 + opens,
      20,
      230 - opens,
    ]);
  }
});

Deno.test("[F-4.3] of a side to which nothing was owed a single contract is enough", () => {
  const step = stepWith({ net: 60, openValue: 600, owed: owed({ Buy: { contracts: 1, value: 10 } }) });
  const before = step.bot.trade?.closedContracts ?? 0;
  settleOwed(step, { side: "Sell", contracts: 1, value: 11 });
  assert.deepEqual(step.bot.ledger.owed, owed({ Buy: { contracts: 2, value: 21 } }));
  assert.deepEqual([step.bot.trade?.closedContracts, step.bot.ledger.openValue], [
    before + 1,
    Math.round(611 * 60 / 61),
  ]);
});

Deno.test("[F-4.3] behind a record of a flat account only what is owed changes", () => {
  const step = stepWith({ net: 0, openValue: 0, owed: owed({ Sell: { contracts: 10, value: 100 } }) }, {
    trade: null,
    closedTrade: null,
  });
  settleOwed(step, { side: "Sell", contracts: 15, value: 300 });
  assert.deepEqual(step.bot.ledger.owed, owed({ Buy: { contracts: 5, value: 100 } }));
  assert.deepEqual([step.bot.ledger.net, step.bot.ledger.openValue], [0, 0]);
  settleOwed(stepWith({ owed: null }), { side: "Sell", contracts: 1, value: 1 });
});

Deno.test("[F-4.3 F-4.1] it is let be when no read of executions reaches back to it, not while a record waits", () => {
  const after = (since: number, to: Partial<Bot> = {}) => {
    const reconcile = { ...rig.bot.reconcile, executionsSince: T };
    const step = stepWith({ owed: owed({ since: epochMs(since), Buy: { contracts: 1, value: 1 } }) }, {
      reconcile,
      closedTrade: null,
      ...to,
    });
    assert.equal(backfillSince(step.bot), T - OVERLAP);
    forgetOwed(step);
    return step.bot;
  };
  assert.notEqual(after(T - OVERLAP).ledger.owed, null);
  assert.equal(after(T - OVERLAP - 1).ledger.owed, null);
  assert.notEqual(after(T - OVERLAP - 1, { closedTrade: rig.bot.trade }).ledger.owed, null);
  const row = MODEL?.row ?? null;
  assert.ok(row !== null);
  const shown = order("a", { executed: 2, counted: 2, row: { ...row, cumExecQty: usdContracts(6) } });
  const bot = after(T - OVERLAP - 1, { orders: [shown], past: [{ ...shown, id: "b" }] });
  for (const one of [...bot.orders, ...bot.past]) assert.deepEqual([one.counted, one.aheadContracts], [6, 4]);
  assert.equal(bot.ledger.net, rig.bot.ledger.net);
  assert.equal(filledOf(shown), 6);
  assert.equal(filledOf({ ...shown, counted: 7 }), 7);
});
