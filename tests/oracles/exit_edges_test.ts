/** Exits by their edges: what an attempt is, how long it may run, what ended it, and when the next one leaves. */
import { strict as assert } from "node:assert";
import {
  exitDeadline,
  manageExit,
  onExitEnded,
  startClosing,
} from "../../src/application/transition/protection/exit_manager.ts";
import { findOrder } from "../../src/application/transition/orders/order_table.ts";
import { openStep, type Step } from "../../src/application/transition/step.ts";
import type { Refusal } from "../../src/domain/events.ts";
import type { Bot, Closing, OwnOrder, Position } from "../../src/domain/state.ts";
import { epochMs, priceCents } from "../../src/domain/units.ts";
import { command, newRig, open, openId, place, position, show } from "../core_rig.ts";
import { refusal } from "../core_venue.ts";

const rig = newRig();
open(rig);
command(rig, "close");
const EXIT = openId(rig, "exit");
place(rig, EXIT);
show(rig, EXIT);
const HELD = position(rig);
const MODEL = findOrder(rig.bot, EXIT);
const { closing: CLOSING } = HELD;
if (MODEL === null || CLOSING === null) throw new Error("no exit");
const T = epochMs(rig.bot.now + 100_000);
const ago = (ms: number) => epochMs(T - ms);
const soon = (ms: number) => epochMs(T + ms);

type Change = {
  readonly closing?: Partial<Closing> | null;
  readonly order?: Partial<OwnOrder>;
  readonly position?: Partial<Position>;
  readonly seen?: Partial<Bot["market"]["seen"]>;
};
/** A step at T in which the closing, its running order and the market stand as changed; no target rests. */
function stepWith(change: Change): Step {
  const order = { ...MODEL, decidedAt: T, sentAt: T, ...change.order } as OwnOrder;
  const final = order.state === "final";
  const rest = rig.bot.orders.filter((one) => one.role === "stop");
  const closing = change.closing === null ? null : { ...CLOSING, since: ago(20_000), ...change.closing } as Closing;
  const { market } = rig.bot;
  const bot: Bot = {
    ...rig.bot,
    phase: { kind: "exit", since: T, position: { ...HELD, closing, ...change.position } },
    market: { ...market, seen: { ...market.seen, ...change.seen } },
    orders: final ? rest : [...rest, order],
    past: final ? [order] : [],
  };
  return openStep(bot, { kind: "Shutdown", at: T });
}
function closingOf(step: Step): Closing | null {
  return step.bot.phase.kind === "exit" || step.bot.phase.kind === "position" ? step.bot.phase.position.closing : null;
}
const LIMIT = { ...MODEL.ticket, orderType: "Limit", price: priceCents(4_800_000) } as const;
const CANCEL = { sentAt: T, attempts: 1, attemptAt: T, nextAt: soon(5_000) };

Deno.test("[F-6.4 P-1] what a closing begins with: the best opposite quote, else mark; the first reason stays", () => {
  const begun = (direction: "long" | "short", seen: Change["seen"] = {}) => {
    const quotes = { bid: priceCents(1_000_000), ask: priceCents(2_000_000), mark: priceCents(3_000_000) };
    const step = stepWith({ closing: null, position: { direction }, seen: { ...quotes, ...seen } });
    startClosing(step, "manual");
    startClosing(step, "profit_target");
    return closingOf(step);
  };
  const fresh = begun("long");
  assert.deepEqual(fresh, {
    reason: "manual",
    since: T,
    failures: 0,
    orders: 0,
    shortfalls: 0,
    whole: false,
    nextAt: T,
    exitId: null,
    reference: priceCents(1_000_000),
  });
  assert.deepEqual([begun("short")?.reference, begun("long", { bid: null })?.reference], [2_000_000, 3_000_000]);
});

Deno.test("[F-6.5 F-5.9] a running exit ends at its timeout, a resting one is re-priced after 5 s", () => {
  const due = (order: Partial<OwnOrder>, closing: Partial<Closing> = {}) => {
    const step = stepWith({ order, closing });
    const { phase } = step.bot;
    const at = phase.kind === "exit" ? exitDeadline(step.bot, phase.position) : null;
    return at === null ? null : at - T;
  };
  assert.deepEqual([due({}), due({ ticket: LIMIT })], [60_000, 5_000]);
  assert.deepEqual([due({ cancel: CANCEL }), due({ ticket: LIMIT, cancel: CANCEL })], [null, null]);
  assert.deepEqual([due({ state: "unknown" }), due({ state: "unknown", duplicate: true })], [1_000, null]);
  assert.equal(due({ state: "final", end: "Filled" }, { nextAt: soon(70) }), 70);
  const cancelled = (order: Partial<OwnOrder>) => {
    const step = stepWith({ order });
    manageExit(step);
    return step.out.map((one) => one.kind);
  };
  assert.deepEqual([cancelled({ decidedAt: ago(59_999) }), cancelled({ decidedAt: ago(60_000) })], [[], [
    "CancelOrder",
  ]]);
  const limit = (ms: number) => cancelled({ ticket: LIMIT, decidedAt: ago(ms) });
  assert.deepEqual([limit(4_999), limit(5_000)], [[], ["CancelOrder"]]);
});

