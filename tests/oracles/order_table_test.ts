/** The order table by its edges: which row is news, when a look is due, what an answer leaves behind. */
import { strict as assert } from "node:assert";
import {
  afterFound,
  cancelOrder,
  endOf,
  findByOrderId,
  findOrder,
  isNewerRow,
  isOpen,
  lookUp,
  markUnknown,
  nextId,
  orderDeadline,
  pursue,
  runLooks,
  takeAbsent,
  takeLookFailure,
  takeRow,
} from "../../src/application/transition/orders/order_table.ts";
import { openStep, type Step } from "../../src/application/transition/step.ts";
import type { OrderRow } from "../../src/domain/orders.ts";
import type { Bot, OwnOrder } from "../../src/domain/state.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { enter, newRig, show, START } from "../core_rig.ts";

const rig = newRig();
const ENTRY = enter(rig);
show(rig, ENTRY);
const MODEL = findOrder(rig.bot, ENTRY);
if (MODEL === null || MODEL.row === null) throw new Error("no entry");
const ROW: OrderRow = MODEL.row;
const T = epochMs(START + 1_000_000);
const ago = (ms: number) => epochMs(T - ms);
const soon = (ms: number) => epochMs(T + ms);

/** A step at T in which the entry stands as changed. */
function stepWith(change: Partial<OwnOrder>): Step {
  const bot: Bot = { ...rig.bot, orders: [{ ...MODEL, ...change } as OwnOrder], past: [] };
  return openStep(bot, { kind: "Shutdown", at: T });
}
function left(step: Step): OwnOrder {
  const order = findOrder(step.bot, ENTRY);
  assert.ok(order !== null);
  return order;
}
const sent = (step: Step) => step.out.map((intent) => intent.kind);
const LOOK = { askedAt: null, nextAt: null, misses: 0, lastMissAt: null };
const CANCEL = { sentAt: ago(5_000), attempts: 1, attemptAt: ago(5_000), nextAt: T };
const AMEND = { contracts: usdContracts(50), triggerPrice: null, sentAt: ago(100), answered: false };

// known: status cum updated | row: status cum updated | news
const NEWER = `
  New             0  5 | New             0  5 | no
  New             0  5 | New             0  6 | yes
  New             0  5 | New             0  4 | no
  New             0  5 | Untriggered     0  5 | yes
  New             0  5 | PartiallyFilled 1  5 | yes
  New             0  5 | PartiallyFilled 1  4 | no
  New             0  5 | Cancelled       0  4 | yes
  PartiallyFilled 3  5 | Cancelled       2  6 | no
  PartiallyFilled 3  5 | PartiallyFilled 2  6 | no
  PartiallyFilled 3  5 | PartiallyFilled 4  5 | yes
  Cancelled       3  5 | Cancelled       3  6 | no
  Cancelled       3  5 | New             3  6 | no
  Cancelled       3  5 | Cancelled       4  5 | yes
`;
Deno.test("[F-4.2] a row is news by status, quantity and time: final is sticky, quantity never shrinks, older rows lose", () => {
  const row = (words: string): OrderRow => {
    const [status, cum, updated] = words.trim().split(/\s+/);
    return {
      ...ROW,
      status: status as "New",
      cumExecQty: usdContracts(Number(cum)),
      updatedAt: epochMs(Number(updated)),
    };
  };
  for (const line of NEWER.trim().split("\n")) {
    const [known = "", given = "", wanted = ""] = line.split("|");
    assert.equal(isNewerRow(row(given), row(known)), wanted.trim() === "yes", line);
  }
  assert.ok(isNewerRow(ROW, null));
});

Deno.test("[F-10.4] one look is in flight at a time: lost after 20 s, and the next at least 1 s after the last", () => {
  const look = (change: Partial<OwnOrder>) => {
    const step = stepWith(change);
    lookUp(step, ENTRY);
    return [sent(step), left(step).look?.askedAt ?? null, left(step).look?.nextAt ?? null];
  };
  assert.deepEqual(look({}), [["LookUpOrder"], T, null]);
  assert.deepEqual(look({ look: { ...LOOK, askedAt: ago(19_999) } }), [[], ago(19_999), null]);
  assert.deepEqual(look({ look: { ...LOOK, askedAt: ago(20_000) } }), [["LookUpOrder"], T, null]);
  assert.deepEqual(look({ lookedAt: ago(999) }), [[], null, soon(1)]);
  assert.deepEqual(look({ lookedAt: ago(1_000) }), [["LookUpOrder"], T, null]);
  const step = stepWith({ cancel: CANCEL });
  lookUp(step, ENTRY);
  assert.deepEqual(left(step).cancel, { ...CANCEL, nextAt: soon(5_000) });
  const failed = stepWith({ cancel: { ...CANCEL, failed: true } });
  lookUp(failed, ENTRY);
  assert.equal(left(failed).cancel?.nextAt, soon(1_000));
  lookUp(step, "unknown_l_Buy");
  assert.equal(step.out.length, 1);
});

