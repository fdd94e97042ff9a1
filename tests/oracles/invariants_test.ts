import { strict as assert } from "node:assert";
import { checkInvariants } from "../../src/application/transition/invariants.ts";
import { newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { Bot, OwnOrder, Position } from "../../src/domain/state.ts";
import { epochMs } from "../../src/domain/units.ts";
import { at, boot, enter, newRig, open, position, type Rig, show } from "../core_rig.ts";

function names(bot: Bot): readonly string[] {
  return checkInvariants(bot).map((one) => one.name);
}
function opened(): Rig {
  const rig = newRig();
  open(rig);
  return rig;
}
/** In position, with the position changed. */
function held(change: Partial<Position>, to: Partial<Bot> = {}): Bot {
  const rig = opened();
  const kept = position(rig);
  return { ...rig.bot, phase: { kind: "position", since: at(rig), position: { ...kept, ...change } }, ...to };
}
const HALT = { reason: "kill_switch", since: epochMs(0), detail: "" } as const;

Deno.test("[F-2.4] a state that follows the rules breaks none: flat, entering, open", () => {
  assert.deepEqual([names(boot(newRig()).bot), names(opened().bot)], [[], []]);
  const entering = newRig();
  show(entering, enter(entering));
  assert.deepEqual(names(entering.bot), []);
});

Deno.test("[F-2 F-1.27] quantity and value are whole numbers, and no value stands without quantity", () => {
  const { bot } = boot(newRig());
  const ledger = (net: number, openValue: number) => names({ ...bot, ledger: { ...bot.ledger, net, openValue } });
  assert.deepEqual(ledger(0, 1), ["value_without_quantity"]);
  assert.deepEqual(ledger(0, NaN), ["quantity_not_a_number", "value_without_quantity"]);
  assert.deepEqual(ledger(0.5, 5), ["quantity_not_a_number", "quantity_without_position"]);
  assert.deepEqual(ledger(1, 5), ["quantity_without_position"]);
});

Deno.test("[F-2.3] position and ledger hold the same quantity on the same side", () => {
  const rig = opened();
  const { contracts } = position(rig);
  const net = (value: number) => names({ ...rig.bot, ledger: { ...rig.bot.ledger, net: value, openValue: value } });
  assert.deepEqual(net(contracts), []);
  assert.deepEqual(net(contracts + 1), ["position_differs_from_ledger"]);
  assert.deepEqual(net(-contracts), ["position_differs_from_ledger"]);
  assert.deepEqual(net(0), ["position_without_quantity"]);
});

Deno.test("[F-2.2] stopStatus ERROR stands only under a HALT", () => {
  assert.deepEqual(names(held({ stopStatus: "ERROR" })), ["stop_error_without_halt"]);
  assert.deepEqual(names(held({ stopStatus: "ERROR" }, { halt: HALT })), []);
  assert.deepEqual(names(held({ stopStatus: "MISSING" })), []);
});

Deno.test("[F-2.1] uncovered beyond the clock and its grace is broken, unless halted, closing, or the venue was not asked", () => {
  const now = at(opened());
  const since = (ms: number) => ({ uncoveredSince: epochMs(now - ms) });
  const limit = 25_000;
  assert.deepEqual(names(held(since(limit))), []);
  assert.deepEqual(names(held(since(limit + 1))), ["unprotected_too_long"]);
  assert.deepEqual(names(held(since(limit + 1), { halt: HALT })), []);
  const { bot } = opened();
  assert.deepEqual(names(held(since(limit + 1), { reconcile: { ...bot.reconcile, gapAt: now } })), []);
  assert.deepEqual(names(held(since(limit + 1), { boot: { ...bot.boot, stage: "venue" } })), []);
  const { stop } = position(opened());
  const ladder = { attempts: 0, nextAt: now, turn: "stop" } as const;
  assert.deepEqual(names(held({ ...since(limit + 1), stop: { ...stop, ladder } })), []);
});

/** As many open orders of a role as wanted, in the phase that has one. */
function orders(of: { readonly role: OwnOrder["role"]; readonly count: number; readonly change?: Partial<OwnOrder> }) {
  const rig = opened();
  const model = rig.bot.orders.find((one) => one.role === "stop");
  assert.ok(model !== undefined);
  const made = Array.from({ length: of.count }, () => ({ ...model, role: of.role, ...of.change }));
  return { ...rig.bot, orders: made };
}

Deno.test("[F-1.3 F-4.3] at most one entry, an exit beside one reduction, two live stops", () => {
  const of = (role: OwnOrder["role"], count: number) => names(orders({ role, count }));
  assert.deepEqual([of("entry", 1), of("entry", 2)], [[], ["two_entries"]]);
  assert.deepEqual([of("exit", 2), of("exit", 3)], [[], ["two_exits"]]);
  assert.deepEqual([of("stop", 2), of("stop", 3)], [[], ["three_stops"]]);
  assert.deepEqual(of("target", 3), []);
  const cancel = { sentAt: epochMs(0), attempts: 1, attemptAt: epochMs(0), nextAt: epochMs(0) };
  assert.deepEqual(names(orders({ role: "stop", count: 3, change: { cancel } })), []);
  assert.deepEqual(names(orders({ role: "stop", count: 3, change: { state: "acked" } })), []);
});

Deno.test("[F-1.3 F-10.4] what came back and is being cancelled is not counted; what came back and is not, is", () => {
  const cancel = { sentAt: epochMs(0), attempts: 1, attemptAt: epochMs(0), nextAt: epochMs(0) };
  const of = (role: OwnOrder["role"], change: Partial<OwnOrder>) =>
    names(orders({ role, count: 3, change: { back: true, ...change } }));
  assert.deepEqual([of("entry", { cancel }), of("exit", { cancel }), of("stop", {})], [[], [], []]);
  assert.deepEqual([of("entry", {}), of("exit", {})], [["two_entries"], ["two_exits"]]);
});

Deno.test("[F-2] under HALT no entry rests, except one being cancelled or of open outcome", () => {
  const of = (change: Partial<OwnOrder>, halt: Bot["halt"]) =>
    names({ ...orders({ role: "entry", count: 1, change }), halt });
  const cancel = { sentAt: epochMs(0), attempts: 1, attemptAt: epochMs(0), nextAt: epochMs(0) };
  assert.deepEqual(of({}, HALT), ["entry_under_halt"]);
  assert.deepEqual([of({}, null), of({ cancel }, HALT), of({ state: "unknown" }, HALT)], [[], [], []]);
});

Deno.test("[F-2 F-6.8] in flat an own order stands only under the block order_cleanup", () => {
  const { bot } = boot(newRig());
  const flat = (to: Partial<Bot>) => names({ ...bot, orders: orders({ role: "stop", count: 1 }).orders, ...to });
  const blocked = (reason: "order_cleanup" | "latency") => ({
    blocks: [newBlock(reason, { since: epochMs(0), until: null })],
  });
  assert.deepEqual(flat({ blocks: [] }), ["orders_in_flat"]);
  assert.deepEqual([flat(blocked("latency")), flat(blocked("order_cleanup"))], [["orders_in_flat"], []]);
  assert.deepEqual(flat({ ...blocked("latency"), orders: [] }), []);
});
