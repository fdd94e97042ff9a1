/** Flat at its edges. */
import { strict as assert } from "node:assert";
import { boot, count, DIP, market, newRig, skip, tick, wait } from "../core_rig.ts";

Deno.test("[F-12.8] leverage that was not confirmed is set again after 5 s, not before", () => {
  const started = boot(newRig());
  started.bot = {
    ...started.bot,
    account: { ...started.bot.account, leverageE2: 200 },
    schedule: { ...started.bot.schedule, leverageAt: started.bot.now },
  };
  started.deaf = true;
  skip(started, 100);
  assert.equal(count(tick(started), "SetLeverage"), 1);
  skip(started, 4_999);
  assert.equal(count(tick(started), "SetLeverage"), 0);
  skip(started, 1);
  assert.equal(count(tick(started), "SetLeverage"), 1);
});

Deno.test("[F-12.8 P-4] while a change of leverage is under way none is confirmed, also the one wanted", () => {
  const refused = (underWay: boolean) => {
    const rig = boot(newRig());
    wait(rig, 2_000);
    const { account, now } = rig.bot;
    rig.bot = { ...rig.bot, account: { ...account, leverageSetAt: underWay ? now : null } };
    rig.deaf = true;
    skip(rig, 1_000);
    market(rig, DIP);
    return [count(tick(rig), "PlaceEntry"), rig.bot.evaluation.lastRefusal];
  };
  assert.deepEqual([refused(true), refused(false)], [[0, "leverage_unconfirmed"], [1, null]]);
});
