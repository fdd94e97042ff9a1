/** One execution frame alone takes no protection away: the old stop goes only after a read (F-1.27, F-4.3, F-10.10). */
import { strict as assert } from "node:assert";
import { closingSide } from "../../src/domain/inverse.ts";
import { priceCents, usdContracts } from "../../src/domain/units.ts";
import { at, count, haltOf, newRig, open, phaseOf, position, type Rig, send, show, wait } from "../core_rig.ts";
import { isOpenRow, move } from "../core_venue.ts";

/** A frame about an execution that never was; `factor` 2 turns the position, 1 closes it. */
function falseFrame(rig: Rig, of: { readonly factor: number; readonly seq: number | null }): void {
  const { venue } = rig;
  const kept = { ...venue, executions: [...venue.executions] };
  const side = venue.net > 0 ? "Sell" : "Buy";
  const contracts = Math.abs(venue.net) * of.factor;
  const execution = move(venue, { side, contracts, price: rig.price, at: at(rig), change: { seq: of.seq } });
  Object.assign(venue, kept, { ids: venue.ids });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
}
const cancelled = (rig: Rig) => rig.all.flatMap((one) => one.kind === "CancelOrder" ? [one.orderLinkId] : []);

for (const [name, factor] of [["turns the position over", 3], ["closes the position", 1]] as const) {
  for (const seq of [null, "venue"] as const) {
    Deno.test(`[F-1.27 F-4.3] a false frame that ${name} (seq ${seq}): the stop stays, and the position that comes back keeps it`, () => {
      const rig = newRig();
      const { stop, contracts } = open(rig);
      wait(rig, 12_000);
      const before = position(rig);
      falseFrame(rig, { factor, seq: seq === null ? null : rig.venue.seq });
      assert.notEqual(haltOf(rig), "-");
      for (let second = 0; second < 40; second += 1) {
        wait(rig, 1_000);
        for (const order of rig.bot.orders) {
          if (order.role === "stop" && order.state === "sent") show(rig, order.id);
        }
        assert.ok(!cancelled(rig).includes(stop), `the stop is cancelled after ${second} s`);
        const row = rig.venue.orders.get(stop);
        assert.ok(row !== undefined && isOpenRow(row));
      }
      const after = position(rig);
      assert.equal(after.contracts, contracts);
      assert.equal(after.stop.id, stop);
      assert.equal(after.stop.wantedTrigger, before.stop.wantedTrigger);
      assert.deepEqual(after.plan, before.plan);
      assert.equal(after.adopted, false);
      assert.equal(count(rig.all, "AmendStop"), 0);
      const others = rig.bot.orders.filter((order) => order.role === "stop" && order.id !== stop);
      assert.ok(others.every((order) => order.cancel !== null), "the useless stop goes");
    });
  }
}

Deno.test("[F-1.27 F-4.3] a position that was really turned over: the old stop goes after the read that shows it, not before", () => {
  const rig = newRig();
  const { stop, contracts } = open(rig);
  wait(rig, 12_000);
  rig.deaf = true;
  const execution = move(rig.venue, { side: "Sell", contracts: contracts * 3, price: rig.price, at: at(rig) });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  assert.equal(haltOf(rig), "foreign_activity");
  assert.equal(position(rig).direction, "short");
  const fresh = position(rig).stop.id;
  assert.ok(fresh !== null && fresh !== stop);
  show(rig, fresh);
  wait(rig, 5_000);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.ok(!cancelled(rig).includes(stop), "before the read");
  rig.deaf = false;
  wait(rig, 12_000);
  assert.ok(cancelled(rig).includes(stop), "after the read");
  assert.ok(!cancelled(rig).includes(fresh));
});

Deno.test("[F-1.27] a read of before the execution does not let the old stop go", () => {
  const rig = newRig();
  const { stop, contracts } = open(rig);
  wait(rig, 12_000);
  rig.deaf = true;
  const asked = at(rig);
  rig.now += 1_000;
  const execution = move(rig.venue, { side: "Sell", contracts: contracts * 3, price: rig.price, at: at(rig) });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  show(rig, position(rig).stop.id ?? "");
  const row = {
    positionIdx: 0,
    side: "Sell" as const,
    size: usdContracts(contracts * 2),
    avgPrice: priceCents(rig.price),
    leverageE2: 300,
    liqPrice: null,
    status: "Normal" as const,
    autoAddMargin: 0,
    seq: rig.venue.seq,
    openAt: null,
    updatedAt: at(rig),
  };
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: asked, result: { kind: "position", position: row } });
  wait(rig, 3_000);
  assert.ok(!cancelled(rig).includes(stop));
  assert.equal(phaseOf(rig), "position");
  assert.equal(closingSide(position(rig).direction), "Buy");
});

Deno.test("[F-11.5] a bigger position of another hand beside a stop of ours is adopted, not taken for the one of before", () => {
  const rig = newRig();
  const { stop, contracts } = open(rig);
  wait(rig, 12_000);
  rig.deaf = true;
  for (const [side, size] of [["Sell", contracts], ["Buy", contracts * 4]] as const) {
    const execution = move(rig.venue, { side, contracts: size, price: rig.price, at: at(rig) });
    send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  }
  assert.ok(rig.bot.orders.some((order) => order.id === stop));
  assert.equal(position(rig).contracts, contracts * 4);
  assert.equal(position(rig).plan, null);
  assert.equal(position(rig).adopted, true);
});
