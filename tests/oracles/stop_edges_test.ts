/** Stop, its clocks, its prices and the target by their edges: one millisecond, one contract, one tick to either side. */
import { strict as assert } from "node:assert";
import { findOrder } from "../../src/application/transition/orders/order_table.ts";
import { openStep, type Step } from "../../src/application/transition/step.ts";
import {
  manageStop,
  placeStop,
  runCoverClocks,
  stopDeadline,
} from "../../src/application/transition/protection/stop_manager.ts";
import { onStopEnded } from "../../src/application/transition/protection/stop_recovery.ts";
import {
  isBeyond,
  isPassed,
  stopDistanceOf,
  triggerSourcePrice,
} from "../../src/application/policy/risk/stop_price.ts";
import { manageTarget, targetDeadline, targetOf } from "../../src/application/transition/protection/target_manager.ts";
import type { OrderRow } from "../../src/domain/orders.ts";
import type { Bot, OwnOrder, Position } from "../../src/domain/state.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { newRig, open, position } from "../core_rig.ts";

const rig = newRig();
const { stop: STOP, target: TARGET } = open(rig);
const HELD = position(rig);
const T = epochMs(rig.bot.now + 100_000);
const ago = (ms: number) => epochMs(T - ms);
const soon = (ms: number) => epochMs(T + ms);

type Change = {
  readonly position?: Partial<Position>;
  readonly stop?: Partial<Position["stop"]>;
  readonly order?: Partial<OwnOrder>;
  readonly row?: Partial<OrderRow>;
  readonly more?: readonly Partial<OwnOrder>[];
  readonly bot?: Partial<Bot>;
};
const SHOWN = findOrder(rig.bot, STOP);
if (SHOWN === null || SHOWN.row === null) throw new Error("no stop");
const SHOWN_ROW = SHOWN.row;

/** A step at T in which position, stop and its order stand as changed. */
function stepWith(change: Change): Step {
  const row: OrderRow = { ...SHOWN_ROW, ...change.row };
  const order = { ...SHOWN, row, ...change.order } as OwnOrder;
  const final = order.state === "final";
  const more = (change.more ?? []).map((one) => ({ ...order, ...one }));
  const held: Position = { ...HELD, ...change.position, stop: { ...HELD.stop, ...change.stop } };
  const bot: Bot = {
    ...rig.bot,
    phase: { kind: "position", since: rig.bot.now, position: held },
    orders: [...rig.bot.orders.filter((one) => one.id !== STOP), ...(final ? [] : [order]), ...more],
    past: final ? [order] : [],
    ...change.bot,
  };
  return openStep(bot, { kind: "Shutdown", at: T });
}
function held(step: Step): Position {
  const { phase } = step.bot;
  assert.ok(phase.kind === "position" || phase.kind === "exit");
  return phase.position;
}
const ENDED = { state: "final", end: "Cancelled", endedAt: T } as const;
const LADDER = { attempts: 2, nextAt: soon(1_000), turn: "stop" } as const;

Deno.test("[F-2.1 P-13] the clocks start when cover falls short and add up when it is back", () => {
  const clocks = (change: Change) => {
    const step = stepWith(change);
    runCoverClocks(step);
    const { uncoveredSince, nakedSince, uncoveredMs, nakedMs } = held(step);
    return [uncoveredSince, nakedSince, uncoveredMs - HELD.uncoveredMs, nakedMs - HELD.nakedMs];
  };
  const running = { uncoveredSince: ago(700), nakedSince: ago(600) };
  assert.deepEqual(clocks({}), [null, null, 0, 0]);
  assert.deepEqual(clocks({ order: ENDED }), [T, T, 0, 0]);
  assert.deepEqual(clocks({ order: ENDED, position: running }), [ago(700), ago(600), 0, 0]);
  assert.deepEqual(clocks({ position: running }), [null, null, 700, 600]);
  const partly = { contracts: usdContracts(1) };
  assert.deepEqual(clocks({ row: partly, position: running }), [ago(700), null, 0, 600]);
  for (const row of [{ reduceOnly: false }, { side: "Buy" as const }, { positionIdx: 1 }]) {
    assert.deepEqual(clocks({ row }), [T, T, 0, 0]);
  }
  assert.deepEqual(clocks({ order: { state: "acked" } }), [T, T, 0, 0]);
  assert.deepEqual(clocks({ order: { role: "exit" } }), [T, T, 0, 0]);
  const { contracts } = HELD;
  assert.deepEqual(clocks({ row: { cumExecQty: usdContracts(1) } }), [T, null, 0, 0]);
  assert.deepEqual(clocks({ row: { contracts: usdContracts(contracts + 1), cumExecQty: usdContracts(1) } }), [
    null,
    null,
    0,
    0,
  ]);
});

