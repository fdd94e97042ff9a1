/** Orders that end under a word nobody told us: cover is what the venue shows open, not what it has not called ended. */
import { strict as assert } from "node:assert";
import { isCovered } from "../../src/application/transition/protection/stop_manager.ts";
import { KNOWN_BY_FILLS, type OrderRow } from "../../src/domain/orders.ts";
import { usdContracts } from "../../src/domain/units.ts";
import {
  at,
  boot,
  count,
  enter,
  haltOf,
  newRig,
  open,
  openId,
  phaseOf,
  place,
  position,
  type Rig,
  send,
  show,
  skip,
  wait,
} from "../core_rig.ts";
import { change } from "../core_venue.ts";
import { drawer } from "../core_world.ts";

/** Words the venue documents or documented and this program does not know, and words nobody has seen. */
const DOCUMENTED = [
  "Created",
  "Active",
  "PendingCancel",
  "PartiallyFilledCanceled",
  "Expired",
  "Canceled",
  "ORDER_NEW",
];
function randomWords(count: number): string[] {
  const draw = drawer(7);
  const letter = () => String.fromCharCode(33 + Math.floor(draw() * 90));
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(draw() * 24) }, letter).join(""));
}
const WORDS = [...DOCUMENTED, "", "untriggered", ...randomWords(12)];
const ROLES = ["stop", "entry", "target"] as const;
type Role = typeof ROLES[number];
const WAYS = ["stream", "list", "look-up"] as const;
type Way = typeof WAYS[number];

/** The order of that role, live and shown. */
function shown(role: Role): { readonly rig: Rig; readonly id: string } {
  const rig = newRig();
  if (role !== "entry") {
    const { stop, target } = open(rig);
    wait(rig, 12_000);
    return { rig, id: role === "stop" ? stop : target };
  }
  const id = enter(rig);
  place(rig, id);
  show(rig, id);
  skip(rig, 3_000);
  return { rig, id };
}

/** The venue says that row, in the way the case wants. */
function say(rig: Rig, of: { readonly id: string; readonly way: Way; readonly to: Partial<OrderRow> }): void {
  const { id, way } = of;
  const row = change(rig.venue, id, { updatedAt: at(rig), ...of.to });
  const base = { at: at(rig), askedAt: at(rig) };
  if (way === "stream") send(rig, { kind: "OrderSeen", at: at(rig), order: row });
  else if (way === "look-up") {
    send(rig, { kind: "OrderLookup", ...base, orderLinkId: id, result: { kind: "found", order: row } });
  } else {
    const others = [...rig.venue.orders.values()].filter((one) =>
      one.orderLinkId !== id && one.status === "Untriggered"
    );
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [...others, row] } });
  }
}
const unknown = (raw: string) => ({ kind: "unknown", raw }) as const;

/** What must be true ten seconds after an order of that role is gone. */
function judge(rig: Rig, of: { readonly role: Role; readonly id: string; readonly what: string }): void {
  const { role, id, what } = of;
  const sent = rig.all.length;
  const looks = count(wait(rig, 9_000), "LookUpOrder");
  assert.ok(looks <= 8, `${what}: ${looks} looks in 9 s`);
  assert.equal(rig.bot.orders.find((order) => order.id === id), undefined, `${what}: still counts as open`);
  assert.equal(haltOf(rig), "-", what);
  if (role === "entry") assert.equal(phaseOf(rig), "flat", what);
  else {
    const fresh = openId(rig, role);
    assert.notEqual(fresh, id, what);
    if (role === "stop") assert.equal(position(rig).stop.id, fresh, what);
  }
  const cancels = rig.all.slice(sent).filter((one) => one.kind === "CancelOrder" && one.orderLinkId === id);
  assert.ok(cancels.length <= 2, `${what}: ${cancels.length} cancels`);
  const alerts = rig.all.filter((one) => one.kind === "Alert" && one.code === "unknown_status");
  assert.ok(alerts.length > 0, `${what}: no alert`);
  assert.ok(rig.bot.degradedSince !== null || rig.bot.blocks.some((one) => one.reason === "ws_recovery"), what);
}

