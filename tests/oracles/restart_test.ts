import { strict as assert } from "node:assert";
import {
  at,
  boot,
  cancelAnswer,
  count,
  enter,
  find,
  haltOf,
  need,
  newRig,
  open,
  phaseOf,
  position,
  type Rig,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { usdContracts } from "../../src/domain/units.ts";
import { answerRead, isOpenRow, move, positionRow, refused } from "../core_venue.ts";

/** A read of the position asked `ago` ms before it is answered, showing `net`. */
function look(rig: Rig, of: { readonly net: number; readonly ago?: number; readonly seq?: number | null }): void {
  const askedAt = at(rig);
  const held = { ...rig.venue, net: of.net, value: Math.abs(of.net) / 4_890_000 };
  const row = positionRow(held, askedAt, of.seq === undefined ? {} : { seq: of.seq });
  skip(rig, of.ago ?? 1);
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt, result: { kind: "position", position: row } });
}

/** The position could not be read: refused locally. */
function lookRefused(rig: Rig): void {
  const result = { kind: "failed", outcome: { kind: "notSent", reason: "rest_budget_exhausted" } } as const;
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result });
}

Deno.test("[F-4.3 F-12.6] a boot look from before the closing fill is void: asked again, nothing is adopted", () => {
  const rig = newRig();
  const { stop } = open(rig);
  skip(rig, 60_000);
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  look(rig, { net: 90, ago: 100 });
  const order = rig.venue.orders.get(stop);
  assert.ok(order);
  skip(rig, 50);
  const execution = move(rig.venue, {
    side: "Sell",
    contracts: 90,
    price: 4_740_000,
    at: at(rig),
    orderId: order.orderId,
    orderLinkId: stop,
  });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "backfill" });
  send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders: [] } });
  const result = { kind: "complete", count: 1 } as const;
  const asked = send(rig, { kind: "ExecutionsAnswer", at: at(rig), askedAt: at(rig), since: at(rig), result });
  assert.equal(haltOf(rig), "-");
  assert.equal(phaseOf(rig), "flat");
  assert.equal(need([...asked, ...rig.all.slice(-20)], "QueryPosition").kind, "QueryPosition");
  skip(rig, 100);
  look(rig, { net: 0 });
  assert.equal(rig.bot.boot.stage, "checks");
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-4.2 F-12.6] a boot look whose row is of before the last execution is asked again, nothing is adopted", () => {
  const rig = newRig();
  open(rig);
  rig.deaf = true;
  const { seq } = rig.venue;
  skip(rig, 60_000);
  const execution = move(rig.venue, {
    side: "Sell",
    contracts: 90,
    price: 4_740_000,
    at: at(rig),
    orderLinkId: rig.bot.orders.find((order) => order.role === "stop")?.id ?? "",
  });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  skip(rig, 2000);
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders: [] } });
  const result = { kind: "complete", count: 1 } as const;
  send(rig, { kind: "ExecutionsAnswer", at: at(rig), askedAt: at(rig), since: at(rig), result });
  const before = rig.all.length;
  look(rig, { net: 90, seq, ago: 200 });
  assert.equal(haltOf(rig), "-");
  assert.equal(count(rig.all.slice(before), "QueryPosition"), 1);
  look(rig, { net: 0, ago: 200 });
  assert.equal(rig.bot.boot.stage, "checks");
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-4.3 F-7.10] time in which the position was not read is no disagreement; looks that disagree are", () => {
  const rig = newRig();
  open(rig);
  rig.deaf = true;
  skip(rig, 1000);
  look(rig, { net: 0, seq: null });
  for (let second = 0; second < 40; second += 1) {
    skip(rig, 1000);
    lookRefused(rig);
    tick(rig);
  }
  assert.equal(haltOf(rig), "-");
  look(rig, { net: 0, seq: null });
  assert.equal(haltOf(rig), "-");
  look(rig, { net: 0, seq: null });
  assert.equal(haltOf(rig), "position_disagreement");
  assert.equal(position(rig).contracts, 90);
});