Deno.test("[F-10.4 F-5.5] an order wants attention by what it waits for", () => {
  const due = (change: Partial<OwnOrder>) => {
    const { bot } = stepWith(change);
    const at = orderDeadline(bot, bot.orders[0] as OwnOrder);
    return at === null ? null : at - T;
  };
  const sentNow = { state: "sent", sentAt: T } as const;
  assert.deepEqual([due({ ...sentNow, role: "entry" }), due({ ...sentNow, role: "target" })], [7_000, 7_000]);
  assert.deepEqual([due({ ...sentNow, role: "stop" }), due({ ...sentNow, role: "exit" })], [2_000, 2_000]);
  const acked = { state: "acked", ackedAt: T, sentAt: ago(50) } as const;
  assert.deepEqual([due({ ...acked, role: "stop" }), due({ ...acked, role: "exit" })], [500, 2_000]);
  assert.equal(due({ ...acked, ackedAt: null }), 1_950);
  assert.deepEqual([due({ state: "live" }), due({ state: "final" }), due({ state: "live", cancel: CANCEL })], [
    null,
    null,
    0,
  ]);
  const amended = { state: "live", role: "stop", cancel: CANCEL } as const;
  assert.equal(due({ ...amended, amend: AMEND }), 1_900);
  assert.equal(due({ ...amended, amend: { ...AMEND, answered: true } }), 400);
  assert.equal(due({ state: "live", look: { ...LOOK, nextAt: soon(7) } }), 7);
  assert.equal(due({ state: "live", look: { ...LOOK, askedAt: ago(1) } }), 19_999);
  assert.equal(due({ state: "unknown" }), 0);
});

Deno.test("[F-10.4] what is due is looked up, an unanswered order becomes unknown first; what is not due is left", () => {
  const run = (change: Partial<OwnOrder>) => {
    const step = stepWith(change);
    runLooks(step);
    return [sent(step), left(step).state];
  };
  assert.deepEqual(run({ state: "sent", sentAt: ago(6_999) }), [[], "sent"]);
  assert.deepEqual(run({ state: "sent", sentAt: ago(7_000) }), [["LookUpOrder"], "unknown"]);
  assert.deepEqual(run({ state: "acked", ackedAt: ago(2_000) }), [["LookUpOrder"], "acked"]);
  assert.deepEqual(run({ state: "live" }), [[], "live"]);
});

Deno.test("[F-10.4] a shown order does not become unknown by a lost answer", () => {
  const after = (state: "live" | "acked") => {
    const step = stepWith({ state });
    markUnknown(step, ENTRY);
    return [left(step).state, sent(step)];
  };
  assert.deepEqual([after("live"), after("acked")], [["live", []], ["unknown", ["LookUpOrder"]]]);
});

Deno.test("[F-6.6] a cancel is sent once, counted, and sent again after a look that came late, or a second after a failure", () => {
  const step = stepWith({});
  cancelOrder(step, ENTRY);
  cancelOrder(step, ENTRY);
  assert.deepEqual([sent(step), left(step).cancel], [["CancelOrder"], {
    sentAt: T,
    attempts: 1,
    attemptAt: T,
    nextAt: soon(5_000),
  }]);
  const found = (cancel: OwnOrder["cancel"], askedAt: number) => {
    const after = stepWith({ cancel });
    afterFound(after, ENTRY, epochMs(askedAt));
    return [sent(after).length, left(after).cancel?.attempts, left(after).cancel?.attemptAt];
  };
  assert.deepEqual(found(CANCEL, T), [1, 2, T]);
  assert.deepEqual(found({ ...CANCEL, attempts: 2 }, T), [1, 3, T]);
  assert.deepEqual(found(CANCEL, T - 1), [0, 1, ago(5_000)]);
  const failed = { ...CANCEL, sentAt: ago(1_000), attemptAt: ago(4_999), failed: true } as const;
  assert.deepEqual(found(failed, T), [1, 1, ago(4_999)]);
  assert.deepEqual(found(failed, T - 1), [0, 1, ago(4_999)]);
  assert.deepEqual(found({ ...failed, attemptAt: ago(5_000) }, T), [1, 2, T]);
  assert.deepEqual(found(null, T), [0, undefined, undefined]);
});