Deno.test("[F-2.1 F-5.3] while the entry works a stop above qty / 1.2 covers, one at it does not; the remainder has its own clock", () => {
  const clocks = (shown: number, entryWorking: boolean) => {
    const step = stepWith({
      position: { contracts: usdContracts(60), entryWorking },
      row: { contracts: usdContracts(shown) },
    });
    runCoverClocks(step);
    return [held(step).uncoveredSince, held(step).stop.remainderSince];
  };
  assert.deepEqual([clocks(60, true), clocks(51, true), clocks(50, true)], [[null, null], [null, T], [T, T]]);
  assert.deepEqual([clocks(60, false), clocks(59, false)], [[null, null], [T, T]]);
});

Deno.test("[F-5.10 F-5.6] only cover ends the ladder and its count, not any change of the clocks", () => {
  const after = (change: Change) => {
    const step = stepWith(change);
    runCoverClocks(step);
    return [held(step).stop.ladder, held(step).stop.failures];
  };
  const stop = { ladder: LADDER, failures: 2 };
  const running = { uncoveredSince: ago(700), nakedSince: ago(600) };
  assert.deepEqual(after({ stop, position: running }), [null, 0]);
  assert.deepEqual(after({ stop, position: running, row: { contracts: usdContracts(1) } }), [LADDER, 2]);
  assert.deepEqual(after({ stop: { ladder: null, failures: 2 }, position: running }), [null, 2]);
});

Deno.test("[F-5.4] the replacement is relied on once it is shown, or at once when the old stop is gone", () => {
  const after = (change: Change) => {
    const step = stepWith({ stop: { successor: "next" }, ...change });
    manageStop(step);
    const cancelled = step.out.flatMap((one) => one.kind === "CancelOrder" ? [one.orderLinkId] : []);
    return [held(step).stop.id, held(step).stop.successor, cancelled];
  };
  const next = (state: OwnOrder["state"]) => ({ id: "next", state });
  assert.deepEqual(after({ more: [next("live")] }), ["next", null, [STOP]]);
  assert.deepEqual(after({ more: [next("acked")] }), [STOP, "next", []]);
  assert.deepEqual(after({ order: ENDED, more: [{ ...ENDED, id: "next", state: "acked" }] }), ["next", null, []]);
  assert.deepEqual(after({}), [STOP, null, []]);
});

Deno.test("[F-5.4 F-5.6] a shown replacement begins without failures and without a wait", () => {
  const step = stepWith({
    row: { contracts: usdContracts(HELD.contracts - 30) },
    stop: { successor: "next", failures: 2, retryAt: soon(900), updatedAt: ago(1) },
    more: [{ id: "next", state: "live" }],
  });
  manageStop(step);
  const { failures, retryAt, id } = held(step).stop;
  assert.deepEqual([id, failures, retryAt], ["next", 0, null]);
});

Deno.test("[F-1.20 F-5.6] the end of a stop that is not relied on changes nothing, the end of the one that is does", () => {
  const after = (id: string) => {
    const step = stepWith({});
    const order = findOrder(step.bot, STOP);
    assert.ok(order !== null);
    onStopEnded(step, { ...order, ...ENDED, id }, null);
    return [held(step).stop.id, held(step).stopStatus];
  };
  assert.deepEqual([after("old"), after(STOP)], [[STOP, "ACTIVE"], [null, "MISSING"]]);
});