const GONE = { state: "final", end: "Cancelled", endedAt: T } as const;

Deno.test("[F-5.9 F-5.1] the attempts: market, and every second one a limit a hundredth from mark once two fell short", () => {
  const placed = (closing: Partial<Closing>, seen: Change["seen"] = {}, to: Partial<Position> = {}) => {
    const step = stepWith({ order: GONE, closing: { exitId: null, nextAt: T, ...closing }, seen, position: to });
    manageExit(step);
    const ticket = step.out.flatMap((one) => one.kind === "PlaceExit" ? [one.ticket] : [])[0];
    return ticket === undefined ? null : [ticket.orderType, ticket.price, ticket.contracts, ticket.closeOnTrigger];
  };
  const market = ["Market", null, HELD.contracts, false];
  const seen = { mark: priceCents(4_000_000), last: priceCents(5_000_000) };
  assert.deepEqual([placed({ shortfalls: 1, orders: 2 }), placed({ shortfalls: 2, orders: 3 })], [market, market]);
  assert.deepEqual(placed({ shortfalls: 2, orders: 2 }, seen), ["Limit", 3_960_000, HELD.contracts, false]);
  assert.deepEqual(placed({ shortfalls: 2, orders: 2 }, { ...seen, mark: null })?.[1], 4_950_000);
  assert.deepEqual(placed({ shortfalls: 2, orders: 2 }, { mark: null, last: null }), market);
  assert.deepEqual(placed({ shortfalls: 2, orders: 2 }, seen, { direction: "short" })?.[1], 4_040_000);
  assert.deepEqual(placed({ whole: true }), ["Market", null, 0, true]);
  assert.equal(placed({ nextAt: soon(1) }), null);
});

/** The closing after its order ended, and whether that halted. */
function ended(change: Change, why: Refusal | null = null) {
  const step = stepWith(change);
  const order = findOrder(step.bot, EXIT);
  assert.ok(order !== null);
  onExitEnded(step, order, why);
  const { failures, shortfalls, nextAt, exitId, whole } = closingOf(step) ?? CLOSING as Closing;
  return { next: nextAt - T, failures, shortfalls, whole, gone: exitId === null, halt: step.bot.halt?.reason ?? null };
}

Deno.test("[F-6.5 F-5.9] what ended an attempt decides the wait for the next and whether it counts", () => {
  const base = { whole: false, gone: true, halt: null };
  const early = { sentAt: ago(100), decidedAt: ago(100) };
  const filled = { ...GONE, end: "Filled" } as const;
  assert.deepEqual(ended({ order: { ...filled, ...early } }), { next: 400, failures: 0, shortfalls: 0, ...base });
  assert.deepEqual(ended({ order: { ...filled, sentAt: ago(900) } }).next, 0);
  assert.deepEqual(ended({ order: { ...GONE, ...early } }), { next: 400, failures: 0, shortfalls: 1, ...base });
  assert.deepEqual(ended({ order: { ...GONE, ...early }, closing: { shortfalls: 2 } }).next, 4_900);
  const limit = { ...GONE, ...early, ticket: LIMIT };
  assert.deepEqual(ended({ order: limit, closing: { shortfalls: 2 } }), {
    next: 400,
    failures: 0,
    shortfalls: 2,
    ...base,
  });
  const timeout = { ...GONE, cancel: CANCEL };
  assert.deepEqual(ended({ order: timeout }), { next: 500, failures: 1, shortfalls: 1, ...base });
  assert.equal(ended({ order: { ...timeout, ticket: LIMIT } }).failures, 0);
  assert.deepEqual(ended({ order: { ...GONE, end: "NotSent" } }), { next: 1_000, failures: 0, shortfalls: 0, ...base });
  assert.equal(ended({ order: { ...GONE, end: "Rejected" } }).failures, 1);
  assert.equal(ended({ order: { ...GONE, end: "Absent" } }).failures, 1);
  const other = ended({ order: GONE, closing: { exitId: "another" } });
  assert.deepEqual([other.gone, other.failures], [false, 0]);
});

Deno.test("[F-6.5] failures wait 0.5, 1, 2, then 5 s, and the third halts while trying goes on", () => {
  const waits = [0, 1, 2, 3, 9].map((failures) => {
    const { next, halt } = ended({ order: GONE, closing: { failures } }, refusal("other"));
    return [next, halt];
  });
  assert.deepEqual(waits, [
    [500, null],
    [1_000, null],
    [2_000, "exit_unrecoverable"],
    [5_000, "exit_unrecoverable"],
    [5_000, "exit_unrecoverable"],
  ]);
});
