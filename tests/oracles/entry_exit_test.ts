import { strict as assert } from "node:assert";
import { entryStillValid, publicWord } from "../../src/application/transition/mod.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import {
  at,
  boot,
  cancelAnswer,
  command,
  count,
  DIP,
  enter,
  filled,
  find,
  haltOf,
  market,
  need,
  newRig,
  open,
  openId,
  openNaked,
  phaseOf,
  place,
  position,
  PRICE,
  seen,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { change, create, fill, move, refused, UNKNOWN } from "../core_venue.ts";

Deno.test("[F-6.6 entry_timeout_s] an entry older than 60 s is cancelled; the CANCEL event moves the phase", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  assert.equal(count(wait(rig, 59_000), "CancelOrder"), 0);
  assert.equal(need(wait(rig, 1000), "CancelOrder").orderLinkId, id);
  assert.equal(phaseOf(rig), "entry");
  seen(rig, id, { status: "Cancelled" });
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-6.6 cancel_confirm_s] no event within 5 s: the order is asked for; three recoveries: HALT", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  wait(rig, 60_000);
  cancelAnswer(rig, id);
  assert.equal(count(wait(rig, 4000), "LookUpOrder"), 0);
  assert.equal(count(wait(rig, 1000), "LookUpOrder"), 1);
  wait(rig, 16_000);
  assert.equal(haltOf(rig), "entry_unrecoverable");
});

Deno.test("[F-10.6] a signal dies when price is back inside the grid line, and at its bar close", () => {
  const back = newRig();
  const id = enter(back);
  show(back, id);
  skip(back, 1000);
  assert.equal(need(market(back, 4_950_000), "CancelOrder").orderLinkId, id);
  const bar = newRig();
  const other = enter(bar);
  show(bar, other);
  bar.now = Date.UTC(2026, 0, 5, 1, 0);
  assert.equal(need(tick(bar), "CancelOrder").orderLinkId, other);
});

Deno.test("[F-10.6 maker_timeout_max taker_per_day] three maker timeouts of one signal: one taker entry, IOC", () => {
  const rig = newRig();
  let id = enter(rig);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const ticket = rig.bot.orders.find((order) => order.id === id)?.ticket;
    assert.equal(ticket?.timeInForce, "PostOnly");
    show(rig, id);
    skip(rig, 1000);
    seen(rig, id, { status: "Cancelled", rejectReason: "EC_PostOnlyWillTakeLiquidity" });
    assert.equal(rig.bot.maker.timeouts, attempt);
    assert.equal(rig.bot.rejections.inRow, 0);
    id = need(wait(rig, 3000), "PlaceEntry").ticket.orderLinkId;
  }
  const taker = rig.bot.orders.find((order) => order.id === id)?.ticket;
  assert.equal(taker?.timeInForce, "IOC");
  show(rig, id);
  seen(rig, id, { status: "Cancelled" });
  assert.ok(rig.bot.blocks.some((one) => one.reason === "taker_failed"));
});

Deno.test("[F-9 reject_streak_max] three refused entries: permanent halts, transient cools down", () => {
  for (const [cause, word] of [["margin", "HALT"], ["not_now", "COOLDOWN"]] as const) {
    const rig = newRig();
    let id = enter(rig);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      place(rig, id, refused(cause));
      if (attempt < 3) id = need(wait(rig, 3000), "PlaceEntry").ticket.orderLinkId;
    }
    assert.equal(publicWord(rig.bot), word);
  }
});

