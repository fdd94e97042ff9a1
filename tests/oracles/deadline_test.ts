/** The core is woken by its own deadlines alone: what is due by time happens on time, and nothing spins. */
import { strict as assert } from "node:assert";
import type { Intent, IntentKind } from "../../src/domain/intent.ts";
import { epochMs } from "../../src/domain/units.ts";
import { nextDeadline } from "../../src/application/transition/mod.ts";
import { block, openStep } from "../../src/application/transition/step.ts";
import {
  at,
  boot,
  command,
  DIP,
  enter,
  filled,
  haltOf,
  market,
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
  tick,
} from "../core_rig.ts";
import { refused } from "../core_venue.ts";

/** Jumps from deadline to deadline until `done`; returns the time passed. Throws when it takes too many wakes. */
function sleepUntil(rig: Rig, done: (sent: readonly Intent[]) => boolean): number {
  const started = rig.now;
  for (let wake = 0; wake < 400; wake += 1) {
    const due = nextDeadline(rig.bot);
    assert.ok(due !== null && due > rig.now, `deadline ${due} at ${rig.now}`);
    rig.now = due;
    if (done(tick(rig))) return rig.now - started;
  }
  throw new Error(`400 wakes in ${rig.now - started} ms`);
}
const sends = (kind: IntentKind, id?: string) => (sent: readonly Intent[]) =>
  sent.some((one) => one.kind === kind && (id === undefined || ("orderLinkId" in one && one.orderLinkId === id)));

Deno.test("[F-3.2 F-6.6] the entry's timeout wakes the core", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  assert.equal(sleepUntil(rig, sends("CancelOrder", id)), 60_000);
});

Deno.test("[F-3.2 F-10.6] the end of the signal wakes the core", () => {
  const rig = newRig();
  rig.now = Date.UTC(2026, 0, 5, 0, 59, 20);
  const id = enter(rig);
  show(rig, id);
  assert.equal(sleepUntil(rig, sends("CancelOrder", id)), Date.UTC(2026, 0, 5, 1) - rig.bot.phase.since);
});

Deno.test("[F-3.2 F-2.1] the clock of an uncovered position wakes the core", () => {
  const rig = newRig();
  openNaked(rig);
  rig.deaf = true;
  assert.equal(sleepUntil(rig, sends("PlaceExit")), 10_000);
  assert.equal(haltOf(rig), "unprotected");
});

Deno.test("[F-3.2 F-5.6] the wait after a refused stop wakes the core", () => {
  const rig = newRig();
  openNaked(rig);
  place(rig, openId(rig, "stop"), refused("other"));
  assert.equal(sleepUntil(rig, sends("PlaceStop")), 500);
});

Deno.test("[F-3.2 F-5.5] an ack without a message and a placement without an answer wake the core", () => {
  for (const [acked, wait] of [[true, 500], [false, 2000]] as const) {
    const rig = newRig();
    const { stop } = openNaked(rig);
    if (acked) place(rig, stop);
    rig.deaf = true;
    assert.equal(sleepUntil(rig, sends("LookUpOrder", stop)), wait);
  }
});

Deno.test("[F-3.2 F-5.3] the end of the debounce wakes the core", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts: 20, price: DIP });
  show(rig, openId(rig, "stop"));
  skip(rig, 500);
  filled(rig, id, { contracts: 20, price: DIP });
  assert.equal(sleepUntil(rig, sends("AmendStop")), 1500);
});

Deno.test("[F-3.2 F-5.7] price beyond the stop wakes the core after its grace", () => {
  const rig = newRig();
  open(rig);
  market(rig, position(rig).stop.wantedTrigger - 100);
  assert.equal(sleepUntil(rig, sends("PlaceExit")), 3000);
});

Deno.test("[F-3.2 F-6.3] price through the target wakes the core after 5 s", () => {
  const rig = newRig();
  open(rig);
  market(rig, position(rig).entryPrice + (position(rig).plan?.targetOffset ?? 0) + 1000);
  assert.equal(sleepUntil(rig, sends("PlaceExit")), 5000);
});

Deno.test("[F-3.2 F-6.5] an exit that does not end and a failed one wake the core", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  const exit = openId(rig, "exit");
  show(rig, exit);
  assert.equal(sleepUntil(rig, sends("CancelOrder", exit)), 60_000);
  seen(rig, exit, { status: "Cancelled" });
  assert.equal(sleepUntil(rig, sends("PlaceExit")), 500);
});

