/** The execution ledger by its edges: keys kept and dropped, quantities added, closed and turned over. */
import { strict as assert } from "node:assert";
import {
  applyQuantity,
  backfillSince,
  directionHeld,
  entryAverage,
  isForeignOwnForm,
  isKnown,
  noteExecution,
  overrideQuantity,
} from "../../src/application/transition/ledger/execution_ledger.ts";
import { openStep, type Step } from "../../src/application/transition/step.ts";
import type { Execution, Side } from "../../src/domain/orders.ts";
import type { Bot, Ledger } from "../../src/domain/state.ts";
import { epochMs, picoBtc, priceCents } from "../../src/domain/units.ts";
import { newRig, open, START } from "../core_rig.ts";
import { move, newVenue } from "../core_venue.ts";

const T = epochMs(START + 10_000_000);
const OVERLAP = 600_000;
const EXECUTION = move(newVenue(), { side: "Buy", contracts: 10, price: 5_000_000, at: T });
const rig = newRig();
open(rig);

function stepWith(ledger: Partial<Ledger>, to: Partial<Bot> = {}): Step {
  const bot: Bot = { ...rig.bot, trade: null, closedTrade: null, ...to, ledger: { ...rig.bot.ledger, ...ledger } };
  return openStep(bot, { kind: "Shutdown", at: T });
}

Deno.test("[F-4.1 dedup_keys_min] keys beyond the minimum are dropped oldest first, and never inside the overlap", () => {
  const { config } = rig.bot;
  const few: Partial<Bot> = { config: { ...config, runtime: { ...config.runtime, dedup_keys_min: 3 } } };
  const kept = (ages: readonly number[]) => {
    const seen = ages.map((age) => ({ id: `${age}`, at: epochMs(T - OVERLAP - age) }));
    const step = stepWith({ seen, floorAt: epochMs(0) }, few);
    noteExecution(step, { ...EXECUTION, execId: "new" });
    return [step.bot.ledger.seen.map((one) => one.id).join(" "), step.bot.ledger.floorAt];
  };
  assert.deepEqual(kept([5, 4]), ["5 4 new", 0]);
  assert.deepEqual(kept([5, 4, 3]), ["4 3 new", T - OVERLAP - 4]);
  assert.deepEqual(kept([5, 4, 3, 2, 1]), ["2 1 new", T - OVERLAP - 2]);
  assert.deepEqual(kept([1, 0, 0, 0]), ["0 0 0 new", T - OVERLAP]);
  assert.deepEqual(kept([0, 0, 0, 0]), ["0 0 0 0 new", 0]);
});

Deno.test("[F-4.1 F-4.2] an execution is known by its key, or older than everything that could be new", () => {
  const ledger = stepWith({ seen: [{ id: "a", at: T }, { id: "b", at: T }], floorAt: T }).bot.ledger;
  const known = (execId: string, execAt: number) => isKnown(ledger, { ...EXECUTION, execId, execAt: epochMs(execAt) });
  assert.deepEqual([known("a", T), known("b", T), known("c", T), known("c", T - 1)], [true, true, false, true]);
});

Deno.test("[F-4.2] the newest time and number stay the newest, whatever comes late", () => {
  const after = (execution: Partial<Execution>, ledger: Partial<Ledger>) => {
    const step = stepWith(ledger);
    noteExecution(step, { ...EXECUTION, ...execution });
    const { lastExecAt, lastSeq, lastAppliedAt } = step.bot.ledger;
    return [lastExecAt, lastSeq, lastAppliedAt];
  };
  const late = { execAt: epochMs(T - 5), seq: 4 };
  assert.deepEqual(after(late, { lastExecAt: T, lastSeq: 9 }), [T, 9, T]);
  assert.deepEqual(after(late, { lastExecAt: null, lastSeq: null }), [T - 5, 4, T]);
  assert.deepEqual(after({ ...late, seq: null }, { lastExecAt: null, lastSeq: 9 }), [T - 5, 9, T]);
});

/** Books after a move of quantity worth 1,000 a contract. */
function after(of: { readonly net: number; readonly side: Side; readonly contracts: number }) {
  const step = stepWith({ net: of.net, openValue: Math.abs(of.net) * 1_000 });
  const value = picoBtc(of.contracts * 1_100);
  applyQuantity(step, { side: of.side, contracts: of.contracts, value, tradeId: "t", plan: null, key: "k" });
  const { ledger, trade } = step.bot;
  return [ledger.net, ledger.openValue, trade?.direction ?? null, trade?.openedContracts ?? 0, trade?.openedValue ?? 0];
}