for (const role of ROLES) {
  Deno.test(`[F-4.8 F-2.1] a ${role} with nothing left under a word we do not know is over at once: replaced, alerted, degraded`, () => {
    for (const way of WAYS) {
      for (const word of WORDS) {
        const { rig, id } = shown(role);
        say(rig, { id, way, to: { status: unknown(word), leavesQty: usdContracts(0) } });
        if (role === "stop") assert.equal(isCovered(rig.bot, position(rig)), false, `${way} "${word}"`);
        judge(rig, { role, id, what: `${role} by ${way} "${word}"` });
      }
    }
  });

  Deno.test(`[F-4.8 F-2.1] a ${role} under a word we do not know is over when a fresh list of open orders lacks it`, () => {
    for (const way of WAYS) {
      for (const leavesQty of [null, usdContracts(10)]) {
        for (const word of WORDS) {
          const { rig, id } = shown(role);
          say(rig, { id, way, to: { status: unknown(word), leavesQty } });
          judge(rig, { role, id, what: `${role} by ${way} "${word}" with ${leavesQty} left` });
        }
      }
    }
  });
}

Deno.test("[F-4.8] an order under a word we do not know that the venue keeps listing stays open, and stays cover", () => {
  const { rig, id } = shown("stop");
  say(rig, { id, way: "stream", to: { status: unknown("Waiting"), leavesQty: usdContracts(10) } });
  const row = rig.venue.orders.get(id);
  assert.ok(row !== undefined);
  for (let second = 0; second < 60; second += 1) {
    skip(rig, 1_000);
    rig.deaf = true;
    wait(rig, 1_000);
    rig.deaf = false;
    const base = { at: at(rig), askedAt: at(rig) };
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [row] } });
  }
  assert.ok(rig.bot.orders.some((order) => order.id === id));
  assert.ok(isCovered(rig.bot, position(rig)));
  assert.equal(rig.all.filter((one) => one.kind === "Alert" && one.code === "unknown_status").length, 1);
});

Deno.test("[F-7.10] a stop that stays under a word we do not know is not looked up every second for ever", () => {
  const { rig, id } = shown("stop");
  say(rig, { id, way: "stream", to: { status: unknown("Waiting"), leavesQty: usdContracts(10) } });
  const row = change(rig.venue, id, {});
  rig.deaf = true;
  let looks = 0;
  for (let second = 0; second < 300; second += 1) {
    const sent = wait(rig, 1_000);
    const base = { at: at(rig), askedAt: at(rig) };
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [row] } });
    if (count(sent, "LookUpOrder") === 0) continue;
    looks += 1;
    send(rig, { kind: "OrderLookup", ...base, orderLinkId: id, result: { kind: "found", order: row } });
  }
  assert.ok(looks >= 20 && looks <= 50, `${looks} looks in 5 minutes`);
});

Deno.test("[F-1.18 F-5.9] a triggered stop that no list shows and nothing filled is closed by an exit of our own", () => {
  const { rig, id } = shown("stop");
  rig.deaf = true;
  say(rig, { id, way: "stream", to: { status: "Triggered" } });
  const row = change(rig.venue, id, {});
  for (let second = 0; second < 8; second += 1) {
    const sent = wait(rig, 1_000);
    const base = { at: at(rig), askedAt: at(rig) };
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [] } });
    if (count(sent, "LookUpOrder") === 0) continue;
    send(rig, { kind: "OrderLookup", ...base, orderLinkId: id, result: { kind: "found", order: row } });
  }
  assert.equal(count(rig.all, "PlaceExit"), 1);
});

Deno.test("[F-10.4] an order known by its executions alone is no unknown word: no alert while it may be listed", () => {
  const { rig, id } = shown("entry");
  say(rig, { id, way: "look-up", to: { status: unknown(KNOWN_BY_FILLS), leavesQty: usdContracts(10) } });
  assert.equal(rig.all.filter((one) => one.kind === "Alert" && one.code === "unknown_status").length, 0);
});

Deno.test("[F-2.1] after a restart from a journal of before, a stop that ended under an unknown word is no cover", () => {
  const { rig, id } = shown("stop");
  const row = change(rig.venue, id, { status: unknown("Expired"), leavesQty: usdContracts(0) });
  const orders = rig.bot.orders.map((order) => order.id === id ? { ...order, row } : order);
  rig.bot = { ...rig.bot, orders };
  assert.equal(isCovered(rig.bot, position(rig)), false);
  boot(rig, true);
  assert.notEqual(openId(rig, "stop"), id);
});