Deno.test("[F-3.2 P-1] the trade's record wakes the core 10 s after the last news", () => {
  const rig = newRig();
  const { stop, target } = open(rig);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  seen(rig, stop, { status: "Deactivated" });
  const written = (sent: readonly Intent[]) => sent.some((one) => one.kind === "Record" && one.record.type === "trade");
  assert.equal(sleepUntil(rig, written), 10_000);
});

Deno.test("[F-3.2 F-8.12] the end of a block wakes the core", () => {
  const rig = boot(newRig());
  const step = openStep(rig.bot, { kind: "Shutdown", at: at(rig) });
  block(step, { reason: "loss_streak", until: epochMs(rig.now + 7_777) });
  rig.bot = step.bot;
  assert.equal(sleepUntil(rig, () => rig.bot.blocks.every((one) => one.reason !== "loss_streak")), 7_777);
});

Deno.test("[F-3.2 F-7.8] the limit of degraded wakes the core", () => {
  const rig = boot(newRig());
  send(rig, { kind: "Link", at: at(rig), stream: "private", status: "lost", cause: "" });
  tick(rig);
  assert.equal(sleepUntil(rig, () => haltOf(rig) !== "-"), 60_000);
});

Deno.test("[F-3.2 F-7.22] silence of a socket wakes the core when it becomes too long", () => {
  const rig = boot(newRig());
  rig.vitals = { privateFrameAt: at(rig) };
  tick(rig);
  assert.equal(sleepUntil(rig, sends("ReopenStream")), 10_001);
});

Deno.test("[F-3.2 F-10.4] the search for an order of unknown outcome wakes the core every second", () => {
  const rig = newRig();
  const id = enter(rig);
  place(rig, id, { kind: "unknown", cause: "timeout", code: null });
  assert.equal(sleepUntil(rig, sends("LookUpOrder", id)), 1000);
});

Deno.test("[F-3.2] a quiet bot wakes a few times a minute and sends no order intent", () => {
  const rig = boot(newRig());
  let wakes = 0;
  const until = rig.now + 60_000;
  while (rig.now < until) {
    rig.now = nextDeadline(rig.bot) ?? until;
    tick(rig);
    wakes += 1;
  }
  assert.ok(wakes <= 40, `${wakes} wakes`);
});

Deno.test("[F-5.9 F-3.2] exit attempts are exactly 500 ms apart, the limit is re-priced at exactly 5 s", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const exit = openId(rig, "exit");
    const sentAt = rig.now;
    show(rig, exit);
    skip(rig, 100);
    seen(rig, exit, { status: "Cancelled", rejectReason: "EC_NoImmediateQtyToFill" });
    assert.equal(100 + sleepUntil(rig, sends("PlaceExit")), 500);
    assert.equal(rig.now - sentAt, 500);
  }
  const limit = openId(rig, "exit");
  show(rig, limit);
  assert.equal(sleepUntil(rig, sends("CancelOrder", limit)), 5000);
  skip(rig, 200);
  seen(rig, limit, { status: "Cancelled" });
  const market = openId(rig, "exit");
  assert.notEqual(market, limit);
  show(rig, market);
  skip(rig, 100);
  seen(rig, market, { status: "Cancelled", rejectReason: "EC_NoImmediateQtyToFill" });
  assert.equal(100 + sleepUntil(rig, sends("PlaceExit")), 5000);
});

Deno.test("[F-6.5 F-3.2] from the fourth failure on the wait is exactly 5 s", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  for (const wait of [500, 1000, 2000, 5000, 5000]) {
    place(rig, openId(rig, "exit"), refused("other"));
    assert.equal(sleepUntil(rig, sends("PlaceExit")), wait);
  }
});

Deno.test("[F-5.10 F-3.2] the ladder's waits are exactly 1, 2, then 5 s", () => {
  const rig = newRig();
  openNaked(rig);
  rig.deaf = true;
  sleepUntil(rig, sends("PlaceExit"));
  const started = rig.now;
  const rungs: number[] = [];
  let before = position(rig).stop.ladder?.attempts ?? 0;
  sleepUntil(rig, () => {
    const now = position(rig).stop.ladder?.attempts ?? 0;
    if (now !== before) rungs.push(rig.now - started);
    before = now;
    return rungs.length === 4;
  });
  assert.deepEqual(rungs, [1000, 3000, 8000, 13_000]);
});
