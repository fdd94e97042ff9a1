import { strict as assert } from "node:assert";
import { usdContracts } from "../../src/domain/units.ts";
import {
  amendAnswer,
  at,
  command,
  count,
  enter,
  filled,
  find,
  market,
  need,
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
  wait,
} from "../core_rig.ts";
import { change, create, refused, UNKNOWN } from "../core_venue.ts";

/** qty 20, stop 20 ACTIVE, the entry of 90 still working; the stop was updated now. */
function twenty(): Rig {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts: 20, price: 4_889_950 });
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  return rig;
}
const more = (rig: Rig, contracts: number) => filled(rig, openId(rig, "entry"), { contracts, price: 4_889_950 });

/** A naked position whose stop was refused `times` times, each retry awaited. */
function failing(times: number): Rig {
  const rig = newRig();
  openNaked(rig);
  for (let index = 0; index < times; index += 1) {
    place(rig, openId(rig, "stop"), refused("other"));
    if (index + 1 < times) wait(rig, 1000);
  }
  return rig;
}

Deno.test("[PF-2 F-5.3 stop_update_threshold_pct] 15 % more: the stop stays", () => {
  const rig = twenty();
  skip(rig, 4000);
  const sent = more(rig, 3);
  assert.equal(count(sent, "AmendStop"), 0);
  assert.equal(position(rig).contracts, 23);
  assert.equal(position(rig).stop.note, "delta_under_20pct_threshold_blocks_stop_update");
});

Deno.test("[PF-3 F-5.3 F-5.4] 20 % more: amended to 24", () => {
  const rig = twenty();
  skip(rig, 4000);
  assert.equal(need(more(rig, 4), "AmendStop").contracts, 24);
  assert.equal(position(rig).stop.note, "delta_at_or_above_20pct_triggers_amend_priority");
});

Deno.test("[PF-4 F-5.3 stop_debounce_s] two fills within 2 s: one update when the window opens", () => {
  const rig = twenty();
  skip(rig, 500);
  assert.equal(count(more(rig, 5), "AmendStop"), 0);
  skip(rig, 500);
  assert.equal(count(more(rig, 5), "AmendStop"), 0);
  const sent = wait(rig, 1000);
  assert.equal(count(sent, "AmendStop"), 1);
  assert.equal(need(sent, "AmendStop").contracts, 30);
});

Deno.test("[PF-5 F-5.4] an amend refused once is tried again at the next tick", () => {
  const rig = twenty();
  skip(rig, 4000);
  more(rig, 4);
  amendAnswer(rig, openId(rig, "stop"), refused("price"));
  skip(rig, 1000);
  assert.equal(need(tick(rig), "AmendStop").contracts, 24);
  assert.equal(position(rig).stop.note, "amend_rejected_retry_amend_before_cancel_place");
});

Deno.test("[PF-6 F-5.4 F-5.6] (A) MISSING is placed; (C) after two refusals the stop is replaced, never cancelled first", () => {
  const missing = newRig();
  openNaked(missing);
  assert.equal(count(missing.all, "PlaceStop"), 1);
  const rig = twenty();
  const old = openId(rig, "stop");
  skip(rig, 4000);
  more(rig, 4);
  amendAnswer(rig, old, refused("price"));
  wait(rig, 1000);
  amendAnswer(rig, old, refused("price"));
  const sent = wait(rig, 1000);
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 24);
  assert.equal(count(sent, "CancelOrder"), 0);
  const fresh = need(sent, "PlaceStop").ticket.orderLinkId;
  assert.equal(need(show(rig, fresh), "CancelOrder").orderLinkId, old);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(position(rig).stop.id, fresh);
});

Deno.test("[SR-1 F-5.6] a recovery that is shown is ACTIVE and resets the failures", () => {
  const rig = failing(2);
  wait(rig, 2000);
  assert.equal(position(rig).stop.failures, 2);
  show(rig, openId(rig, "stop"));
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(position(rig).stop.failures, 0);
});

Deno.test("[SR-2 F-2.2 F-5.6 stop_recovery_max_attempts] the third failure: HALT, ERROR, reduce-only market exit", () => {
  const rig = failing(2);
  wait(rig, 1000);
  const sent = place(rig, openId(rig, "stop"), refused("other"));
  assert.equal(rig.bot.halt?.reason, "stop_loss_unrecoverable");
  assert.equal(position(rig).stopStatus, "ERROR");
  const exit = need(sent, "PlaceExit").ticket;
  assert.equal(exit.reduceOnly && exit.orderType, "Market");
  assert.equal(exit.contracts, position(rig).contracts);
});

