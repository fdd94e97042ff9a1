import { strict as assert } from "node:assert";
import { durationMs, epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { publicWord, safeToStop } from "../../src/application/transition/mod.ts";
import { block, openStep } from "../../src/application/transition/step.ts";
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
  positionSeen,
  type Rig,
  seen,
  send,
  show,
  skip,
  tick,
  vitalsAt,
  wait,
} from "../core_rig.ts";
import { change, create, fill, move, positionRow, refused, UNKNOWN } from "../core_venue.ts";
import { defaultTestConfig } from "../config_fixture.ts";

const partial = (rig: Rig, contracts: number) => {
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts, price: DIP - 50 });
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  return id;
};

Deno.test("[F-14 F-1.26] a price drop cancels the entry and the entry fills first", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  skip(rig, 1000);
  const sent = market(rig, 4_000_000);
  assert.equal(need(sent, "CancelOrder").orderLinkId, id);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
  const after = filled(rig, id, { contracts: 90, price: DIP - 50 });
  assert.equal(phaseOf(rig), "position");
  assert.equal(need(after, "PlaceStop").ticket.contracts, 90);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
});

Deno.test("[F-14 F-3 F-7.4] equity crosses the floor in the step that carries the fill", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  rig.bot = { ...rig.bot, equityWatch: { below: 3, countedAt: at(rig) } };
  rig.bot = { ...rig.bot, halt: { reason: "equity_below_floor", since: at(rig), detail: "" } };
  const sent = filled(rig, id, { contracts: 90, price: DIP - 50 });
  assert.equal(phaseOf(rig), "position");
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 90);
  assert.equal(publicWord(rig.bot), "HALT");
});

Deno.test("[F-14 F-1.2] −10 % during a HALT", () => {
  const rig = newRig();
  open(rig);
  send(rig, { kind: "InvalidFill", at: at(rig), execId: "x", rawQty: "0" });
  skip(rig, 1000);
  market(rig, 4_000_000, { mark: priceCents(4_900_000) });
  assert.equal(publicWord(rig.bot), "HALT");
  assert.ok(rig.bot.blocks.some((one) => one.reason === "price_drop_1m"));
});

Deno.test("[F-14 F-1.4] an exit live when a cooldown starts and ends", () => {
  const rig = newRig();
  open(rig);
  command(rig, "close");
  const exit = openId(rig, "exit");
  show(rig, exit);
  const step = openStep(rig.bot, { kind: "Shutdown", at: at(rig) });
  block(step, { reason: "loss_streak", until: epochMs(rig.now + 3000) });
  rig.bot = step.bot;
  tick(rig);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
  assert.equal(phaseOf(rig), "exit");
  wait(rig, 4000);
  assert.equal(publicWord(rig.bot), "EXIT_PENDING");
  filled(rig, exit, { contracts: 90, price: DIP });
  assert.equal(phaseOf(rig), "flat");
});

Deno.test("[F-14 F-8.11 F-13.2] a reset while a 7-day block runs", () => {
  const rig = boot(newRig());
  const step = openStep(rig.bot, { kind: "Shutdown", at: at(rig) });
  block(step, { reason: "weekly_loss", until: epochMs(rig.now + 7 * 86_400_000) });
  rig.bot = step.bot;
  send(rig, { kind: "InvalidFill", at: at(rig), execId: "x", rawQty: "0" });
  wait(rig, 2000);
  const sent = command(rig, "reset");
  assert.equal(need(sent, "Answer").ok, true);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
});

Deno.test("[F-14 F-4.2] a taker entry swept in three executions with one `seq`", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  const three = [30, 40, 20].map((contracts) => fill(rig.venue, id, { contracts, price: DIP, at: at(rig) }).execution);
  for (const execution of three) {
    send(rig, { kind: "Executed", at: at(rig), execution: { ...execution, seq: 500 }, source: "stream" });
  }
  assert.equal(position(rig).contracts, 90);
  assert.equal(position(rig).entryWorking, false);
});

