import { strict as assert } from "node:assert";
import { at, boot, count, market, newRig, open, send, skip } from "../core_rig.ts";

Deno.test("[F-12.6] a start check refused for the moment is asked again, it fails nothing", () => {
  for (const [cause, code] of [["clock", 10002], ["rate_limit", 10006], ["not_now", 110079]] as const) {
    const rig = newRig();
    open(rig);
    rig.deaf = true;
    send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
    const outcome = { kind: "refused", refusal: { cause, code, message: "" } } as const;
    send(rig, { kind: "PriceAdjustAnswer", at: at(rig), outcome });
    assert.equal(rig.bot.halt, null, cause);
    assert.ok(rig.bot.boot.pending.includes("price_adjust"), cause);
  }
});

Deno.test("[F-12.6] a start check refused for good halts while a position is open", () => {
  const rig = newRig();
  open(rig);
  skip(rig, 1000);
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  const outcome = { kind: "refused", refusal: { cause: "permission", code: 10005, message: "" } } as const;
  const sent = send(rig, { kind: "PriceAdjustAnswer", at: at(rig), outcome });
  assert.equal(rig.bot.halt?.reason, "startup_check:price_adjust");
  assert.equal(count(sent, "RefuseStart"), 0);
});

Deno.test("[P-1 F-7.12 F-12.6] a first frame before the minute bars does not hide them: the start ends with its references", () => {
  const rig = newRig();
  market(rig, rig.price);
  boot(rig);
  assert.equal(rig.bot.boot.stage, "done");
  assert.deepEqual(rig.bot.blocks, []);
  assert.deepEqual(rig.bot.prices.changes, { low1m: 0, high1m: 0, low5m: 0, high5m: 0 });
});
