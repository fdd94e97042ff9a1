/** Rules that a small careless edit could break unseen: each in its own words, none by a stored run. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { transition } from "../../src/application/transition/mod.ts";
import { adoptRecordedIntents } from "../../src/application/transition/recovery.ts";
import { type HaltReason, newBlock } from "../../src/domain/halts_and_blocks.ts";
import { stopPrice } from "../../src/domain/inverse.ts";
import type { Direction } from "../../src/domain/orders.ts";
import { epochMs, priceCents, rateE8 } from "../../src/domain/units.ts";
import { isBlocked } from "../../src/application/transition/step.ts";
import {
  at,
  boot,
  count,
  market,
  need,
  newRig,
  open,
  openId,
  place,
  position,
  PRICE,
  type Rig,
  send,
  show,
  tick,
  wait,
} from "../core_rig.ts";
import { INSTRUMENT } from "../core_values.ts";
import { fill } from "../core_venue.ts";

const REASONS: readonly HaltReason[] = [
  "liquidation",
  "adl",
  "unexpected_fill",
  "second_instance",
  "invalid_fill_quantity",
  "foreign_activity",
  "unprotected",
  "position_disagreement",
  "stop_loss_unrecoverable",
  "stop_side_disagreement",
  "exit_unrecoverable",
  "entry_unrecoverable",
  "balance_anomaly",
  "equity_below_floor",
  "degraded_mode_timeout",
  "network_failure",
  "network_failure_with_position",
  "hedge_mode_detected",
  "liquidation_too_close",
  "ip_banned",
  "credentials",
  "instrument",
  "venue_maintenance",
  "journal_behind_venue",
  "unknown_position",
  "upgraded_mid_position",
  "core_fault",
  "journal_unavailable",
  "kill_switch",
  "order_rate_runaway",
  "winrate_hard",
  "goal_reached",
  "goal_missed",
  "persistent_rejection:margin",
  "startup_check:clock",
  "invariant_violation:two_entries",
];
Deno.test("[F-1.2] no HALT ends by time, by a healthy venue or by a restart: for every reason, over two days", () => {
  for (const reason of REASONS) {
    const rig = boot(newRig());
    const halt = { reason, since: at(rig), detail: "test" };
    rig.bot = { ...rig.bot, halt };
    for (const minutes of [1, 4, 5, 1, 20, 60, 24 * 60, 24 * 60]) {
      rig.now += minutes * 60_000;
      market(rig, rig.price);
      tick(rig);
      assert.equal(rig.bot.halt?.reason, reason, `after ${minutes} more minutes`);
      assert.equal(rig.bot.halt?.since, halt.since, `${reason} began anew`);
    }
    boot(rig, true);
    wait(rig, 20_000);
    assert.equal(rig.bot.halt?.reason, reason);
    assert.equal(count(rig.all, "PlaceEntry"), 0);
  }
});

Deno.test("[F-8.11 F-1.6] blocks of session risk, their ends and the day's and week's losses survive a restart", () => {
  for (
    const reason of ["daily_loss", "weekly_loss", "loss_streak_day", "loss_streak", "fee_spike", "slippage"] as const
  ) {
    const rig = boot(newRig());
    wait(rig, 3_000);
    const block = newBlock(reason, { since: at(rig), until: epochMs(rig.now + 4 * 3_600_000) });
    const { day, week } = rig.bot.risk;
    assert.ok(day !== null && week !== null);
    const lost = { ...day, realised: -7_000_000 as typeof day.realised };
    rig.bot = { ...rig.bot, blocks: [block], risk: { ...rig.bot.risk, lossStreak: 3, day: lost } };
    const before = rig.bot.risk;
    rig.now += 60_000;
    boot(rig, true);
    assert.equal(rig.bot.boot.stage, "done");
    assert.deepEqual(rig.bot.blocks.find((one) => one.reason === reason), block);
    assert.deepEqual([rig.bot.risk.day, rig.bot.risk.lossStreak], [before.day, before.lossStreak]);
    wait(rig, 30_000);
    assert.equal(count(rig.all, "PlaceEntry"), 0);
    rig.now += 4 * 3_600_000;
    market(rig, rig.price);
    tick(rig);
    assert.ok(!isBlocked(rig.bot, reason), "and end at their time");
  }
});

/** In a short: the grid sells above. */
function short(): Rig {
  const rig = boot(newRig());
  wait(rig, 2_000);
  rig.now += 1_000;
  market(rig, PRICE + 110_000);
  const { ticket } = need(tick(rig), "PlaceEntry");
  assert.equal(ticket.side, "Sell");
  show(rig, ticket.orderLinkId);
  const done = fill(rig.venue, ticket.orderLinkId, {
    contracts: ticket.contracts,
    price: 5_110_030,
    at: at(rig),
    maker: true,
  });
  send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
  return rig;
}

