/** A live stop listens to the price the configuration names, also after a restart with another one (F-5.1, F-5.4). */
import { strict as assert } from "node:assert";
import type { Config } from "../../src/domain/limits.ts";
import { boot, count, need, newRig, open, place, position, type Rig, show, wait } from "../core_rig.ts";
import { refused } from "../core_venue.ts";

function restarted(by: Config["stop"]["stop_trigger_by"]): { readonly rig: Rig; readonly old: string } {
  const rig = newRig();
  const { stop } = open(rig);
  wait(rig, 12_000);
  const { config } = rig.bot;
  rig.bot = { ...rig.bot, config: { ...config, stop: { ...config.stop, stop_trigger_by: by } } };
  rig.all = [];
  boot(rig, true);
  return { rig, old: stop };
}
const cancelled = (rig: Rig) => rig.all.flatMap((one) => one.kind === "CancelOrder" ? [one.orderLinkId] : []);
const told = (rig: Rig) => rig.all.flatMap((one) => one.kind === "Alert" && one.code === "trigger_source" ? [one] : []);

Deno.test("[F-5.1 F-5.4 stop_trigger_by] changed at a restart: the new stop is placed, shown, and only then the old one goes", () => {
  const { rig, old } = restarted("LastPrice");
  const { ticket } = need(rig.all, "PlaceStop");
  assert.equal(ticket.trigger?.by, "LastPrice");
  assert.equal(ticket.contracts, position(rig).contracts);
  assert.deepEqual(cancelled(rig), []);
  assert.equal(told(rig).length, 1);
  show(rig, ticket.orderLinkId);
  assert.deepEqual(cancelled(rig), [old]);
  wait(rig, 20_000);
  assert.equal(position(rig).stop.id, ticket.orderLinkId);
  assert.equal(count(rig.all, "PlaceStop"), 1);
});

Deno.test("[F-5.1 stop_trigger_by] unchanged at a restart: nothing is placed, nothing told", () => {
  const { rig } = restarted("MarkPrice");
  wait(rig, 20_000);
  assert.equal(count(rig.all, "PlaceStop"), 0);
  assert.equal(told(rig).length, 0);
});

Deno.test("[F-5.4 stop_trigger_by] the new stop refused: the old one stays, tried again after 10 s, said once", () => {
  const { rig, old } = restarted("LastPrice");
  for (let turn = 0; turn < 30; turn += 1) {
    const waiting = rig.bot.orders.find((order) => order.id !== old && order.role === "stop" && order.state === "sent");
    if (waiting !== undefined) place(rig, waiting.id, refused("other"));
    wait(rig, 1_000);
  }
  assert.deepEqual(cancelled(rig), []);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.ok(count(rig.all, "PlaceStop") >= 2 && count(rig.all, "PlaceStop") <= 4, `${count(rig.all, "PlaceStop")}`);
  assert.equal(told(rig).length, 1);
  assert.equal(position(rig).stop.failures, 0);
});
