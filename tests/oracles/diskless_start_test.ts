/** A start that cannot write its journal protects what it finds, and does nothing else (F-11.9, F-11.5). */
import { strict as assert } from "node:assert";
import {
  at,
  count,
  haltOf,
  market,
  newRig,
  place,
  position,
  type Rig,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { create, isOpenRow, move, OK, refused, type Venue } from "../core_venue.ts";

/** A process without memory and without a disk, at a venue that holds what it holds. */
function start(venue: Venue, now: number): Rig {
  const rig = newRig();
  rig.venue = venue;
  rig.now = now;
  send(rig, { kind: "JournalHealth", at: at(rig), state: "failed", detail: "no space left on the disk" });
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  for (const stream of ["private", "public"] as const) {
    send(rig, { kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
  }
  market(rig, rig.price);
  return rig;
}

/** The venue takes the stops the bot sends; one id is taken once. */
function carryStops(rig: Rig, ms: number): void {
  const done = new Set<string>();
  for (let passed = 0; passed < ms; passed += 500) {
    skip(rig, 500);
    tick(rig);
    for (const intent of [...rig.all]) {
      if (intent.kind !== "PlaceStop" || done.has(intent.ticket.orderLinkId)) continue;
      const id = intent.ticket.orderLinkId;
      done.add(id);
      if (rig.venue.orders.has(id)) place(rig, id, refused("duplicate_id", 110072));
      else {
        show(rig, id);
        place(rig, id, OK);
      }
    }
  }
}

function holding(side: "Buy" | "Sell", contracts: number): { readonly venue: Venue; readonly now: number } {
  const rig = newRig();
  move(rig.venue, { side, contracts, price: rig.price, at: at(rig) });
  return { venue: rig.venue, now: rig.now + 3_600_000 };
}
const stopsAt = (venue: Venue) =>
  [...venue.orders.values()].filter(isOpenRow).filter((row) => row.triggerPrice !== null);

for (const side of ["Buy", "Sell"] as const) {
  Deno.test(`[F-11.9 F-11.5] a full disk at a start, an unprotected ${side} 300 open: its stop leaves within 3 s, nothing else ever does`, () => {
    const { venue, now } = holding(side, 300);
    const rig = start(venue, now);
    carryStops(rig, 3_000);
    assert.equal(haltOf(rig), "journal_unavailable");
    const [row, ...more] = stopsAt(venue);
    assert.ok(row !== undefined && more.length === 0);
    assert.equal(row.contracts, 300);
    assert.equal(row.side, side === "Buy" ? "Sell" : "Buy");
    assert.ok(row.reduceOnly && row.closeOnTrigger);
    carryStops(rig, 120_000);
    wait(rig, 600_000);
    assert.equal(position(rig).stopStatus, "ACTIVE");
    for (const kind of ["PlaceEntry", "PlaceTarget", "PlaceExit"] as const) assert.equal(count(rig.all, kind), 0, kind);
  });
}

Deno.test("[F-11.9 F-10.5] the next start without a disk names the stop alike, takes it for its own and places no second one", () => {
  const { venue, now } = holding("Buy", 300);
  const first = start(venue, now);
  carryStops(first, 5_000);
  const [before] = stopsAt(venue);
  assert.ok(before !== undefined);
  for (const later of [60_000, 3_600_000]) {
    const rig = start(venue, now + later);
    carryStops(rig, 60_000);
    assert.deepEqual(stopsAt(venue).map((row) => row.orderLinkId), [before.orderLinkId]);
    assert.equal(position(rig).stop.id, before.orderLinkId);
    assert.equal(position(rig).stopStatus, "ACTIVE");
    assert.equal(haltOf(rig), "journal_unavailable");
  }
});

Deno.test("[F-10.5] with a disk a duplicate of a first sending stays somebody else's", () => {
  const { venue, now } = holding("Buy", 300);
  const rig = newRig();
  rig.venue = venue;
  rig.now = now;
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  skip(rig, 2_000);
  const execution = venue.executions.at(-1);
  assert.ok(execution !== undefined);
  rig.deaf = false;
  tick(rig);
  wait(rig, 3_000);
  const stop = rig.bot.orders.find((order) => order.role === "stop");
  assert.ok(stop !== undefined);
  create(venue, stop.ticket, at(rig));
  place(rig, stop.id, refused("duplicate_id", 110072));
  assert.equal(rig.bot.orders.some((order) => order.id === stop.id && order.state === "live"), false);
});