Deno.test("[F-5.1 F-5.2] the stop of a short buys on a rise to a trigger above the entry, on the tick towards the entry", () => {
  const rig = short();
  const { ticket } = need(rig.all, "PlaceStop");
  const { plan, entryPrice, direction } = position(rig);
  assert.equal(direction, "short");
  assert.equal(ticket.side, "Buy");
  assert.equal(ticket.trigger?.direction, 1);
  const exact = entryPrice * (1 + (plan?.stopDistance ?? 0) / 1e8);
  const trigger = ticket.trigger?.price ?? 0;
  assert.ok(
    trigger > entryPrice && trigger <= exact && exact - trigger < INSTRUMENT.tickCents,
    `${trigger} for ${exact}`,
  );
  assert.equal(trigger % INSTRUMENT.tickCents, 0);
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-5.2] rounding never moves a stop away from the entry, nor to its other side, for either direction", () => {
  const tick50 = priceCents(50);
  fc.assert(fc.property(
    fc.constantFrom<Direction>("long", "short"),
    fc.integer({ min: 1_000_000, max: 20_000_000 }),
    fc.integer({ min: 200_000, max: 15_000_000 }),
    (direction, entry, distance) => {
      const stop = stopPrice(direction, { entry: priceCents(entry), distance: rateE8(distance), tick: tick50 });
      const exact = direction === "long" ? entry * (1 - distance / 1e8) : entry * (1 + distance / 1e8);
      const nearer = direction === "long" ? stop >= exact - 1e-6 && stop < entry : stop <= exact + 1e-6 && stop > entry;
      return nearer && Math.abs(stop - exact) < 50 && stop % 50 === 0;
    },
  ));
});

Deno.test("[F-10.7 F-12.6] after a crash every own order without an answer is looked up before anything enters", () => {
  const rig = newRig();
  const { stop, target } = open(rig);
  const ticket = need(rig.all, "PlaceEntry").ticket;
  const unanswered = `${ticket.orderLinkId}_7`;
  const intents = [{ kind: "PlaceEntry", ticket: { ...ticket, orderLinkId: unanswered } }] as const;
  rig.bot = adoptRecordedIntents(rig.bot, { at: at(rig), intents });
  rig.deaf = true;
  rig.now += 5_000;
  rig.all = [];
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  const looked = rig.all.flatMap((one) => one.kind === "LookUpOrder" ? [one.orderLinkId] : []);
  assert.deepEqual([...looked].sort(), [stop, target, unanswered].sort());
  rig.deaf = false;
  wait(rig, 3_000);
  assert.ok(isBlocked(rig.bot, "starting"), "one is still unknown");
  for (let second = 0; second < 30 && isBlocked(rig.bot, "starting"); second += 1) wait(rig, 1_000);
  assert.equal(rig.bot.past.find((order) => order.id === unanswered)?.end, "Absent");
  assert.equal(count(rig.all, "PlaceEntry"), 0);
  const { bot } = transition(rig.bot, { kind: "Tick", at: at(rig), vitals: rig.bot.vitals ?? neverVitals() });
  assert.equal(bot.orders.some((order) => order.state === "unknown"), false);
});

function neverVitals(): never {
  throw new Error("the bot has ticked by now");
}