Deno.test("[F-5.6 F-10.8 retry_delays_s] a refused stop waits 0.5, then 1 s", () => {
  const rig = newRig();
  openNaked(rig);
  place(rig, openId(rig, "stop"), refused("other"));
  skip(rig, 499);
  assert.equal(count(tick(rig), "PlaceStop"), 0);
  skip(rig, 1);
  const second = need(tick(rig), "PlaceStop").ticket.orderLinkId;
  assert.match(second, /_stop_Sell_2$/);
  place(rig, second, refused("other"));
  skip(rig, 999);
  assert.equal(count(tick(rig), "PlaceStop"), 0);
  skip(rig, 1);
  assert.equal(count(tick(rig), "PlaceStop"), 1);
});

Deno.test("[F-5.6] not now is no failure and is tried every second", () => {
  for (const cause of ["not_now", "clock", "rate_limit"] as const) {
    const rig = newRig();
    openNaked(rig);
    place(rig, openId(rig, "stop"), refused(cause));
    assert.equal(position(rig).stop.failures, 0, cause);
    skip(rig, 1000);
    assert.equal(count(tick(rig), "PlaceStop"), 1, cause);
  }
});

Deno.test("[F-5.6] position already zero: the venue is asked, nothing is counted", () => {
  const rig = newRig();
  openNaked(rig);
  const sent = place(rig, openId(rig, "stop"), refused("reduce_only", 110017));
  assert.ok(find(sent, "QueryPosition"));
  assert.equal(position(rig).stop.failures, 0);
});

Deno.test("[F-5.1 F-6.2] the stop is a reduce-only conditional market order by mark, close on trigger", () => {
  const rig = newRig();
  openNaked(rig);
  const { ticket } = need(rig.all, "PlaceStop");
  assert.equal(ticket.orderType, "Market");
  assert.equal(ticket.trigger?.by, "MarkPrice");
  assert.equal(ticket.trigger?.direction, 2);
  assert.ok(ticket.reduceOnly && ticket.closeOnTrigger);
  assert.equal(ticket.side, "Sell");
});

Deno.test("[F-5.1] refused for size: re-sent at once as close everything, next generation", () => {
  const rig = newRig();
  openNaked(rig);
  const sent = place(rig, openId(rig, "stop"), refused("quantity", 110094));
  const { ticket } = need(sent, "PlaceStop");
  assert.equal(ticket.contracts, 0);
  assert.match(ticket.orderLinkId, /_2$/);
  show(rig, ticket.orderLinkId);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(position(rig).uncoveredSince, null);
});

Deno.test("[F-5.2] the stop follows the average entry when the entry completes, in the same amend", () => {
  const rig = twenty();
  skip(rig, 4000);
  const sent = filled(rig, openId(rig, "entry"), { contracts: 70, price: 4_880_000 });
  const amend = need(sent, "AmendStop");
  assert.equal(amend.contracts, 90);
  assert.equal(amend.triggerPrice, position(rig).stop.wantedTrigger);
  assert.ok((amend.triggerPrice ?? 0) < 4_740_000);
});

Deno.test("[F-2.1] while the entry works an uncovered remainder older than 8 s is synced whatever its size", () => {
  const rig = twenty();
  skip(rig, 4000);
  more(rig, 3);
  assert.equal(position(rig).uncoveredSince, null);
  const early = wait(rig, 7000);
  assert.equal(count(early, "AmendStop"), 0);
  assert.equal(need(wait(rig, 1000), "AmendStop").contracts, 23);
});

Deno.test("[F-2.1 stop_missing_max_s] 10 s without a shown stop: market exit and HALT", () => {
  const rig = newRig();
  rig.deaf = false;
  openNaked(rig);
  create(rig.venue, need(rig.all, "PlaceStop").ticket, at(rig));
  rig.venue.orders.clear();
  const early = wait(rig, 9000);
  assert.equal(count(early, "PlaceExit"), 0);
  const sent = wait(rig, 1000);
  assert.equal(count(sent, "PlaceExit"), 1);
  assert.equal(rig.bot.halt?.reason, "unprotected");
});