Deno.test("[F-6.6 F-4.9] looks that lag behind the cancel of an entry are no failed recoveries", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  wait(rig, 60_000);
  cancelAnswer(rig, id);
  rig.deaf = true;
  const row = rig.venue.orders.get(id);
  assert.ok(row);
  const seen = [];
  for (let third = 0; third < 12; third += 1) {
    skip(rig, 333);
    const result = { kind: "found", order: row } as const;
    seen.push(...send(rig, { kind: "OrderLookup", at: at(rig), orderLinkId: id, askedAt: at(rig), result }));
  }
  assert.equal(count(seen, "CancelOrder"), 0);
  assert.equal(haltOf(rig), "-");
  skip(rig, 2000);
  const result = { kind: "found", order: row } as const;
  const late = send(rig, { kind: "OrderLookup", at: at(rig), orderLinkId: id, askedAt: at(rig), result });
  assert.equal(need(late, "CancelOrder").orderLinkId, id);
});

Deno.test("[F-6.6] a cancel refused for another reason than the order being gone is sent again after the next look", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  wait(rig, 60_000);
  cancelAnswer(rig, id, refused("not_now"));
  assert.equal(count(wait(rig, 2000), "CancelOrder"), 1);
});

Deno.test("[F-10.4 F-7.10] a list of orders that lags the stream is read again; one that stays without it is looked into", () => {
  const rig = newRig();
  const { stop } = open(rig);
  rig.deaf = true;
  skip(rig, 1000);
  const target = [...rig.venue.orders.values()].filter((row) => isOpenRow(row) && row.orderLinkId !== stop);
  const list = () =>
    send(rig, {
      kind: "OpenOrdersAnswer",
      at: at(rig),
      askedAt: at(rig),
      result: { kind: "orders", orders: target },
    });
  assert.equal(find(list(), "LookUpOrder"), null);
  skip(rig, 1000);
  assert.equal(count(tick(rig), "QueryOpenOrders"), 1);
  skip(rig, 1000);
  assert.equal(need(list(), "LookUpOrder").orderLinkId, stop);
});

Deno.test("[F-11.5 F-12.6] a position the executions do not explain is adopted and protected at start", () => {
  const rig = boot(newRig());
  rig.deaf = true;
  skip(rig, 60_000);
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  move(rig.venue, { side: "Buy", contracts: 200, price: 4_900_000, at: at(rig) });
  send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders: [] } });
  const result = { kind: "complete", count: 0 } as const;
  send(rig, { kind: "ExecutionsAnswer", at: at(rig), askedAt: at(rig), since: at(rig), result });
  look(rig, { net: 200, ago: 10 });
  assert.equal(haltOf(rig), "unknown_position");
  assert.equal(position(rig).contracts, 200);
});

/** Booted with a protected position of 90; orders are as the venue has them, executions show nothing new. */
function bootHolding(): { readonly rig: Rig; readonly stop: string; readonly seq: number } {
  const rig = newRig();
  const { stop } = open(rig);
  skip(rig, 60_000);
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  const orders = [...rig.venue.orders.values()].filter(isOpenRow);
  send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders } });
  for (const order of orders) {
    const result = { kind: "found", order } as const;
    send(rig, { kind: "OrderLookup", at: at(rig), orderLinkId: order.orderLinkId ?? "", askedAt: at(rig), result });
  }
  return { rig, stop, seq: rig.bot.ledger.lastSeq ?? 0 };
}

/** One look of the start: no execution is new, the position is this. */
function bootLook(rig: Rig, of: { readonly net: number; readonly seq: number | null }): void {
  const result = { kind: "complete", count: 0 } as const;
  send(rig, { kind: "ExecutionsAnswer", at: at(rig), askedAt: at(rig), since: at(rig), result });
  look(rig, of);
  skip(rig, 1000);
  tick(rig);
}

Deno.test("[F-4.3 F-12.6] a start that is shown less without an explanation keeps position and stop, and halts after 30 s", () => {
  const { rig, stop, seq } = bootHolding();
  const before = rig.all.length;
  for (let time = 0; time < 4; time += 1) bootLook(rig, { net: 0, seq: time % 2 === 0 ? seq : null });
  assert.equal(rig.bot.boot.stage, "checks");
  assert.equal(position(rig).contracts, 90);
  assert.equal(haltOf(rig), "-");
  assert.ok(rig.bot.blocks.some((block) => block.reason === "reconcile"));
  for (let second = 0; second < 30; second += 1) {
    look(rig, { net: 0, seq: null });
    skip(rig, 1000);
  }
  assert.equal(haltOf(rig), "position_disagreement");
  assert.equal(position(rig).contracts, 90);
  assert.equal(count(rig.all.slice(before), "CancelOrder"), 0);
  assert.ok(rig.bot.orders.some((order) => order.id === stop));
});

