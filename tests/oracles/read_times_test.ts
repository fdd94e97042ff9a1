import assert from "node:assert/strict";
import { nextReadAt, readIsDue } from "../../src/application/transition/reconcile/read_times.ts";
import { epochMs } from "../../src/domain/units.ts";
import { boot, find, newRig, skip, tick, wait } from "../core_rig.ts";

/** A full minute, so a round moment of every period. */
const MINUTE = 1_767_573_000_000;

Deno.test("[F-4.5 F-3.2] a routine read is made by any tick of the first 1.2 s of a round moment, once", () => {
  const due = nextReadAt(epochMs(MINUTE + 400), 10_000);
  assert.equal(due, MINUTE + 11_200);
  const at = (offset: number) => ({ at: epochMs(MINUTE + offset), period: 10_000 });
  assert.equal(readIsDue(due, at(9_999)), false);
  assert.equal(readIsDue(due, at(10_000)), true);
  assert.equal(nextReadAt(epochMs(MINUTE + 10_000), 10_000), MINUTE + 21_200);
  assert.equal(readIsDue(nextReadAt(epochMs(MINUTE + 10_000), 10_000), at(11_200)), false);
});

Deno.test("[F-4.5] looks of less than 10 s count from the look before", () => {
  const due = nextReadAt(epochMs(MINUTE + 400), 5_000);
  assert.equal(due, MINUTE + 5_400);
  assert.equal(readIsDue(due, { at: epochMs(MINUTE + 5_399), period: 5_000 }), false);
  assert.equal(readIsDue(due, { at: epochMs(MINUTE + 5_400), period: 5_000 }), true);
});

Deno.test("[F-4.5 F-3.2] wallet, position and orders of one round moment leave with one tick", () => {
  const rig = boot(newRig());
  wait(rig, 60_000);
  skip(rig, 30_000 - rig.now % 30_000 + 300);
  const sent = tick(rig);
  for (const kind of ["QueryWallet", "QueryPosition", "QueryOpenOrders"] as const) assert.ok(find(sent, kind), kind);
});