Deno.test("[F-5.5] an ack is PENDING; 500 ms later the stop is looked up; shown is ACTIVE", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  create(rig.venue, need(rig.all, "PlaceStop").ticket, at(rig));
  rig.deaf = true;
  place(rig, stop);
  assert.equal(position(rig).stopStatus, "PENDING");
  assert.notEqual(position(rig).uncoveredSince, null);
  skip(rig, 499);
  assert.equal(count(tick(rig), "LookUpOrder"), 0);
  skip(rig, 1);
  assert.equal(count(tick(rig), "LookUpOrder"), 1);
  rig.deaf = false;
  const row = rig.venue.orders.get(stop);
  assert.ok(row);
  send(rig, {
    kind: "OrderLookup",
    at: at(rig),
    orderLinkId: stop,
    askedAt: at(rig),
    result: { kind: "found", order: row },
  });
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(position(rig).uncoveredSince, null);
});

Deno.test("[F-5.5 stop_ack_timeout_s] a placement without any answer in 2 s is looked up by its id, not placed again", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  create(rig.venue, need(rig.all, "PlaceStop").ticket, at(rig));
  skip(rig, 1999);
  assert.equal(count(tick(rig), "LookUpOrder"), 0);
  skip(rig, 1);
  const sent = tick(rig);
  assert.equal(need(sent, "LookUpOrder").orderLinkId, stop);
  assert.equal(count(sent, "PlaceStop"), 0);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-10.3 F-10.4 F-4.3] a stop of unknown outcome is re-sent under the same id", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  place(rig, stop, UNKNOWN);
  const sent = wait(rig, 2000);
  assert.equal(need(sent, "PlaceStop").ticket.orderLinkId, stop);
});

Deno.test("[F-5.5] until an amend is shown the old quantity is what covers", () => {
  const rig = twenty();
  skip(rig, 4000);
  more(rig, 20);
  amendAnswer(rig, openId(rig, "stop"));
  assert.equal(position(rig).stopStatus, "PENDING");
  assert.notEqual(position(rig).uncoveredSince, null);
  seen(rig, openId(rig, "stop"), { contracts: usdContracts(40) });
  assert.equal(position(rig).uncoveredSince, null);
});

Deno.test("[F-5.7 F-6.1 local_stop_grace_s] last or mark beyond the stop for 3 s: the bot exits itself", () => {
  for (const side of ["last", "mark"] as const) {
    const rig = newRig();
    open(rig);
    const low = position(rig).stop.wantedTrigger;
    market(rig, 4_890_000, { [side]: low });
    skip(rig, 2999);
    assert.equal(count(market(rig, 4_890_000, { [side]: low }), "PlaceExit"), 0);
    skip(rig, 1);
    const sent = market(rig, 4_890_000, { [side]: low });
    assert.equal(count(sent, "PlaceExit"), 1, side);
    assert.equal(position(rig).closing?.reason, "stop_loss_local");
  }
});

Deno.test("[F-5.7] back inside the stop within 3 s: no exit", () => {
  const rig = newRig();
  open(rig);
  market(rig, 4_700_000);
  skip(rig, 2000);
  market(rig, 4_890_000);
  skip(rig, 2000);
  assert.equal(count(market(rig, 4_700_000), "PlaceExit"), 0);
});

Deno.test("[F-5.8] refused as passed: market exit at once, no retry; HALT when our prices disagree", () => {
  const agreed = newRig();
  openNaked(agreed);
  market(agreed, 4_700_000);
  assert.equal(count(place(agreed, openId(agreed, "stop"), refused("wrong_trigger_side", 110093)), "PlaceExit"), 1);
  assert.equal(agreed.bot.halt, null);
  const disputed = newRig();
  openNaked(disputed);
  assert.equal(count(place(disputed, openId(disputed, "stop"), refused("wrong_trigger_side", 110093)), "PlaceExit"), 1);
  assert.equal(disputed.bot.halt?.reason, "stop_side_disagreement");
});

