/** A start that cannot reach the venue while something is open says so and halts like a running bot (F-7.7, F-7.8). */
import { strict as assert } from "node:assert";
import { at, boot, haltOf, market, newRig, open, position, type Rig, send, skip, tick, wait } from "../core_rig.ts";

/** The process begins anew, sees what the venue holds, and then hears nothing. */
function restartDeaf(rig: Rig): void {
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  rig.deaf = true;
}
/** Time passes without a word of the venue. */
function silence(rig: Rig, ms: number): void {
  const until = rig.now + ms;
  while (rig.now < until) {
    skip(rig, 500);
    const { privateFrameAt, publicFrameAt, marketFrameAt } = {
      privateFrameAt: null,
      publicFrameAt: null,
      marketFrameAt: null,
    };
    rig.vitals = { ...rig.vitals, privateFrameAt, publicFrameAt, marketFrameAt };
    tick(rig);
  }
}
function alerts(rig: Rig, code: string): number {
  return rig.all.filter((one) => one.kind === "Alert" && one.code === code).length;
}
function ready(rig: Rig): void {
  rig.deaf = false;
  rig.vitals = {};
  for (const stream of ["private", "public"] as const) {
    send(rig, { kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
  }
  market(rig, rig.price);
}

Deno.test("[F-7.7 F-7.8] the venue lost for 75 s at a start with a position: degraded after 10 s, HALT after 60 more, stop kept", () => {
  const rig = newRig();
  const { stop } = open(rig);
  restartDeaf(rig);
  silence(rig, 9_500);
  assert.equal(rig.bot.degradedSince, null);
  silence(rig, 2_000);
  assert.notEqual(rig.bot.degradedSince, null);
  assert.equal(alerts(rig, "degraded_mode"), 1);
  silence(rig, 57_000);
  assert.equal(haltOf(rig), "-");
  silence(rig, 6_500);
  assert.equal(haltOf(rig), "degraded_mode_timeout");
  assert.ok(!rig.all.some((one) => one.kind === "CancelOrder" && one.orderLinkId === stop));
  ready(rig);
  wait(rig, 15_000);
  assert.equal(rig.bot.degradedSince, null);
  assert.equal(rig.bot.boot.stage, "done");
  assert.equal(position(rig).stop.id, stop);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-7.9] at a start with a position three REST timeouts while degraded are a network failure, too", () => {
  const rig = newRig();
  open(rig);
  restartDeaf(rig);
  rig.vitals = { restTimeoutsInRow: 3 };
  silence(rig, 9_500);
  assert.equal(haltOf(rig), "-");
  silence(rig, 2_000);
  assert.equal(haltOf(rig), "network_failure_with_position");
});

Deno.test("[F-7.7 F-1.6] the same with nothing open: no degraded and no HALT, but a person is told after a minute", () => {
  const rig = boot(newRig());
  restartDeaf(rig);
  silence(rig, 58_000);
  assert.equal(alerts(rig, "long_block:starting"), 0);
  silence(rig, 20_000);
  assert.equal(rig.bot.degradedSince, null);
  assert.equal(haltOf(rig), "-");
  assert.equal(alerts(rig, "long_block:starting"), 1);
  ready(rig);
  wait(rig, 10_000);
  assert.equal(rig.bot.boot.stage, "done");
});
