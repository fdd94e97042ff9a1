import { strict as assert } from "node:assert";
import {
  amendAnswer,
  count,
  enter,
  filled,
  haltOf,
  need,
  newRig,
  openId,
  place,
  position,
  seen,
  show,
  skip,
  wait,
} from "../core_rig.ts";

Deno.test("[F-5.4 F-5.5 F-2.1] an acknowledged amend that the venue dropped is sent again, long before the clock ends", () => {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  filled(rig, entry, { contracts: 40, price: 4_889_950 });
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  wait(rig, 3000);
  const grown = filled(rig, entry, { contracts: 30, price: 4_889_950 });
  assert.equal(need(grown, "AmendStop").contracts, 70);
  amendAnswer(rig, stop);
  // Looks of this venue lag: only the stream says that the stop is as it was.
  rig.deaf = true;
  skip(rig, 200);
  seen(rig, stop, {});
  assert.equal(position(rig).contracts, 70);
  const again = wait(rig, 3000);
  assert.equal(need(again, "AmendStop").contracts, 70);
  assert.equal(count(again, "AmendStop"), 1);
  assert.equal(haltOf(rig), "-");
});