Deno.test("[F-5.9 F-1.18] a triggered stop that fills in part and cancels the rest: the rest is closed in the same step", () => {
  const rig = newRig();
  const { stop } = open(rig);
  change(rig.venue, stop, { status: "Triggered" });
  market(rig, 4_730_000);
  assert.equal(count(filled(rig, stop, { contracts: 50, price: 4_740_000 }), "PlaceExit"), 0);
  const sent = seen(rig, stop, { status: "Cancelled" });
  assert.equal(need(sent, "PlaceExit").ticket.contracts, 40);
  assert.equal(position(rig).closing?.reason, "stop_loss");
});

Deno.test("[F-1.18] a triggered stop without a final message is looked up after 2 s, not amended", () => {
  const rig = newRig();
  const { stop } = open(rig);
  change(rig.venue, stop, { status: "Triggered" });
  filled(rig, stop, { contracts: 50, price: 4_740_000 });
  skip(rig, 2000);
  const sent = tick(rig);
  assert.equal(need(sent, "LookUpOrder").orderLinkId, stop);
  assert.equal(count(sent, "AmendStop") + count(sent, "PlaceStop"), 0);
});

Deno.test("[F-5.9] two market attempts with a rest: then a limit at the edge, and market again 5 s later", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const exit = openId(rig, "exit");
    assert.equal(rig.bot.orders.find((order) => order.id === exit)?.ticket.orderType, "Market");
    show(rig, exit);
    seen(rig, exit, { status: "Cancelled", rejectReason: "EC_NoImmediateQtyToFill" });
    skip(rig, 500);
    tick(rig);
  }
  const limit = openId(rig, "exit");
  const ticket = rig.bot.orders.find((order) => order.id === limit)?.ticket;
  assert.equal(ticket?.orderType, "Limit");
  assert.equal(ticket?.timeInForce, "GTC");
  assert.ok(ticket?.reduceOnly);
  show(rig, limit);
  assert.ok(wait(rig, 5000).some((one) => one.kind === "CancelOrder" && one.orderLinkId === limit));
  const again = need(seen(rig, limit, { status: "Cancelled" }), "PlaceExit").ticket;
  assert.equal(again.orderType, "Market");
});

Deno.test("[F-5.10] while uncovered stop and exit alternate at 1, 2, then every 5 s, with alerts at 1, 3 and 10", () => {
  const rig = failing(2);
  wait(rig, 1000);
  place(rig, openId(rig, "stop"), refused("other"));
  const seenAt: string[] = [];
  const started = rig.now;
  for (let second = 0; second <= 45; second += 1) {
    const sent = wait(rig, 1000);
    for (const intent of sent) {
      if (intent.kind !== "PlaceStop" && intent.kind !== "PlaceExit") continue;
      seenAt.push(`${intent.kind} ${(rig.now - started) / 1000}`);
      place(rig, intent.ticket.orderLinkId, refused("other"));
    }
    for (const order of rig.bot.orders) if (order.role === "exit") place(rig, order.id, refused("other"));
  }
  const stops = seenAt.filter((line) => line.startsWith("PlaceStop"));
  assert.deepEqual(stops.slice(0, 3), ["PlaceStop 1", "PlaceStop 8", "PlaceStop 18"]);
  const alerts = rig.all.filter((one) => one.kind === "Alert" && one.code === "unprotected");
  assert.ok(alerts.length >= 3);
  assert.ok(seenAt.filter((line) => line.startsWith("PlaceExit")).length >= 8);
});

Deno.test("[F-5.4] an unchanged amend is looked up; equal is success", () => {
  const rig = twenty();
  skip(rig, 4000);
  more(rig, 4);
  const stop = openId(rig, "stop");
  change(rig.venue, stop, { contracts: usdContracts(24), updatedAt: at(rig) });
  const sent = amendAnswer(rig, stop, refused("not_modified", 34040));
  assert.equal(need(sent, "LookUpOrder").orderLinkId, stop);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(rig.bot.orders.find((order) => order.id === stop)?.amendRefusals, 0);
});

Deno.test("[F-14] stop amend answered 110001", () => {
  const rig = twenty();
  skip(rig, 4000);
  more(rig, 4);
  const stop = openId(rig, "stop");
  change(rig.venue, stop, { status: "Deactivated", updatedAt: at(rig) });
  const sent = amendAnswer(rig, stop, refused("order_gone", 110001));
  assert.equal(need(sent, "LookUpOrder").orderLinkId, stop);
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 24);
  assert.match(need(sent, "PlaceStop").ticket.orderLinkId, /_stop_Sell_2$/);
});
