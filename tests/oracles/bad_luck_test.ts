/** One thing lost on the way is no reason to stand unprotected, nor to halt. */
import { strict as assert } from "node:assert";
import { durationMs } from "../../src/domain/units.ts";
import {
  amendAnswer,
  at,
  count,
  DIP,
  enter,
  filled,
  find,
  haltOf,
  need,
  newRig,
  open,
  openId,
  openNaked,
  phaseOf,
  place,
  position,
  positionSeen,
  seen,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { change, fill, move, positionRow } from "../core_venue.ts";

Deno.test("[F-10.3 F-10.4 F-2.1] an exit lost on its way is looked for and sent again under the same id within 3 s", () => {
  const rig = newRig();
  const { stop, contracts } = open(rig);
  filled(rig, stop, { contracts: 40, price: DIP - 100_000 });
  const id = need(seen(rig, stop, { status: "Cancelled" }), "PlaceExit").ticket.orderLinkId;
  const sent = wait(rig, 3_000);
  const looked = sent.findIndex((one) => one.kind === "LookUpOrder" && one.orderLinkId === id);
  const again = sent.findIndex((one) => one.kind === "PlaceExit");
  assert.ok(looked >= 0 && looked < again, "looked for, then sent");
  assert.equal(need(sent, "PlaceExit").ticket.orderLinkId, id);
  assert.equal(need(sent, "PlaceExit").ticket.contracts, contracts - 40);
  place(rig, id);
  show(rig, id);
  filled(rig, id, { contracts: contracts - 40, price: DIP - 100_000 });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-10.5 F-10.3] an exit whose answer was lost is not executed twice: the second is our first", () => {
  const rig = newRig();
  const { stop, contracts } = open(rig);
  filled(rig, stop, { contracts: 40, price: DIP - 100_000 });
  const id = need(seen(rig, stop, { status: "Cancelled" }), "PlaceExit").ticket.orderLinkId;
  rig.deaf = true;
  const again = wait(rig, 4_000);
  assert.equal(count(again, "PlaceExit"), 1);
  rig.deaf = false;
  show(rig, id);
  place(rig, id, {
    kind: "refused",
    refusal: { cause: "duplicate_id", code: 110072, message: "OrderLinkedID is duplicate" },
  });
  filled(rig, id, { contracts: contracts - 40, price: DIP - 100_000 });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-5.4 F-5.5] an amend acknowledged and shown unchanged is a refused one: after two the stop is replaced", () => {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  filled(rig, entry, { contracts: 40, price: DIP - 50 });
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  wait(rig, 3_000);
  assert.equal(need(filled(rig, entry, { contracts: 30, price: DIP - 50 }), "AmendStop").contracts, 70);
  for (const times of [1, 2]) {
    amendAnswer(rig, stop);
    skip(rig, 200);
    assert.equal(find(seen(rig, stop, {}), "AmendStop"), null);
    skip(rig, 500);
    if (times === 1) assert.equal(need(tick(rig), "AmendStop").contracts, 70);
  }
  assert.equal(need(tick(rig), "PlaceStop").ticket.contracts, 70);
  const successor = position(rig).stop.successor;
  assert.ok(successor !== null && successor !== stop);
  place(rig, successor);
  assert.equal(need(show(rig, successor), "CancelOrder").orderLinkId, stop);
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-3.5 F-7.8] a machine that slept through a lost link has its 60 s from when it woke", () => {
  const rig = newRig();
  wait(open(rig) && rig, 1_000);
  send(rig, { kind: "Link", at: at(rig), stream: "private", status: "lost", cause: "reset" });
  tick(rig);
  rig.deaf = true;
  skip(rig, 348_000);
  send(rig, { kind: "TimeGap", at: at(rig), gap: durationMs(348_000) });
  wait(rig, 59_000);
  assert.equal(haltOf(rig), "-");
  wait(rig, 2_000);
  assert.equal(haltOf(rig), "degraded_mode_timeout");
});

Deno.test("[F-7.3 F-4.5] a failed read of the wallet is repeated after 5 s, an answered one after 15 s", () => {
  const rig = newRig();
  open(rig);
  const asked = () => {
    do wait(rig, 1_000); while (count(rig.last, "QueryWallet") === 0);
    return rig.now;
  };
  const first = asked();
  const failed = { kind: "failed", outcome: { kind: "unknown", cause: "lost", code: null } } as const;
  send(rig, { kind: "WalletAnswer", at: at(rig), askedAt: at(rig), result: failed });
  assert.ok(asked() - first <= 6_000);
  const answered = asked();
  assert.ok(asked() - answered >= 9_000, "the rig answers: the next read has its time");
});

Deno.test("[F-4.8 F-1.28] an execution of an unknown kind that is not ours moves nothing: the venue is read", () => {
  const rig = newRig();
  const { contracts } = open(rig);
  const row = move(rig.venue, {
    side: "Buy",
    contracts,
    price: DIP,
    at: at(rig),
    change: { execType: { kind: "unknown", raw: "CorporateAction" } },
  });
  rig.venue.net = contracts;
  const sent = send(rig, { kind: "Executed", at: at(rig), execution: row, source: "stream" });
  assert.equal(position(rig).contracts, contracts);
  assert.equal(haltOf(rig), "-");
  need(sent, "QueryExecutions");
  need(sent, "QueryPosition");
});