Deno.test("[F-5.6 F-5.1] a placed stop waits 500 ms before the next, covers everything when too large for one order", () => {
  const placed = (change: Change) => {
    const step = stepWith(change);
    placeStop(step);
    const ticket = step.out.flatMap((one) => one.kind === "PlaceStop" ? [one.ticket] : [])[0];
    return { stop: held(step).stop, status: held(step).stopStatus, ticket };
  };
  const first = placed({ order: ENDED });
  assert.deepEqual([first.stop.retryAt, first.stop.updatedAt, first.stop.note], [soon(500), T, "placed"]);
  assert.deepEqual([first.status, first.ticket?.contracts], ["PENDING", HELD.contracts]);
  assert.equal(placed({ position: { stopStatus: "ERROR" } }).status, "ERROR");
  assert.equal(placed({ stop: { whole: true } }).ticket?.contracts, 0);
  const { instrument } = rig.bot.account;
  assert.ok(instrument !== null);
  const most = (contracts: number) => ({
    bot: { account: { ...rig.bot.account, instrument: { ...instrument, maxMarketOrderQty: usdContracts(contracts) } } },
  });
  assert.equal(placed(most(HELD.contracts)).ticket?.contracts, HELD.contracts);
  assert.equal(placed(most(HELD.contracts - 1)).ticket?.contracts, 0);
});

Deno.test("[F-5.6] a missing stop is placed when its wait is over, not before, and not while the ladder has its turn", () => {
  const sent = (stop: Partial<Position["stop"]>) => {
    const step = stepWith({ order: ENDED, stop });
    manageStop(step);
    return step.out.some((one) => one.kind === "PlaceStop");
  };
  assert.deepEqual([sent({ retryAt: soon(1) }), sent({ retryAt: T }), sent({ retryAt: null })], [false, true, true]);
  assert.equal(sent({ retryAt: null, ladder: LADDER }), false);
});

Deno.test("[F-1.18] a triggered stop without its final message is looked up after 2 s", () => {
  const looked = (order: Partial<OwnOrder>, row: Partial<OrderRow>) => {
    const step = stepWith({ order, row });
    manageStop(step);
    return step.out.some((one) => one.kind === "LookUpOrder");
  };
  const triggered = { status: "Triggered" } as const;
  assert.deepEqual([looked({ rowAt: ago(1_999) }, triggered), looked({ rowAt: ago(2_000) }, triggered)], [false, true]);
  assert.equal(looked({ rowAt: ago(2_000), counted: 1 }, {}), true);
  assert.equal(looked({ rowAt: ago(2_000) }, {}), false);
});

Deno.test("[F-5.3 F-5.4] what the shown stop lacks leaves at once, after the debounce, or after the refusal's wait", () => {
  const amend = (change: Change) => {
    const step = stepWith(change);
    manageStop(step);
    const sent = step.out.flatMap((one) => one.kind === "AmendStop" ? [[one.contracts, one.triggerPrice]] : [])[0];
    return [sent ?? null, held(step).stop.note];
  };
  const contracts = HELD.contracts;
  const more = { contracts: usdContracts(contracts - 30) };
  const at = { updatedAt: null, retryAt: null };
  const LARGE = "delta_at_or_above_20pct_triggers_amend_priority";
  const EXACT = "exact_sync_after_debounce";
  assert.deepEqual(amend({ row: more, stop: at }), [[contracts, null], LARGE]);
  assert.deepEqual(amend({ row: { contracts: usdContracts(contracts - 1) }, stop: at }), [[contracts, null], EXACT]);
  assert.deepEqual(amend({ row: more, stop: { ...at, updatedAt: ago(1_999) } })[1], "debounce_coalesces_stop_update");
  assert.deepEqual(amend({ row: more, stop: { ...at, updatedAt: ago(2_000) } })[1], LARGE);
  assert.deepEqual(amend({ row: more, stop: { ...at, retryAt: soon(1) } })[1], "amend_not_now");
  assert.deepEqual(amend({ row: more, stop: { ...at, retryAt: T } })[1], LARGE);
  const refused = { amendRefusals: 1 };
  assert.deepEqual(amend({ row: more, order: refused, stop: { ...at, retryAt: soon(1) } })[1], "amend_rejected_wait");
  const retried = amend({ row: more, order: refused, stop: { ...at, retryAt: T } });
  assert.deepEqual(retried, [[contracts, null], "amend_rejected_retry_amend_before_cancel_place"]);
  const small = { row: { contracts: usdContracts(contracts - 1) }, position: { entryWorking: true } };
  assert.deepEqual(amend({ ...small, stop: at })[1], "delta_under_20pct_threshold_blocks_stop_update");
  assert.deepEqual(amend({ ...small, stop: { ...at, remainderSince: ago(7_999) } })[0], null);
  assert.deepEqual(amend({ ...small, stop: { ...at, remainderSince: ago(8_000) } })[0], [contracts, null]);
  const moved = { triggerPrice: priceCents(SHOWN_ROW.triggerPrice === null ? 1 : SHOWN_ROW.triggerPrice - 100) };
  assert.deepEqual(amend({ row: moved, stop: at }), [[null, HELD.stop.wantedTrigger], EXACT]);
  assert.deepEqual(amend({ row: { ...moved, ...more }, stop: at })[0], [contracts, HELD.stop.wantedTrigger]);
});

