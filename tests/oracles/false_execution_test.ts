/** An execution that never was: told by the stream, by nothing else (F-4.3). */
import { strict as assert } from "node:assert";
import type { Intent } from "../../src/domain/intent.ts";
import {
  at,
  boot,
  command,
  count,
  haltOf,
  need,
  newRig,
  phaseOf,
  place,
  PRICE,
  type Rig,
  send,
  skip,
  tick,
} from "../core_rig.ts";
import { move, positionRow, refused } from "../core_venue.ts";

/** A flat bot to which the stream told a foreign fill that never was. */
function deceived(): Rig {
  const rig = boot(newRig());
  tick(rig);
  rig.deaf = true;
  const other = { ...rig.venue };
  const execution = move(other, { side: "Sell", contracts: 90, price: PRICE, at: at(rig), orderLinkId: null });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  assert.deepEqual([phaseOf(rig), haltOf(rig)], ["position", "unexpected_fill"]);
  return rig;
}
/** A second passes, and a look at the position shows this. */
function look(rig: Rig, net: number): readonly Intent[] {
  skip(rig, 1000);
  const position = positionRow({ ...rig.venue, net, value: Math.abs(net) / PRICE }, at(rig), { seq: null });
  return send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: { kind: "position", position } });
}
function looks(rig: Rig, count: number, net = 0): void {
  for (let second = 0; second < count; second++) {
    look(rig, net);
    tick(rig);
  }
}
/** The newest stop or exit that left is refused like this. */
function refuse(rig: Rig, cause: "reduce_only" | "not_now" = "reduce_only"): void {
  const order = rig.bot.orders.find(({ state }) => state === "sent" || state === "unknown");
  assert.ok(order !== undefined, "no order waits for an answer");
  place(rig, order.id, refused(cause, 110017));
}

Deno.test("[F-4.3] nothing to reduce, and ten seconds of looks that show zero: the execution was none, and a reset gets through", () => {
  const rig = deceived();
  looks(rig, 9);
  refuse(rig);
  assert.equal(phaseOf(rig) === "flat", false, "nine seconds may be a list that lags");
  looks(rig, 3);
  refuse(rig);
  assert.equal(phaseOf(rig), "flat");
  assert.equal(haltOf(rig), "unexpected_fill");
  rig.deaf = false;
  rig.venue = { ...rig.venue, net: 0 };
  for (let second = 0; second < 40; second++) {
    skip(rig, 1000);
    tick(rig);
  }
  const { ok, text } = need(command(rig, "reset"), "Answer");
  assert.deepEqual([ok, text], [true, "reset unexpected_fill"]);
});

Deno.test("[F-13.2 F-4.3] a venue that takes the stop of nothing: the reset with --accept takes over that nothing is open", () => {
  const rig = deceived();
  looks(rig, 20);
  const reset = (accept: boolean) => {
    const event = { kind: "OperatorCommand", at: at(rig), id: "1", command: "reset", reason: "t", accept } as const;
    return need(send(rig, event), "Answer");
  };
  assert.match(reset(true).text, /disagree/);
  assert.notEqual(phaseOf(rig), "flat");
  looks(rig, 15);
  assert.match(reset(false).text, /disagree/);
  const { ok, text } = reset(true);
  assert.deepEqual([ok, phaseOf(rig)], [false, "flat"]);
  assert.match(text, /nothing is open/);
  rig.deaf = false;
  rig.venue = { ...rig.venue, net: 0 };
  for (let second = 0; second < 40; second++) {
    skip(rig, 1000);
    tick(rig);
  }
  assert.equal(reset(false).ok, true);
});

Deno.test("[F-4.3] a look that shows the position, or a refusal of another kind, explains nothing", () => {
  const held = deceived();
  looks(held, 12);
  look(held, held.bot.ledger.net);
  refuse(held);
  assert.notEqual(phaseOf(held), "flat");
  const busy = deceived();
  looks(busy, 12);
  refuse(busy, "not_now");
  assert.notEqual(phaseOf(busy), "flat");
});

Deno.test("[F-4.3] what was given up and is shown again is taken over and protected at once", () => {
  const rig = deceived();
  const { net } = rig.bot.ledger;
  looks(rig, 12);
  refuse(rig);
  assert.equal(phaseOf(rig), "flat");
  looks(rig, 6, net);
  let stops = 0;
  for (let second = 0; second < 4; second++) stops += count(look(rig, net), "PlaceStop");
  assert.ok(phaseOf(rig) === "position" && rig.bot.ledger.net === net);
  assert.ok(stops > 0 || rig.bot.orders.some((order) => order.role === "stop"), "a stop is on its way");
});