Deno.test("[F-4.3 F-12.6] a start that is shown less by a row newer than the last execution believes it at the third look", () => {
  const { rig, seq } = bootHolding();
  for (let time = 0; time < 2; time += 1) {
    bootLook(rig, { net: 0, seq: seq + 5 });
    assert.equal(position(rig).contracts, 90, `look ${time + 1}`);
  }
  bootLook(rig, { net: 0, seq: seq + 5 });
  assert.equal(rig.bot.ledger.net, 0);
  assert.equal(haltOf(rig), "-");
  assert.ok(rig.all.some((intent) => intent.kind === "Alert" && intent.code === "closed_while_down"));
});

Deno.test("[F-11.6 F-11.3] a journal whose end was set aside: HALT journal_behind_venue, what is open stays protected", () => {
  const rig = newRig();
  const { stop } = open(rig);
  skip(rig, 60_000);
  rig.venue.orders.delete(stop);
  const boot = { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false } as const;
  const seen = send(rig, { ...boot, damaged: "2026-01-05.0000.jsonl:120" });
  assert.equal(haltOf(rig), "journal_behind_venue");
  assert.equal(need(seen, "Alert").severity, "critical");
  const wanted = wait(rig, 12_000);
  assert.equal(count(wanted, "PlaceEntry"), 0);
  assert.equal(need(wanted, "PlaceStop").ticket.contracts, position(rig).contracts);
  skip(rig, 1000);
  send(rig, { ...boot, at: at(rig) });
  assert.equal(haltOf(rig), "journal_behind_venue", "a halt survives the next start");
});

/** Booted with a working entry; the venue says 75, executions and orders say nothing of it yet. */
function bootBesideFill(rig: Rig): string {
  const id = enter(rig);
  show(rig, id);
  rig.deaf = true;
  skip(rig, 1000);
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders: [] } });
  const result = { kind: "complete", count: 0 } as const;
  send(rig, { kind: "ExecutionsAnswer", at: at(rig), askedAt: at(rig), since: at(rig), result });
  look(rig, { net: 75, ago: 200, seq: 200 });
  return id;
}

Deno.test("[F-1.26 F-12.6] a fill of our own entry at the moment of the start is no unknown position", () => {
  const rig = newRig();
  const id = bootBesideFill(rig);
  assert.equal(haltOf(rig), "-");
  skip(rig, 200);
  const row = rig.venue.orders.get(id);
  assert.ok(row);
  const part = { ...row, status: "PartiallyFilled", cumExecQty: usdContracts(75), updatedAt: at(rig) } as const;
  send(rig, { kind: "OrderSeen", at: at(rig), order: part });
  skip(rig, 200);
  look(rig, { net: 75, ago: 200, seq: 200 });
  assert.equal(rig.bot.boot.stage, "checks");
  assert.equal(haltOf(rig), "-");
  assert.equal(position(rig).contracts, 75);
  assert.notEqual(position(rig).plan, null);
});

Deno.test("[F-11.5 F-13.3] what the entry does not own up to within 1.5 s is adopted and protected", () => {
  const rig = newRig();
  bootBesideFill(rig);
  for (let time = 0; time < 4; time += 1) {
    skip(rig, 200);
    look(rig, { net: 75, ago: 200, seq: 200 });
  }
  assert.equal(haltOf(rig), "unknown_position");
  assert.equal(need(rig.all, "PlaceStop").ticket.contracts, 75);
});

Deno.test("[F-12.6 F-6.3] a restart moves neither the shown stop nor the resting target while the instrument is not read", () => {
  const rig = newRig();
  open(rig);
  rig.deaf = true;
  skip(rig, 1000);
  const asked = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  for (const intent of asked) {
    for (const answer of answerRead(rig.venue, intent, { at: at(rig), askedAt: at(rig), price: rig.price }) ?? []) {
      const { kind } = answer;
      if (kind === "Executed") continue;
      const sent = send(rig, answer);
      assert.deepEqual([kind, count(sent, "CancelOrder"), count(sent, "AmendStop")], [kind, 0, 0]);
    }
  }
  assert.equal(rig.bot.boot.stage, "checks");
  const later = wait(rig, 1000);
  assert.deepEqual([count(later, "CancelOrder"), count(later, "AmendStop")], [0, 0]);
});