Deno.test("[F-5.4] after the second refusal the next stop is placed beside the old one, when its wait is over", () => {
  const replaced = (retryAt: Position["stop"]["retryAt"], amendRefusals = 2) => {
    const step = stepWith({
      row: { contracts: usdContracts(HELD.contracts - 30) },
      order: { amendRefusals },
      stop: { updatedAt: null, retryAt },
    });
    manageStop(step);
    const { successor, retryAt: next, note, updatedAt } = held(step).stop;
    const kinds = step.out.map((one) => one.kind);
    return [kinds, successor !== null, next, note, updatedAt];
  };
  assert.deepEqual(replaced(null), [["PlaceStop"], true, soon(500), "replace_after_refusals", T]);
  assert.deepEqual(replaced(soon(1))[0], []);
  assert.deepEqual(replaced(T)[0], ["PlaceStop"]);
  assert.deepEqual(replaced(null, 1)[0], ["AmendStop"]);
});

Deno.test("[F-3.2 F-5] the stop wants its next step at the earliest of what it waits for", () => {
  const due = (change: Change) => {
    const step = stepWith(change);
    const at = stopDeadline(step.bot, held(step));
    return at === null ? null : at - T;
  };
  assert.equal(due({}), null);
  assert.deepEqual([due({ order: ENDED }), due({ order: ENDED, stop: { retryAt: soon(70) } })], [0, 70]);
  assert.equal(due({ order: ENDED, stop: { ladder: LADDER } }), 1_000);
  assert.equal(due({ order: { state: "unknown", sentAt: ago(300) } }), 700);
  assert.equal(due({ order: { rowAt: ago(300) }, row: { status: "Triggered" } }), 1_700);
  assert.equal(due({ order: { rowAt: ago(300), counted: 1 } }), 1_700);
  const lacking = { contracts: usdContracts(HELD.contracts - 30) };
  assert.equal(due({ row: lacking, stop: { updatedAt: ago(300) } }), 1_700);
  assert.equal(due({ row: lacking, stop: { updatedAt: ago(300), retryAt: soon(1_800) } }), 1_800);
  assert.equal(due({ row: lacking, stop: { updatedAt: null, remainderSince: ago(300) } }), 7_700);
  assert.equal(due({ position: { uncoveredSince: ago(300) } }), 9_700);
  assert.equal(due({ position: { uncoveredSince: ago(300) }, stop: { ladder: LADDER } }), 1_000);
  assert.equal(due({ stop: { beyondSince: ago(300) } }), 2_700);
  assert.equal(due({ position: { uncoveredSince: ago(60_000) } }), 0);
});

