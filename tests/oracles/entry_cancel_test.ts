import { strict as assert } from "node:assert";
import { cancelAnswer, count, enter, haltOf, newRig, phaseOf, seen, show, wait } from "../core_rig.ts";
import { refused, UNKNOWN } from "../core_venue.ts";

Deno.test("[F-6.6 F-10.9] a cancel refused while a look shows the entry open is sent again, and is no failed recovery", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  let sent = count(wait(rig, 60_000), "CancelOrder");
  for (const code of [110001, 110079, 110001, 110001]) {
    cancelAnswer(rig, id, refused(code === 110079 ? "not_now" : "order_gone", code));
    assert.equal(count(wait(rig, 1000), "CancelOrder"), 1, `${code}: again within a second`);
    sent += 1;
  }
  assert.equal(sent, 5);
  assert.equal(haltOf(rig), "-");
  cancelAnswer(rig, id);
  seen(rig, id, { status: "Cancelled" });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-6.6 cancel_confirm_s] cancels refused for as long as three recoveries take: a person is called", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  wait(rig, 60_000);
  for (let second = 0; second < 14; second += 1) {
    cancelAnswer(rig, id, refused("order_gone", 110001));
    wait(rig, 1000);
  }
  assert.equal(haltOf(rig), "-");
  for (let second = 14; second < 18; second += 1) {
    cancelAnswer(rig, id, refused("order_gone", 110001));
    wait(rig, 1000);
  }
  assert.equal(haltOf(rig), "entry_unrecoverable");
});

Deno.test("[F-6.6 F-10.4] a cancel of unknown outcome is sent again once a look shows that it had no effect", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  wait(rig, 60_000);
  assert.equal(count(cancelAnswer(rig, id, UNKNOWN), "LookUpOrder"), 1);
  assert.equal(count(wait(rig, 1000), "CancelOrder"), 1);
  assert.equal(haltOf(rig), "-");
});
