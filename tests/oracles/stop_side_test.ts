import { strict as assert } from "node:assert";
import { filled, market, need, newRig, open, openId, place, seen } from "../core_rig.ts";
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