Deno.test("[F-5.7 F-5.8] at the trigger is beyond it, one cent before is not; long falls, short rises", () => {
  const trigger = priceCents(4_000_000);
  const beyond = (direction: "long" | "short", cents: number) =>
    isBeyond({ ...HELD, direction }, { price: priceCents(cents), trigger });
  assert.deepEqual([beyond("long", 4_000_000), beyond("long", 4_000_001)], [true, false]);
  assert.deepEqual([beyond("short", 4_000_000), beyond("short", 3_999_999)], [true, false]);
  const seen = (last: number | null, mark: number | null, by: "MarkPrice" | "LastPrice" = "MarkPrice"): Bot => {
    const cents = (value: number | null) => value === null ? null : priceCents(value);
    const { market, config } = rig.bot;
    return {
      ...rig.bot,
      market: { ...market, seen: { ...market.seen, last: cents(last), mark: cents(mark) } },
      config: { ...config, stop: { ...config.stop, stop_trigger_by: by } },
    };
  };
  const at: Position = { ...HELD, stop: { ...HELD.stop, wantedTrigger: trigger } };
  const passed = (last: number | null, mark: number | null) => isPassed(seen(last, mark), at);
  assert.deepEqual([passed(4_000_000, null), passed(null, 4_000_000), passed(4_000_001, 4_000_001)], [
    true,
    true,
    false,
  ]);
  assert.equal(passed(null, null), false);
  assert.deepEqual([triggerSourcePrice(seen(1, 2)), triggerSourcePrice(seen(1, 2, "LastPrice"))], [2, 1]);
});

Deno.test("[P-7] an adopted position has the default distance, a planned one its own", () => {
  const { plan } = HELD;
  assert.ok(plan !== null);
  assert.equal(stopDistanceOf(rig.bot, HELD), plan.stopDistance);
  assert.equal(stopDistanceOf(rig.bot, { ...HELD, plan: null }), 3_000_000);
});

Deno.test("[P-5 F-11.5] a trade without a plan or without a grid spacing has no target", () => {
  const { plan } = HELD;
  assert.ok(plan !== null);
  const of = (cents: number) => targetOf(rig.bot, { ...HELD, plan: { ...plan, targetOffset: priceCents(cents) } });
  assert.deepEqual([of(0), targetOf(rig.bot, { ...HELD, plan: null })], [null, null]);
  assert.ok((of(1) ?? 0) > HELD.entryPrice);
});

Deno.test("[F-6.3] price through the target by more than a tick for 5 s closes at market", () => {
  const price = targetOf(rig.bot, HELD);
  const tick = rig.bot.account.instrument?.tickCents;
  assert.ok(price !== null && tick !== undefined);
  const through = (last: number, since: number | null) => {
    const { market } = rig.bot;
    const step = stepWith({
      position: { target: { ...HELD.target, throughSince: since === null ? null : epochMs(since) } },
      bot: { market: { ...market, seen: { ...market.seen, last: priceCents(last) } } },
    });
    manageTarget(step);
    const { closing, target } = held(step);
    return closing?.reason ?? target.throughSince;
  };
  assert.deepEqual([through(price + tick, null), through(price + tick + 1, null)], [null, T]);
  assert.deepEqual([through(price + tick + 1, ago(4_999)), through(price + tick + 1, ago(5_000))], [
    ago(4_999),
    "profit_target",
  ]);
  assert.equal(through(price + tick, ago(9_000)), null);
});

Deno.test("[F-6.3] the resting target is replaced when its rest or its price differs, and wanted again at its time", () => {
  const cancelled = (change: Partial<OwnOrder>) => {
    const step = stepWith({});
    step.bot.orders = step.bot.orders.map((one) => one.id === TARGET ? { ...one, ...change } : one);
    manageTarget(step);
    return step.out.map((one) => one.kind);
  };
  assert.deepEqual([cancelled({}), cancelled({ counted: 1 })], [[], ["CancelOrder"]]);
  assert.deepEqual(cancelled({ counted: 1, state: "acked" }), []);
  const due = (target: Partial<Position["target"]>, closing: Position["closing"] = null) =>
    targetDeadline({ ...HELD, closing, target: { ...HELD.target, ...target } });
  assert.deepEqual([due({}), due({ throughSince: T }), due({ id: null, retryAt: T })], [null, soon(5_000), T]);
  assert.equal(due({ id: "x", retryAt: T }), null);
  const placed = (retryAt: Position["target"]["retryAt"]) => {
    const step = stepWith({ position: { target: { ...HELD.target, id: null, retryAt } } });
    manageTarget(step);
    return step.out.map((one) => one.kind);
  };
  assert.deepEqual([placed(soon(1)), placed(T), placed(null)], [[], ["PlaceTarget"], ["PlaceTarget"]]);
});