Deno.test("[F-10.4] an entry of unknown outcome keeps the phase; absence is proof only twice and late enough", () => {
  const rig = newRig();
  const id = enter(rig);
  assert.equal(need(place(rig, id, UNKNOWN), "LookUpOrder").orderLinkId, id);
  const sent = wait(rig, 8000);
  assert.equal(phaseOf(rig), "entry");
  assert.equal(count(sent, "PlaceEntry"), 0);
  market(rig, 4_950_000);
  wait(rig, 3000);
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-10.5 VAL-2] a duplicate of an unknown outcome is adopted; on the first transmission it halts", () => {
  const twin = newRig();
  const id = enter(twin);
  const ticket = twin.bot.orders[0]?.ticket;
  assert.ok(ticket);
  create(twin.venue, ticket, at(twin));
  place(twin, id, refused("duplicate_id", 110072));
  assert.equal(haltOf(twin), "second_instance");
  const own = newRig();
  const { stop } = openNaked(own);
  place(own, stop, UNKNOWN);
  wait(own, 2000);
  create(own.venue, need(own.all, "PlaceStop").ticket, at(own));
  place(own, stop, refused("duplicate_id", 110072));
  wait(own, 2000);
  assert.equal(position(own).stopStatus, "ACTIVE");
  assert.equal(haltOf(own), "-");
});

Deno.test("[F-10.9] an entry is re-checked at the moment of sending", () => {
  const rig = newRig();
  const id = enter(rig);
  const ticket = rig.bot.orders[0]?.ticket;
  assert.ok(ticket);
  assert.equal(entryStillValid(rig.bot, { ticket, now: at(rig) }), null);
  assert.equal(entryStillValid(rig.bot, { ticket, now: epochMs(rig.now + 2000) }), "stale");
  assert.equal(
    entryStillValid(rig.bot, { ticket: { ...ticket, orderLinkId: `${id}_9` }, now: at(rig) }),
    "plan_changed",
  );
  send(rig, { kind: "KillSwitch", at: at(rig), present: true });
  assert.equal(entryStillValid(rig.bot, { ticket, now: at(rig) }), "halt:kill_switch");
});

Deno.test("[F-6.3] the resting target is not an exit: phase stays position, its fill closes the trade", () => {
  const rig = newRig();
  const { target } = open(rig);
  const ticket = need(rig.all, "PlaceTarget").ticket;
  assert.equal(ticket.timeInForce, "PostOnly");
  assert.ok(ticket.reduceOnly);
  wait(rig, 70_000);
  assert.equal(phaseOf(rig), "position");
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-6.3] price through the target by more than a tick for 5 s: market exit", () => {
  const rig = newRig();
  open(rig);
  const price = need(rig.all, "PlaceTarget").ticket.price ?? 0;
  market(rig, price + 10);
  skip(rig, 6000);
  assert.equal(count(market(rig, price + 10), "PlaceExit"), 0);
  market(rig, price + 20);
  skip(rig, 4999);
  assert.equal(count(market(rig, price + 20), "PlaceExit"), 0);
  skip(rig, 1);
  assert.equal(count(market(rig, price + 20), "PlaceExit"), 1);
  assert.equal(position(rig).closing?.reason, "profit_target");
});

Deno.test("[F-6.3] a target refused for size is not tried again; refused for another reason it is, 5 s later", () => {
  for (const [cause, wanted] of [["quantity", 0], ["parameter", 0], ["not_now", 1]] as const) {
    const rig = newRig();
    const { stop } = openNaked(rig);
    show(rig, stop);
    place(rig, openId(rig, "target"), refused(cause));
    assert.equal(count(wait(rig, 4_000), "PlaceTarget"), 0, cause);
    assert.equal(count(wait(rig, 3_000), "PlaceTarget"), wanted, cause);
  }
});

Deno.test("[F-6.3 exit_order] a stage that does not want maker exits leaves at the touch", () => {
  const rig = newRig(defaultTestConfig((config) => {
    config.stages.stage_1.exit_order = "market";
  }));
  openNaked(rig);
  show(rig, openId(rig, "stop"));
  assert.equal(count(rig.all, "PlaceTarget"), 0);
  const touch = position(rig).entryPrice + (position(rig).plan?.targetOffset ?? 0);
  assert.equal(count(market(rig, touch - 20), "PlaceExit"), 0);
  assert.equal(count(market(rig, touch + 20), "PlaceExit"), 1);
});

