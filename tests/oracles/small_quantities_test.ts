/** One contract, and orders told complete by one message alone: where an off-by-one hides. */
import { strict as assert } from "node:assert";
import { usdContracts } from "../../src/domain/units.ts";
import {
  at,
  command,
  DIP,
  enter,
  filled,
  find,
  haltOf,
  newRig,
  openId,
  phaseOf,
  place,
  position,
  type Rig,
  seen,
  send,
  show,
} from "../core_rig.ts";
import { fill, refused } from "../core_venue.ts";

/** An entry of which one contract is filled and the rest cancelled; the stop is shown, the target rests. */
function openOne(): Rig {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  filled(rig, entry, { contracts: 1, price: DIP - 50 });
  seen(rig, entry, { status: "Cancelled" });
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  const target = openId(rig, "target");
  place(rig, target);
  show(rig, target);
  return rig;
}
function close(rig: Rig): string {
  const sent = command(rig, "close");
  return find(sent, "PlaceExit")?.ticket.orderLinkId ?? "";
}

Deno.test("[F-14 F-1.22] a position of one contract closes to flat, and nothing opens the other way", () => {
  const rig = openOne();
  assert.equal(position(rig).contracts, 1);
  filled(rig, openId(rig, "target"), { contracts: 1, price: 4_990_000 });
  const { closedTrade, trade, ledger } = rig.bot;
  assert.deepEqual([phaseOf(rig), haltOf(rig), ledger.net, trade], ["flat", "-", 0, null]);
  assert.deepEqual([closedTrade?.openedContracts, closedTrade?.closedContracts], [1, 1]);
});

Deno.test("[F-5.1] an exit of one contract refused for its size is sent again at once for the whole position", () => {
  const rig = openOne();
  const sent = place(rig, close(rig), refused("quantity", 10001));
  const again = find(sent, "PlaceExit")?.ticket;
  assert.deepEqual([again?.contracts, again?.reduceOnly, again?.closeOnTrigger], [0, true, true]);
});

Deno.test("[F-6.5] an exit for the whole position refused for its size is a failed attempt", () => {
  const rig = openOne();
  const whole = find(place(rig, close(rig), refused("quantity", 10001)), "PlaceExit")?.ticket.orderLinkId ?? "";
  assert.equal(find(place(rig, whole, refused("quantity", 10001)), "PlaceExit"), null);
  assert.deepEqual([position(rig).closing?.failures, position(rig).closing?.shortfalls], [1, 1]);
});

/** The first execution of an entry, as the venue says it: what is left of the order after it. */
function executedLeaving(left: number | null, share = 10): Rig {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  const { execution } = fill(rig.venue, entry, { contracts: share, price: DIP - 50, at: at(rig), maker: true });
  const leavesQty = left === null ? null : usdContracts(left);
  send(rig, { kind: "Executed", at: at(rig), execution: { ...execution, leavesQty }, source: "stream" });
  return rig;
}
function working(rig: Rig): boolean {
  return rig.bot.orders.some((one) => one.role === "entry");
}

Deno.test("[F-1.10 F-1.11] an order is complete when its execution leaves nothing, whatever was asked for", () => {
  assert.deepEqual([working(executedLeaving(0)), working(executedLeaving(1))], [false, true]);
  assert.deepEqual([working(executedLeaving(null)), working(executedLeaving(null, 90))], [true, false]);
});