Deno.test("[F-4.5 F-2.1] a position row that tells nothing new is a sign: orders are read 3 s later, not in 10 s", () => {
  const rig = newRig();
  const { stop } = open(rig);
  wait(rig, 31_000);
  const seenOrders = () => count(rig.last, "QueryOpenOrders");
  do wait(rig, 1_000); while (seenOrders() === 0);
  change(rig.venue, stop, { status: "Deactivated", updatedAt: at(rig) });
  skip(rig, 100);
  positionSeen(rig);
  wait(rig, 2_000);
  assert.equal(seenOrders(), 0);
  wait(rig, 2_000);
  assert.equal(seenOrders(), 1);
  assert.equal(count(rig.last, "PlaceStop"), 1);
});

Deno.test("[F-6.4 F-6.5] an exit rejected while the target holds the quantity waits for its cancel and is no failed attempt", () => {
  const rig = newRig();
  const { stop, target, contracts } = open(rig);
  filled(rig, stop, { contracts: 40, price: DIP - 100_000 });
  let id = need(seen(rig, stop, { status: "Cancelled" }), "PlaceExit").ticket.orderLinkId;
  for (let times = 0; times < 5; times += 1) {
    place(rig, id);
    show(rig, id);
    const refused = seen(rig, id, { status: "Rejected", rejectReason: "EC_Others" });
    if (times > 0) assert.equal(need(refused, "CancelOrder").orderLinkId, target);
    id = need(wait(rig, 1_000), "PlaceExit").ticket.orderLinkId;
  }
  assert.equal(haltOf(rig), "-");
  seen(rig, target, { status: "Cancelled" });
  place(rig, id);
  show(rig, id);
  filled(rig, id, { contracts: contracts - 40, price: DIP - 100_000 });
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-4.6 F-2.1] a private stream that was gone for a moment has lost what came meanwhile: the orders are read when lists are up to date", () => {
  const rig = newRig();
  const { stop } = open(rig);
  wait(rig, 31_000);
  do wait(rig, 1_000); while (count(rig.last, "QueryOpenOrders") === 0);
  const link = (status: "lost" | "ready") =>
    send(rig, { kind: "Link", at: at(rig), stream: "private", status, cause: "reset" });
  link("lost");
  skip(rig, 700);
  link("ready");
  change(rig.venue, stop, { status: "Deactivated", updatedAt: at(rig) });
  assert.equal(count(wait(rig, 4_000), "PlaceStop"), 1);
});

Deno.test("[F-5.1 F-10.3] a stop sent again and refused for its size goes on as one for everything, not under the same id", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  const again = wait(rig, 4_000);
  assert.equal(need(again, "PlaceStop").ticket.orderLinkId, stop);
  const refusal = { cause: "quantity", code: 110094, message: "Order does not meet minimum order value" } as const;
  const next = need(place(rig, stop, { kind: "refused", refusal }), "PlaceStop").ticket;
  assert.notEqual(next.orderLinkId, stop);
  assert.equal(next.contracts, 0);
  place(rig, next.orderLinkId);
  show(rig, next.orderLinkId);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-4.3] two looks that were asked for at once are one: an override takes its two seconds", () => {
  const rig = newRig();
  const { contracts } = open(rig);
  wait(rig, 15_000);
  const execution = move(rig.venue, { side: "Buy", contracts: 10, price: DIP, at: at(rig) });
  rig.deaf = true;
  const look = () =>
    send(rig, {
      kind: "PositionAnswer",
      at: at(rig),
      askedAt: at(rig),
      result: { kind: "position", position: positionRow(rig.venue, at(rig)) },
    });
  for (let time = 0; time < 3; time += 1) {
    skip(rig, 200);
    look();
  }
  assert.equal(position(rig).contracts, contracts);
  send(rig, { kind: "Executed", at: at(rig), execution, source: "backfill" });
  assert.equal(position(rig).contracts, contracts + 10);
  for (let time = 0; time < 3; time += 1) {
    skip(rig, 1_000);
    look();
  }
  assert.equal(position(rig).contracts, contracts + 10);
});

Deno.test("[F-7.10 F-12.6] a venue that answers no start for long is asked half as often", () => {
  const rig = newRig();
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  const first = count(wait(rig, 6_000), "QueryPosition");
  const later = count(wait(rig, 12_000), "QueryPosition");
  assert.ok(first >= 3 && later <= 3, `${first} in 6 s, then ${later} in 12 s`);
});

Deno.test("[F-4.1 F-1.27 P-1] a fill that its order row ran ahead of is no turn, though it is larger than what is left: its PnL counts now", () => {
  const rig = newRig();
  const { target, contracts } = open(rig);
  const most = contracts - Math.floor(contracts / 4);
  const done = fill(rig.venue, target, { contracts: most, price: DIP * 1.02, at: at(rig), maker: true });
  send(rig, { kind: "OrderSeen", at: at(rig), order: done.row });
  assert.equal(rig.bot.ledger.net, contracts - most);
  const before = rig.bot.trade?.credited ?? 0;
  send(rig, { kind: "Executed", at: at(rig), execution: { ...done.execution, pnl: null }, source: "backfill" });
  const { trade } = rig.bot;
  assert.ok(trade !== null && trade.bookedPnl > 0);
  assert.equal(trade.credited - before, trade.bookedPnl - done.execution.fee);
});