Deno.test("[F-6.4 F-6.1] a market exit moves to exit and does not wait for the target's cancel", () => {
  const rig = newRig();
  const { target } = open(rig);
  const sent = command(rig, "close");
  assert.equal(phaseOf(rig), "exit");
  assert.ok(find(sent, "PlaceExit"));
  assert.equal(need(sent, "CancelOrder").orderLinkId, target);
  assert.equal(position(rig).closing?.reason, "manual");
});

Deno.test("[F-6.4] 110017 while the target holds the quantity: target cancelled, exit re-sent, no failure", () => {
  const rig = newRig();
  const { target } = open(rig);
  command(rig, "close");
  place(rig, openId(rig, "exit"), refused("reduce_only", 110017));
  assert.equal(position(rig).closing?.failures, 0);
  seen(rig, target, { status: "Cancelled" });
  assert.equal(count(wait(rig, 1000), "PlaceExit"), 1);
});

Deno.test("[F-6.5 F-1.3] failures wait 0.5, 1, 2, 5 s; the third halts; trying goes on, the stop stays", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  const waits: number[] = [];
  let sentAt = rig.now;
  for (let failure = 1; failure <= 4; failure += 1) {
    place(rig, openId(rig, "exit"), refused("other"));
    sentAt = rig.now;
    while (!rig.bot.orders.some((order) => order.role === "exit")) {
      skip(rig, 100);
      tick(rig);
    }
    waits.push(rig.now - sentAt);
    assert.equal(haltOf(rig), failure < 3 ? "-" : "exit_unrecoverable");
  }
  assert.deepEqual(waits, [500, 1000, 2000, 5000]);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-6.5 exit_timeout_s] an exit that rests for 60 s is cancelled and counted once", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  const exit = openId(rig, "exit");
  show(rig, exit);
  const sent = wait(rig, 60_000);
  assert.ok(sent.some((one) => one.kind === "CancelOrder" && one.orderLinkId === exit));
  seen(rig, exit, { status: "Cancelled" });
  assert.equal(position(rig).closing?.failures, 1);
});

Deno.test("[F-6.7 size_overflow_ratio] more than 1.1 × the sizing: the excess is closed once, phase stays position", () => {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  const row = fill(rig.venue, entry, { contracts: 90, price: DIP, at: at(rig) });
  send(rig, { kind: "Executed", at: at(rig), execution: row.execution, source: "stream" });
  show(rig, openId(rig, "stop"));
  const extra = move(rig.venue, {
    side: "Buy",
    contracts: 9,
    price: DIP,
    at: at(rig),
    orderId: row.row.orderId,
    orderLinkId: entry,
  });
  assert.equal(count(send(rig, { kind: "Executed", at: at(rig), execution: extra, source: "stream" }), "PlaceExit"), 0);
  const more = move(rig.venue, { side: "Buy", contracts: 1, price: DIP, at: at(rig), orderId: row.row.orderId });
  const sent = send(rig, { kind: "Executed", at: at(rig), execution: more, source: "stream" });
  assert.equal(need(sent, "PlaceExit").ticket.contracts, 10);
  assert.equal(phaseOf(rig), "position");
});

Deno.test("[F-6.8] any closing cancels the working entry in the same step", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts: 40, price: DIP });
  show(rig, openId(rig, "stop"));
  assert.ok(command(rig, "close").some((one) => one.kind === "CancelOrder" && one.orderLinkId === id));
});

Deno.test("[F-1.3] no second entry while any own order is live", () => {
  const rig = newRig();
  const { stop, target } = open(rig);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  const later = wait(rig, 3000);
  assert.equal(count(later, "PlaceEntry"), 0);
  assert.ok(rig.bot.orders.some((order) => order.id === stop));
});

Deno.test("[F-12.8] leverage is set in flat, read back, and only a later tick may enter", () => {
  const rig = newRig();
  rig.venue.leverageE2 = 1000;
  boot(rig);
  assert.equal(need(rig.all, "SetLeverage").leverageE2, 300);
  assert.equal(rig.bot.account.leverageE2, 300);
  const stuck = newRig();
  stuck.venue.leverageE2 = 1000;
  boot(stuck);
  stuck.bot = { ...stuck.bot, account: { ...stuck.bot.account, leverageE2: 1000 } };
  stuck.deaf = true;
  skip(stuck, 3000);
  market(stuck, DIP);
  assert.equal(count(tick(stuck), "PlaceEntry"), 0);
});