Deno.test("[F-14 F-1.14] `Cancelled` with 40 filled before its execution arrives", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  const done = fill(rig.venue, id, { contracts: 40, price: DIP, at: at(rig) });
  const sent = seen(rig, id, { ...done.row, status: "Cancelled" });
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 40);
  send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
  assert.equal(position(rig).contracts, 40);
});

Deno.test("[F-14 F-1.27] a person sells 200 against our long 100", () => {
  const rig = newRig();
  open(rig);
  const old = openId(rig, "stop");
  const execution = move(rig.venue, { side: "Sell", contracts: 200, price: DIP, at: at(rig) });
  const sent = send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  assert.equal(position(rig).direction, "short");
  assert.equal(need(sent, "PlaceStop").ticket.side, "Buy");
  assert.equal(need(sent, "PlaceStop").ticket.trigger?.direction, 1);
  const cancelled = () => rig.all.some((one) => one.kind === "CancelOrder" && one.orderLinkId === old);
  assert.ok(!cancelled());
  show(rig, need(sent, "PlaceStop").ticket.orderLinkId);
  wait(rig, 12_000);
  assert.ok(cancelled());
  assert.equal(haltOf(rig), "foreign_activity");
});

Deno.test("[F-14 F-5.5] stop acked then rejected on a dead private stream", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  create(rig.venue, need(rig.all, "PlaceStop").ticket, at(rig));
  change(rig.venue, stop, { status: "Rejected" });
  place(rig, stop);
  skip(rig, 500);
  const looked = tick(rig);
  assert.equal(need(looked, "LookUpOrder").orderLinkId, stop);
  assert.equal(position(rig).stopStatus, "MISSING");
  skip(rig, 500);
  assert.match(need(tick(rig), "PlaceStop").ticket.orderLinkId, /_stop_Sell_2$/);
});

Deno.test("[F-14 F-5.6 F-5.10 F-6.5] three stop failures then the exit refused on an empty book", () => {
  const rig = newRig();
  openNaked(rig);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    place(rig, openId(rig, "stop"), refused("other"));
    wait(rig, 1000);
  }
  const exit = openId(rig, "exit");
  show(rig, exit);
  seen(rig, exit, { status: "Cancelled", rejectReason: "EC_NoImmediateQtyToFill" });
  const sent = wait(rig, 12_000);
  assert.equal(haltOf(rig), "stop_loss_unrecoverable");
  assert.ok(count(sent, "PlaceExit") >= 1 && count(sent, "PlaceStop") >= 1);
});

Deno.test("[F-14 F-10.9] cancel queued before its create left", () => {
  const rig = newRig();
  const id = enter(rig);
  send(rig, { kind: "KillSwitch", at: at(rig), present: true });
  assert.equal(openId(rig, "entry"), id);
  place(rig, id, { kind: "notSent", reason: "cancelled_before_sending" });
  cancelAnswer(rig, id, { kind: "notSent", reason: "create_never_left" });
  assert.equal(phaseOf(rig), "flat");
  assert.equal(rig.bot.orders.length, 0);
});

Deno.test('[F-14 F-10.4] create executed after "not found"', () => {
  const rig = newRig();
  const id = enter(rig);
  place(rig, id, UNKNOWN);
  assert.equal(phaseOf(rig), "entry");
  market(rig, 4_950_000);
  wait(rig, 12_000);
  assert.equal(phaseOf(rig), "flat");
  const ticket = rig.bot.past.find((order) => order.id === id)?.ticket;
  assert.ok(ticket);
  create(rig.venue, ticket, at(rig));
  const sent = filled(rig, id, { contracts: 90, price: DIP });
  assert.equal(phaseOf(rig), "position");
  assert.equal(position(rig).plan?.entryId, id);
  assert.equal(need(sent, "PlaceStop").ticket.contracts, 90);
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-14 F-6.8] stop-out while the entry remainder rests", () => {
  const rig = newRig();
  const entry = partial(rig, 40);
  const stop = openId(rig, "stop");
  const sent = filled(rig, stop, { contracts: 40, price: 4_740_000 });
  assert.ok(sent.some((one) => one.kind === "CancelOrder" && one.orderLinkId === entry));
  assert.ok(rig.bot.blocks.some((one) => one.reason === "order_cleanup"));
  seen(rig, entry, { status: "Cancelled" });
  wait(rig, 3000);
  assert.ok(!rig.bot.blocks.some((one) => one.reason === "order_cleanup"));
});