Deno.test("[F-1 F-1.27] opening adds value, reducing takes its share, turning over starts anew", () => {
  assert.deepEqual(after({ net: 0, side: "Buy", contracts: 10 }), [10, 11_000, "long", 10, 11_000]);
  assert.deepEqual(after({ net: 0, side: "Sell", contracts: 1 }), [-1, 1_100, "short", 1, 1_100]);
  assert.deepEqual(after({ net: 10, side: "Buy", contracts: 5 }), [15, 15_500, "long", 5, 5_500]);
  assert.deepEqual(after({ net: 10, side: "Sell", contracts: 4 }), [6, 6_000, null, 0, 0]);
  assert.deepEqual(after({ net: 10, side: "Sell", contracts: 10 }), [0, 0, null, 0, 0]);
  assert.deepEqual(after({ net: 1, side: "Sell", contracts: 1 }), [0, 0, null, 0, 0]);
  assert.deepEqual(after({ net: -10, side: "Buy", contracts: 4 }), [-6, 6_000, null, 0, 0]);
  assert.deepEqual(after({ net: 10, side: "Sell", contracts: 25 }), [-15, 16_500, "short", 15, 16_500]);
  assert.deepEqual(after({ net: -1, side: "Buy", contracts: 2 }), [1, 1_100, "long", 1, 1_100]);
});

Deno.test("[F-1.27] a trade that is turned over ends as other_side, and the new one is booked from there", () => {
  const { trade, ledger } = rig.bot;
  assert.ok(trade !== null);
  const step = stepWith({}, { trade });
  const contracts = ledger.net + 5;
  const value = picoBtc(contracts * 1_000);
  applyQuantity(step, { side: "Sell", contracts, value, tradeId: null, plan: null, key: "k" });
  const { closedTrade, trade: next } = step.bot;
  assert.deepEqual([closedTrade?.tradeId, closedTrade?.exitReason, closedTrade?.closedAt], [
    trade.tradeId,
    "other_side",
    T,
  ]);
  assert.deepEqual([closedTrade?.closedContracts, closedTrade?.closedValue], [ledger.net, ledger.net * 1_000]);
  assert.deepEqual([next?.direction, next?.openedContracts, next?.openedValue], ["short", 5, 5_000]);
  assert.notEqual(next?.tradeId, trade.tradeId);
});

Deno.test("[F-4.3] REST's word moves the difference at the venue's price, else mark, else last", () => {
  const overridden = (net: number, price: number | null, seen: { mark: number | null; last: number | null }) => {
    const cents = (value: number | null) => value === null ? null : priceCents(value);
    const { market } = rig.bot;
    const step = stepWith({ net: 10, openValue: 20_000 }, {
      market: { ...market, seen: { ...market.seen, mark: cents(seen.mark), last: cents(seen.last) } },
    });
    overrideQuantity(step, { net, price: cents(price), seq: null, key: "k" });
    return [step.bot.ledger.net, step.bot.ledger.openValue];
  };
  const seen = { mark: 2_000_000, last: 1_000_000 };
  assert.deepEqual(overridden(10, 4_000_000, seen), [10, 20_000]);
  assert.deepEqual(overridden(11, 4_000_000, seen), [11, 25_020_000]);
  assert.deepEqual(overridden(11, null, seen), [11, 50_020_000]);
  assert.deepEqual(overridden(11, null, { ...seen, mark: null }), [11, 100_020_000]);
  assert.deepEqual(overridden(9, null, seen), [9, 18_000]);
});

Deno.test("[F-1.26 F-4.1] what is held, its average, its side; what is of our form and unknown; where a backfill begins", () => {
  const ledger = (net: number, openValue: number) => stepWith({ net, openValue }).bot.ledger;
  assert.deepEqual([directionHeld(ledger(1, 1)), directionHeld(ledger(-1, 1)), directionHeld(ledger(0, 0))], [
    "long",
    "short",
    null,
  ]);
  assert.deepEqual([entryAverage(ledger(0, 0)), entryAverage(ledger(-10, 200_000_000))], [null, 5_000_000]);
  const own = rig.bot.orders[0]?.id ?? "";
  const unknown = own.replace(/_(\w{10})_/, "_0000000000_");
  assert.deepEqual([isForeignOwnForm(rig.bot, own), isForeignOwnForm(rig.bot, unknown)], [false, true]);
  assert.deepEqual([isForeignOwnForm(rig.bot, null), isForeignOwnForm(rig.bot, "by hand")], [false, false]);
  const since = (at: number) =>
    backfillSince({ ...rig.bot, reconcile: { ...rig.bot.reconcile, executionsSince: epochMs(at) } });
  assert.deepEqual([since(T), since(5)], [T - OVERLAP, 0]);
});