Deno.test("[F-13.1 max_orders_per_hour] more risk-increasing orders than allowed: HALT order_rate_runaway", () => {
  const rig = newRig(defaultTestConfig((config) => {
    config.safety.max_orders_per_hour = 1;
    config.runtime.reject_streak_max = 9;
  }));
  const id = enter(rig);
  place(rig, id, refused("margin"));
  wait(rig, 3000);
  assert.equal(haltOf(rig), "order_rate_runaway");
});

Deno.test("[EX-1] market order of 1 contract: one execution with the same order id is a FILL", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  const exit = openId(rig, "exit");
  show(rig, exit);
  filled(rig, exit, { contracts: 90, price: PRICE });
  const order = rig.bot.past.find((one) => one.id === exit);
  assert.equal(order?.end, "Filled");
  assert.equal(order?.orderId, rig.venue.orders.get(exit)?.orderId);
});

Deno.test("[EX-2] limit order of 10 contracts and an execution of 4: PARTIAL_FILL", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts: 4, price: DIP });
  assert.equal(position(rig).entryWorking, true);
});

Deno.test("[EX-3] a cancel has no execution row: the order row alone is CANCEL, filled 0", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  seen(rig, id, { status: "Cancelled", cancelType: "CancelByUser" });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(rig.bot.ledger.net, 0);
});

Deno.test("[F-1.26] a fill of our own entry under HALT is a position, protected", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  send(rig, { kind: "KillSwitch", at: at(rig), present: true });
  const sent = filled(rig, id, { contracts: 90, price: DIP });
  assert.equal(phaseOf(rig), "position");
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 90);
  assert.equal(count(sent, "PlaceTarget"), 0);
});

Deno.test("[F-10.10 F-4.3] a stop is cancelled only after a position read newer than the last execution shows 0", () => {
  const rig = newRig();
  const { stop, target } = open(rig);
  rig.deaf = true;
  const sent = filled(rig, target, { contracts: 90, price: 4_990_000 });
  assert.ok(!sent.some((one) => one.kind === "CancelOrder" && one.orderLinkId === stop));
  rig.deaf = false;
  const after = wait(rig, 2000);
  assert.ok(after.some((one) => one.kind === "CancelOrder" && one.orderLinkId === stop));
  change(rig.venue, stop, { status: "Deactivated" });
  assert.equal(usdContracts(0), rig.bot.ledger.net);
  assert.equal(priceCents(DIP), DIP);
});

Deno.test("[F-13.7] an entry kept back by observe mode is shown once a signal and is no order of the hour", () => {
  const rig = newRig();
  const id = enter(rig);
  place(rig, id, { kind: "notSent", reason: "observe_mode" });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(count(wait(rig, 60_000), "PlaceEntry"), 0);
  assert.equal(rig.bot.operator.entryTimes.length, 0);
});

Deno.test("[P-5] the reference price is the last fill price, of the target too", () => {
  const rig = newRig();
  const { target } = open(rig);
  assert.equal(rig.bot.signal.anchor?.price, DIP - 50);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  assert.equal(rig.bot.signal.anchor?.price, 4_990_000);
});

Deno.test("[F-11.5] the shown stop of an adopted position does not run away from the price that hits it", () => {
  const rig = newRig();
  move(rig.venue, { side: "Buy", contracts: 50, price: 5_000_000, at: epochMs(rig.now - 3_600_000) });
  boot(rig);
  const stop = openId(rig, "stop");
  show(rig, stop);
  const trigger = position(rig).stop.wantedTrigger;
  const sent = market(rig, trigger - 10);
  assert.equal(count(sent, "AmendStop"), 0);
  assert.equal(position(rig).stop.wantedTrigger, trigger);
});