Deno.test("[F-14 F-6.8 F-4.3] an orphan stop when the next trade starts", () => {
  const rig = newRig();
  const { stop, target } = open(rig);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  const sent = wait(rig, 3000);
  assert.equal(count(sent, "PlaceEntry"), 0);
  assert.ok(rig.bot.blocks.some((one) => one.reason === "order_cleanup"));
  assert.ok(rig.all.some((one) => one.kind === "CancelOrder" && one.orderLinkId === stop));
  seen(rig, stop, { status: "Deactivated" });
  wait(rig, 3000);
  assert.equal(rig.bot.blocks.length, 0);
});

Deno.test("[F-14 F-4.3] REST lagging flat three times after a fill", () => {
  const rig = newRig();
  open(rig);
  skip(rig, 1000);
  const old = positionRow({ ...rig.venue, net: 0 }, at(rig), { seq: rig.venue.seq - 1 });
  for (let look = 0; look < 4; look += 1) {
    skip(rig, 1000);
    const askedAt = at(rig);
    send(rig, { kind: "PositionAnswer", at: at(rig), askedAt, result: { kind: "position", position: old } });
  }
  assert.equal(position(rig).contracts, 90);
  assert.ok(rig.bot.blocks.some((one) => one.reason === "reconcile"));
  assert.equal(count(rig.last, "CancelOrder"), 0);
});

Deno.test("[F-14 F-12.6 F-10.7] kill −9 between fill and stop ack with a failing check at boot", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  skip(rig, 2000);
  rig.deaf = true;
  const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  assert.ok(sent.some((one) => one.kind === "LookUpOrder" && one.orderLinkId === stop));
  rig.deaf = false;
  const after = wait(rig, 2000);
  assert.equal(need(after, "PlaceStop").ticket.orderLinkId, stop);
  send(rig, {
    kind: "AccountAnswer",
    at: at(rig),
    result: { kind: "account", unified: true, marginMode: "REGULAR_MARGIN" },
  });
  const failed = newRig();
  openNaked(failed);
  failed.deaf = true;
  send(failed, { kind: "Boot", at: at(failed), accountUid: "7", restart: true, upgraded: false });
  const answer = send(failed, {
    kind: "AccountAnswer",
    at: at(failed),
    result: { kind: "account", unified: true, marginMode: "REGULAR_MARGIN" },
  });
  assert.equal(count(answer, "RefuseStart"), 0);
  assert.equal(failed.bot.halt?.reason, "startup_check:margin_mode");
  assert.equal(failed.bot.phase.kind, "position");
});

Deno.test("[F-14 F-13.3] SIGTERM with the fill racing the cancel", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  const sent = send(rig, { kind: "Shutdown", at: at(rig) });
  assert.equal(need(sent, "CancelOrder").orderLinkId, id);
  assert.equal(safeToStop(rig.bot).safe, false);
  filled(rig, id, { contracts: 90, price: DIP });
  assert.equal(safeToStop(rig.bot).safe, false);
  const stop = openId(rig, "stop");
  show(rig, stop);
  assert.deepEqual(safeToStop(rig.bot), { safe: true, open: [] });
});

Deno.test("[F-14 F-7.12] pongs without prices", () => {
  const rig = boot(newRig());
  const last = at(rig);
  skip(rig, 15_000);
  rig.vitals = { marketFrameAt: last };
  const sent = tick(rig);
  assert.ok(find(sent, "QueryTicker"));
  assert.equal(need(sent, "ReopenStream").stream, "public");
  assert.ok(rig.bot.blocks.some((one) => one.reason === "market_data_stale"));
});

Deno.test("[F-14 F-7.21 F-4.2] degraded clearing before the snapshot", () => {
  const rig = boot(newRig());
  send(rig, { kind: "Link", at: at(rig), stream: "private", status: "lost", cause: "" });
  tick(rig);
  assert.notEqual(rig.bot.degradedSince, null);
  rig.deaf = true;
  skip(rig, 2000);
  send(rig, { kind: "Link", at: at(rig), stream: "private", status: "ready", cause: "" });
  tick(rig);
  skip(rig, 1000);
  tick(rig);
  assert.notEqual(rig.bot.degradedSince, null);
  rig.deaf = false;
  wait(rig, 4000);
  assert.equal(rig.bot.degradedSince, null);
  assert.ok(rig.bot.blocks.some((one) => one.reason === "ws_recovery"));
});