Deno.test("[F-5.5] a look asked after an amend and not showing it ends the amend, an earlier one does not", () => {
  const amend = (askedAt: number) => {
    const step = stepWith({ amend: AMEND });
    afterFound(step, ENTRY, epochMs(askedAt));
    return left(step).amend;
  };
  assert.deepEqual([amend(AMEND.sentAt), amend(AMEND.sentAt - 1)], [null, AMEND]);
});

Deno.test("[F-1.3 F-10.4] an entry that was shown is not absent before its cancel: another would be a second one", () => {
  const missed = { look: { ...LOOK, misses: 1, lastMissAt: ago(2_000) }, sentAt: ago(10_000), state: "live" } as const;
  const shown = stepWith({ ...missed, cancel: null });
  takeAbsent(shown, ENTRY, T);
  assert.equal(left(shown).end, null);
  assert.deepEqual(shown.out, [{ kind: "CancelOrder", orderLinkId: ENTRY }]);
  assert.deepEqual(left(shown).look, { ...LOOK, misses: 0, lastMissAt: null, nextAt: soon(2_000) });
  const asked = stepWith({ ...missed, cancel: left(shown).cancel });
  takeAbsent(asked, ENTRY, T);
  assert.equal(left(asked).end, "Absent");
  const stop = stepWith({ ...missed, role: "stop", cancel: null });
  takeAbsent(stop, ENTRY, T);
  assert.deepEqual([left(stop).end, stop.out], ["Absent", []]);
});

Deno.test("[F-10.4] absence is proven by two misses 2 s apart, the first later than recv_window + 2 s", () => {
  const miss = (
    look: Partial<OwnOrder["look"]> & object,
    change: { askedAt?: number; state?: OwnOrder["state"] } = {},
  ) => {
    const unshown = { row: null, sentAt: ago(10_000), state: change.state ?? "unknown" } as const;
    const step = stepWith({ look: { ...LOOK, ...look }, ...unshown });
    takeAbsent(step, ENTRY, epochMs(change.askedAt ?? T));
    const order = left(step);
    return [order.end ?? order.state, order.look?.misses, (order.look?.nextAt ?? T) - T];
  };
  assert.deepEqual(miss({}, { askedAt: T - 3_000 }), ["unknown", 0, 1_000]);
  assert.deepEqual(miss({}, { askedAt: T - 2_999 }), ["unknown", 1, 2_000]);
  assert.deepEqual(miss({ misses: 1, lastMissAt: ago(1_999) }), ["unknown", 1, 2_000]);
  assert.equal(miss({ misses: 1, lastMissAt: ago(2_000) })[0], "Absent");
  assert.deepEqual(miss({}, { state: "live" }), ["live", 1, 2_000]);
  const kept = stepWith({ look: { ...LOOK, misses: 1, lastMissAt: ago(500) }, sentAt: ago(10_000) });
  takeAbsent(kept, ENTRY, T);
  assert.equal(left(kept).look?.lastMissAt, ago(500));
  const idle = stepWith({ look: null });
  takeAbsent(idle, ENTRY, T);
  takeLookFailure(idle, ENTRY);
  assert.equal(left(idle).look, null);
  const failed = stepWith({ look: { ...LOOK, askedAt: ago(5) } });
  takeLookFailure(failed, ENTRY);
  assert.deepEqual(left(failed).look, { ...LOOK, nextAt: soon(2_000) });
  const protective = stepWith({ role: "exit", look: { ...LOOK, askedAt: ago(5) } });
  takeLookFailure(protective, ENTRY);
  assert.deepEqual(left(protective).look, { ...LOOK, nextAt: soon(1_000) });
});

Deno.test("[F-10.3 F-10.4] a stop or exit of unknown outcome is sent again under its id, 1 s after it left, once looked for", () => {
  const chase = (change: Partial<OwnOrder>) => {
    const unknown = { role: "stop", state: "unknown", sentAt: ago(1_000), look: LOOK } as const;
    const step = stepWith({ ...unknown, ...change });
    pursue(step, left(step));
    return [sent(step)[0], left(step).transmissions];
  };
  assert.deepEqual(chase({}), ["PlaceStop", 2]);
  assert.deepEqual(chase({ role: "exit" }), ["PlaceExit", 2]);
  assert.deepEqual(chase({ sentAt: ago(999) }), [undefined, 1]);
  assert.deepEqual(chase({ look: null }), [undefined, 1]);
  assert.deepEqual(chase({ look: { ...LOOK, askedAt: ago(999) } }), [undefined, 1]);
  assert.deepEqual(chase({ look: { ...LOOK, askedAt: ago(1_000) } }), ["PlaceStop", 2]);
  assert.deepEqual(chase({ state: "live" }), [undefined, 1]);
  assert.deepEqual(chase({ duplicate: true }), [undefined, 1]);
  assert.deepEqual(chase({ cancel: CANCEL }), [undefined, 1]);
});

