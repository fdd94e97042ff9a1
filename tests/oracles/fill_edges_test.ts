/** Fills and order rows at their edges: slipped, revived, somebody else's, already over. */
import { strict as assert } from "node:assert";
import { usdContracts } from "../../src/domain/units.ts";
import {
  at,
  DIP,
  enter,
  filled,
  haltOf,
  newRig,
  open,
  openNaked,
  phaseOf,
  place,
  type Rig,
  seen,
  send,
  show,
} from "../core_rig.ts";
import { create, refused } from "../core_venue.ts";

function entryOf(rig: Rig, id: string) {
  return [...rig.bot.orders, ...rig.bot.past].find((one) => one.id === id) ?? null;
}

Deno.test("[F-8.6 P-1] a fill more than slippage_usd from its limit counts as slipped, one at it does not", () => {
  const slipped = (price: number) => {
    const rig = newRig();
    const entry = enter(rig);
    show(rig, entry);
    filled(rig, entry, { contracts: 90, price });
    return rig.bot.risk.slippages.length;
  };
  assert.deepEqual([slipped(DIP - 50), slipped(Math.round(DIP * 0.97))], [0, 1]);
});

Deno.test("[F-10.4] an order believed refused is alive again when its row shows it open, a cancelled one is not", () => {
  const rig = newRig();
  const entry = enter(rig);
  const ticket = entryOf(rig, entry)?.ticket;
  assert.ok(ticket !== undefined);
  place(rig, entry, refused("margin", 110007));
  assert.deepEqual([phaseOf(rig), entryOf(rig, entry)?.end], ["flat", "Refused"]);
  send(rig, { kind: "OrderSeen", at: at(rig), order: create(rig.venue, ticket, at(rig)) });
  assert.deepEqual([entryOf(rig, entry)?.state, entryOf(rig, entry)?.end], ["live", null]);
  assert.equal(rig.bot.past.length, 0);
  seen(rig, entry, { status: "Cancelled" });
  seen(rig, entry, { status: "New", cumExecQty: usdContracts(1), updatedAt: at(rig) });
  assert.equal(entryOf(rig, entry)?.end, "Cancelled");
});

Deno.test("[F-10.5] a duplicate on the first transmission is not ours: HALT, and the order counts no further", () => {
  const rig = newRig();
  const entry = enter(rig);
  const ticket = entryOf(rig, entry)?.ticket;
  assert.ok(ticket !== undefined);
  rig.deaf = true;
  place(rig, entry, refused("duplicate_id", 110072));
  const row = create(rig.venue, ticket, at(rig));
  send(rig, {
    kind: "OrderLookup",
    at: at(rig),
    askedAt: at(rig),
    orderLinkId: entry,
    result: { kind: "found", order: row },
  });
  assert.equal(haltOf(rig), "second_instance");
  assert.deepEqual([entryOf(rig, entry)?.state, entryOf(rig, entry)?.end], ["final", "Foreign"]);
});

Deno.test("[F-13.1 F-13.7] a stop kept back by observe mode uses up neither the hour's orders nor the signal, an entry both", () => {
  const after = (role: "entry" | "stop") => {
    const rig = newRig();
    const id = role === "entry" ? enter(rig) : openNaked(rig).stop;
    const decidedAt = entryOf(rig, id)?.decidedAt ?? at(rig);
    rig.bot = { ...rig.bot, operator: { ...rig.bot.operator, entryTimes: [decidedAt] } };
    const { buy, sell } = rig.bot.signal;
    place(rig, id, { kind: "notSent", reason: "observe_mode" });
    const { signal, operator } = rig.bot;
    return [operator.entryTimes.length, signal.buy === buy && signal.sell === sell, signal.buy?.filled];
  };
  assert.deepEqual([after("entry"), after("stop")], [[0, false, true], [1, true, true]]);
});

Deno.test("[F-11.4 F-10.7] a reduce-only order of our position is ours while it is open; ended, it changes nothing", () => {
  const rows = (status: "New" | "Cancelled") => {
    const rig = newRig();
    const { target } = open(rig);
    const known = rig.venue.orders.get(target);
    assert.ok(known !== undefined);
    const id = target.replace("_tp_", "_exit_");
    const row = { ...known, orderId: "x9", orderLinkId: id, status, updatedAt: at(rig) };
    send(rig, { kind: "OrderSeen", at: at(rig), order: row });
    return [entryOf(rig, id)?.role, haltOf(rig)];
  };
  assert.deepEqual([rows("New"), rows("Cancelled")], [["exit", "-"], [undefined, "-"]]);
});