Deno.test("[F-14 F-5.1] first fill of 2 contracts", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  filled(rig, id, { contracts: 2, price: DIP });
  const sent = place(rig, openId(rig, "stop"), refused("quantity", 110094));
  const { ticket } = need(sent, "PlaceStop");
  assert.equal(ticket.contracts, 0);
  show(rig, ticket.orderLinkId);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  skip(rig, 4000);
  assert.equal(count(filled(rig, id, { contracts: 60, price: DIP }), "AmendStop"), 0);
  assert.equal(position(rig).uncoveredSince, null);
});

Deno.test("[F-14 F-5.7] last price asleep while mark runs", () => {
  const rig = newRig();
  open(rig);
  const trigger = position(rig).stop.wantedTrigger;
  for (let second = 0; second < 3; second += 1) {
    market(rig, DIP, { mark: priceCents(trigger - 1000) });
    skip(rig, 1000);
  }
  const sent = market(rig, DIP, { mark: priceCents(trigger - 1000) });
  assert.equal(need(sent, "PlaceExit").ticket.contracts, 90);
});

Deno.test("[F-14 F-7.13] leverage set to 50× by hand", () => {
  const rig = newRig();
  open(rig);
  rig.venue.leverageE2 = 5000;
  rig.venue.liqPrice = 4_800_000;
  const sent = positionSeen(rig);
  assert.equal(need(sent, "SetLeverage").leverageE2, 300);
  assert.equal(haltOf(rig), "-");
  const after = wait(rig, 6000);
  assert.equal(haltOf(rig), "liquidation_too_close");
  assert.equal(need(after, "PlaceExit").ticket.contracts, 90);
});

Deno.test("[F-14 F-11.5] a foreign long whose computed stop is already passed", () => {
  const rig = newRig();
  move(rig.venue, { side: "Buy", contracts: 50, price: 6_000_000, at: epochMs(rig.now - 3_600_000) });
  market(rig, 5_000_000);
  const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  assert.equal(haltOf(rig), "unknown_position");
  const { ticket } = need(sent, "PlaceStop");
  assert.equal(ticket.trigger?.price, 4_850_000);
  assert.equal(ticket.contracts, 50);
  const again = place(rig, ticket.orderLinkId, refused("wrong_trigger_side", 110093));
  assert.equal(count(again, "PlaceExit"), 0);
  assert.equal(count(wait(rig, 1000), "PlaceStop"), 1);
});

Deno.test("[F-14 F-11.4] two bots on one account", () => {
  const rig = boot(newRig());
  const row = create(rig.venue, {
    orderLinkId: "grid_0123456789_l_Buy",
    side: "Buy",
    contracts: usdContracts(50),
    orderType: "Limit",
    price: priceCents(4_800_000),
    timeInForce: "PostOnly",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
  }, at(rig));
  wait(rig, 31_000);
  assert.equal(haltOf(rig), "second_instance");
  assert.equal(row.orderLinkId, "grid_0123456789_l_Buy");
});

Deno.test("[F-14 F-3.5] suspend for 10 minutes", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  place(rig, stop);
  skip(rig, 600_000);
  create(rig.venue, need(rig.all, "PlaceStop").ticket, at(rig));
  const sent = send(rig, { kind: "TimeGap", at: at(rig), gap: durationMs(600_000) });
  assert.ok(find(sent, "QueryPosition"));
  assert.equal(count(sent, "PlaceExit"), 0);
  assert.equal(position(rig).stop.failures, 0);
  assert.equal(position(rig).stopStatus, "ACTIVE");
  assert.equal(haltOf(rig), "-");
  assert.equal(vitalsAt(rig).drops60s, 0);
  assert.equal(defaultTestConfig().stop.stop_missing_max_s, 10);
});