Deno.test("[F-5.4 F-5.5] a row ends an amend it shows, and refuses the one it came after without showing", () => {
  const take = (amend: OwnOrder["amend"], row: Partial<OrderRow>) => {
    const step = stepWith({ amend, state: "acked", look: LOOK });
    takeRow(step, left(step), { ...ROW, ...row });
    const { amend: after, amendRefusals, state, look } = left(step);
    return [after === null, amendRefusals, state, look, step.news.map((one) => one.kind)];
  };
  const shown = { contracts: usdContracts(50), updatedAt: AMEND.sentAt };
  assert.deepEqual(take(AMEND, shown), [true, 0, "live", null, ["shown"]]);
  assert.deepEqual(take(AMEND, { updatedAt: AMEND.sentAt }), [true, 1, "live", null, ["shown", "amendRefused"]]);
  assert.deepEqual(take(AMEND, { updatedAt: ago(101) }), [false, 0, "live", null, ["shown"]]);
  const trigger = { ...AMEND, contracts: null, triggerPrice: priceCents(4_000_000) };
  assert.equal(take(trigger, { triggerPrice: priceCents(4_000_000) })[0], true);
  assert.equal(take(trigger, { triggerPrice: priceCents(4_000_001), updatedAt: ago(101) })[0], false);
  const both = { ...trigger, contracts: usdContracts(50) };
  assert.equal(take(both, { triggerPrice: priceCents(4_000_000), updatedAt: ago(101) })[0], false);
});

Deno.test("[F-4.2] a late row of an ended order changes its quantity and nothing else", () => {
  const ended = { ...ROW, status: "Cancelled" as const, cumExecQty: usdContracts(1) };
  const step = stepWith({ state: "final", end: "Cancelled", row: ended });
  takeRow(step, left(step), { ...ROW, status: "New", cumExecQty: usdContracts(4) });
  assert.deepEqual([left(step).row, left(step).state, step.news], [
    { ...ended, cumExecQty: usdContracts(4) },
    "final",
    [],
  ]);
});

Deno.test("[F-10.2 F-10.3] ids: final orders are found too, and the next generation is one above the highest of its trade and role", () => {
  const of = (orders: readonly Partial<OwnOrder>[], past: readonly Partial<OwnOrder>[]) => {
    const made = (list: readonly Partial<OwnOrder>[]) => list.map((one) => ({ ...MODEL, ...one } as OwnOrder));
    const bot: Bot = { ...rig.bot, orders: made(orders), past: made(past) };
    const next = nextId(bot, { trade: MODEL.trade, role: "entry", side: "Buy" });
    return { bot, generation: next.generation };
  };
  assert.equal(of([], []).generation, 1);
  assert.equal(of([{ generation: 2 }], [{ generation: 1 }]).generation, 3);
  assert.equal(of([{ generation: 1 }], [{ generation: 4 }]).generation, 5);
  assert.equal(of([{ generation: 3, trade: "other" }], [{ generation: 3, role: "stop" }]).generation, 1);
  const { bot } = of([{ id: "a", orderId: "1" }], [{ id: "b", orderId: "2" }]);
  assert.deepEqual([findOrder(bot, "a")?.orderId, findOrder(bot, "b")?.orderId, findOrder(bot, "c")], ["1", "2", null]);
  assert.deepEqual([findByOrderId(bot, "1")?.id, findByOrderId(bot, "2")?.id, findByOrderId(bot, "3")], [
    "a",
    "b",
    null,
  ]);
  assert.deepEqual([isOpen(null), isOpen(MODEL), isOpen({ ...MODEL, state: "final" })], [false, true, false]);
  assert.deepEqual([
    endOf(ROW),
    endOf({ ...ROW, status: "Rejected" }),
    endOf({ ...ROW, status: { kind: "unknown", raw: "X" } }),
  ], [
    null,
    "Rejected",
    null,
  ]);
});
