import { strict as assert } from "node:assert";
import { filled, find, market, need, newRig, open, openId, place, seen } from "../core_rig.ts";
import { change, refused } from "../core_venue.ts";

Deno.test("[F-5.8 F-4.9] after a stop that went off, a re-placement refused as passed is no disagreement: our stream is late", () => {
  const rig = newRig();
  const { stop } = open(rig);
  change(rig.venue, stop, { status: "Triggered" });
  filled(rig, stop, { contracts: 50, price: 4_740_000 });
  need(seen(rig, stop, { status: "Cancelled" }), "PlaceExit");
  const again = openId(rig, "stop");
  place(rig, again, refused("wrong_trigger_side", 110093));
  assert.equal(rig.bot.halt, null);
  market(rig, 4_730_000);
  assert.equal(rig.bot.halt, null);
});

Deno.test("[F-5.9 F-5.8] a stop cancelled on an empty book has gone off: closed at once, no stop re-placed, no disagreement", () => {
  for (const rejectReason of ["EC_NoImmediateQtyToFill", "EC_ReachMarketPriceLimit"]) {
    const rig = newRig();
    const { stop } = open(rig);
    need(seen(rig, stop, { status: "Cancelled", rejectReason }), "PlaceExit");
    assert.equal(rig.bot.halt, null);
  }
  const rig = newRig();
  const { stop } = open(rig);
  assert.equal(find(seen(rig, stop, { status: "Cancelled" }), "PlaceExit"), null);
  need(rig.all.slice(-20), "PlaceStop");
});
