import { strict as assert } from "node:assert";
import { coverOf, isCovered } from "../../src/application/transition/protection/stop_manager.ts";
import { usdContracts } from "../../src/domain/units.ts";
import type { OrderRow } from "../../src/domain/orders.ts";
import type { OwnOrder } from "../../src/domain/state.ts";
import {
  at,
  DIP,
  enter,
  filled,
  need,
  newRig,
  open,
  openId,
  openNaked,
  place,
  position,
  type Rig,
  seen,
  send,
  show,
  skip,
  wait,
} from "../core_rig.ts";
import { move, refused, UNKNOWN } from "../core_venue.ts";

/** The open position with its one stop changed. */
function coverWith(order: Partial<OwnOrder>, row: Partial<OrderRow> = {}): number {
  const rig = newRig();
  open(rig);
  const orders = rig.bot.orders.map((one) =>
    one.role === "stop" && one.row !== null ? { ...one, ...order, row: { ...one.row, ...row } } : one
  );
  return coverOf({ ...rig.bot, orders }, position(rig));
}

Deno.test("[F-2.1 F-5.5] only a shown, reduce-only own stop of the right side covers, by what it has left", () => {
  assert.equal(coverWith({}), 90);
  assert.equal(coverWith({ state: "acked" }), 0);
  assert.equal(coverWith({ state: "unknown" }), 0);
  assert.equal(coverWith({ role: "exit" }), 0);
  assert.equal(coverWith({}, { reduceOnly: false }), 0);
  assert.equal(coverWith({}, { side: "Buy" }), 0);
  assert.equal(coverWith({}, { positionIdx: 1 }), 0);
  assert.equal(coverWith({}, { contracts: usdContracts(60) }), 60);
  assert.equal(coverWith({}, { cumExecQty: usdContracts(30) }), 60);
});

Deno.test("[F-2.1] while the entry works a stop over qty ÷ 1.2 covers; exactly that does not; complete needs all", () => {
  const rig = newRig();
  open(rig);
  const of = (contracts: number, entryWorking: boolean) => {
    const orders = rig.bot.orders.map((one) =>
      one.role === "stop" && one.row !== null
        ? { ...one, row: { ...one.row, contracts: usdContracts(contracts) } }
        : one
    );
    return isCovered({ ...rig.bot, orders }, { ...position(rig), entryWorking });
  };
  assert.equal(of(75, true), false);
  assert.equal(of(76, true), true);
  assert.equal(of(89, false), false);
  assert.equal(of(90, false), true);
});

const traded = (rig: Rig) => {
  const record = rig.all.flatMap((one) => (one.kind === "Record" && one.record.type === "trade" ? [one.record] : []))
    .at(0);
  assert.ok(record);
  return record;
};

Deno.test("[P-13 F-2.1] naked and uncovered time are counted to the millisecond and end with being shown", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  skip(rig, 1234);
  show(rig, stop);
  wait(rig, 5000);
  const target = openId(rig, "target");
  show(rig, target);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  seen(rig, stop, { status: "Deactivated" });
  wait(rig, 12_000);
  assert.equal(traded(rig).naked_ms, 1234);
  assert.equal(traded(rig).uncovered_ms, 1234);
});

Deno.test("[P-13 F-2.1] two uncovered stretches add up; a shown stop too small is uncovered but not naked", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  skip(rig, 500);
  show(rig, stop);
  skip(rig, 3000);
  const execution = move(rig.venue, { side: "Buy", contracts: 30, price: DIP, at: at(rig) });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  assert.notEqual(position(rig).uncoveredSince, null);
  assert.equal(position(rig).nakedSince, null);
  skip(rig, 700);
  seen(rig, stop, { contracts: usdContracts(120) });
  assert.equal(position(rig).uncoveredMs, 1200);
  assert.equal(position(rig).nakedMs, 500);
});

/** The entry grew beyond the shown stop: an amend is wanted. */
function grown() {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  filled(rig, entry, { contracts: 20, price: DIP });
  const old = openId(rig, "stop");
  show(rig, old);
  skip(rig, 4000);
  filled(rig, entry, { contracts: 20, price: DIP });
  return { rig, old };
}

Deno.test("[F-5.4] a replacement that is refused leaves the old stop relied on", () => {
  const { rig, old } = grown();
  const amend = () =>
    send(rig, { kind: "AmendAnswer", at: at(rig), orderLinkId: old, askedAt: at(rig), outcome: refused("price") });
  amend();
  wait(rig, 1000);
  amend();
  const fresh = need(wait(rig, 1000), "PlaceStop").ticket.orderLinkId;
  assert.equal(position(rig).stop.successor, fresh);
  assert.equal(position(rig).stop.id, old);
  place(rig, fresh, refused("other"));
  assert.equal(position(rig).stop.successor, null);
  assert.equal(position(rig).stop.id, old);
});

Deno.test("[F-5.4 F-5.5] the old stop ends while its replacement is on the way: the replacement is relied on, not placed twice", () => {
  const { rig, old } = grown();
  for (let refusal = 0; refusal < 2; refusal += 1) {
    send(rig, { kind: "AmendAnswer", at: at(rig), orderLinkId: old, askedAt: at(rig), outcome: refused("price") });
    if (refusal === 0) wait(rig, 1000);
  }
  const fresh = need(wait(rig, 1000), "PlaceStop").ticket.orderLinkId;
  const sent = seen(rig, old, { status: "Deactivated" });
  assert.equal(sent.filter((one) => one.kind === "PlaceStop").length, 0);
  assert.equal(position(rig).stop.id, fresh);
  assert.equal(position(rig).stopStatus, "PENDING");
});

Deno.test("[F-5.5] a relied stop of unknown outcome is PENDING, never ACTIVE", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  rig.deaf = true;
  place(rig, stop, UNKNOWN);
  assert.equal(position(rig).stopStatus, "PENDING");
  rig.bot = {
    ...rig.bot,
    phase: { kind: "position", since: at(rig), position: { ...position(rig), stopStatus: "ACTIVE" } },
  };
  skip(rig, 100);
  wait(rig, 100);
  assert.equal(position(rig).stopStatus, "PENDING");
});
