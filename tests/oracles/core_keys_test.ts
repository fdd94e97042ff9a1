import { strict as assert } from "node:assert";
import type { Config } from "../../src/domain/limits.ts";
import { epochMs, priceCents } from "../../src/domain/units.ts";
import { adoptRecordedIntents, publicWord, tickPeriodMs, transition } from "../../src/application/transition/mod.ts";
import { checkInvariants } from "../../src/application/transition/invariants.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import {
  at,
  boot,
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
  openNaked,
  phaseOf,
  place,
  position,
  type Rig,
  send,
  skip,
  tick,
  vitalsAt,
  wait,
} from "../core_rig.ts";
import { INSTRUMENT } from "../core_values.ts";
import { create, move, positionRow, UNKNOWN } from "../core_venue.ts";

type Change = Parameters<typeof defaultTestConfig>[0];
const rigWith = (change: Change): Rig => newRig(defaultTestConfig(change));
const steps = [-1, 0, 1];

Deno.test("[F-5.1 stop_trigger_by] the stop fires by the configured price", () => {
  for (const by of ["MarkPrice", "LastPrice"] as const) {
    const rig = rigWith((config) => {
      config.stop.stop_trigger_by = by;
    });
    openNaked(rig);
    assert.equal(need(rig.all, "PlaceStop").ticket.trigger?.by, by);
  }
});

Deno.test("[F-11.5 adopt_stop_pct] an adopted position whose stop is passed: mark × (1 − adopt_stop_pct)", () => {
  for (const [pct, price] of [[2, 4_900_000], [3, 4_850_000], [4, 4_800_000]] as const) {
    const rig = rigWith((config) => {
      config.stop.adopt_stop_pct = pct;
    });
    move(rig.venue, { side: "Buy", contracts: 50, price: 6_000_000, at: epochMs(rig.now - 3_600_000) });
    market(rig, 5_000_000);
    const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
    assert.equal(need(sent, "PlaceStop").ticket.trigger?.price, price);
  }
});

Deno.test("[F-11.5] the stop of an adopted position is never beyond half the way to liquidation", () => {
  const rig = newRig();
  rig.venue.liqPrice = 4_950_000;
  move(rig.venue, { side: "Buy", contracts: 50, price: 5_000_000, at: epochMs(rig.now - 3_600_000) });
  market(rig, 5_000_000);
  const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  assert.equal(need(sent, "PlaceStop").ticket.trigger?.price, 4_975_000);
});

Deno.test("[F-3.2 rest_slow_down_pct rest_budget_other_per_min] the tick slows down at 80 % of the other calls", () => {
  for (const budget of [60, 70, 80]) {
    for (const step of steps) {
      const rig = boot(rigWith((config) => {
        config.runtime.rest_budget_other_per_min = budget;
      }));
      const edge = budget * 0.8;
      rig.vitals = { restCalls60s: edge + step + 7, restProtectiveCalls60s: 7 };
      tick(rig);
      assert.equal(tickPeriodMs(rig.bot), step < 0 ? 2000 : 3000);
    }
  }
});

Deno.test("[F-10.4 rest_timeout_s] an entry without any answer is looked up after the timeout and its pacing", () => {
  for (const seconds of [4, 5, 6]) {
    const rig = rigWith((config) => {
      config.runtime.rest_timeout_s = seconds;
    });
    enter(rig);
    rig.deaf = true;
    skip(rig, seconds * 1000 + 1999);
    assert.equal(count(tick(rig), "LookUpOrder"), 0);
    skip(rig, 1);
    assert.equal(count(tick(rig), "LookUpOrder"), 1);
  }
});

Deno.test("[F-10.4 recv_window_ms] a look counts only later than the request, its window and 2 s", () => {
  for (const window of [4000, 5000, 6000]) {
    const rig = rigWith((config) => {
      config.runtime.recv_window_ms = window;
    });
    const id = enter(rig);
    place(rig, id, UNKNOWN);
    market(rig, 4_950_000);
    rig.deaf = true;
    const miss = (age: number) => {
      const sentAt = rig.bot.orders.find((order) => order.id === id)?.sentAt ?? 0;
      rig.now = sentAt + age;
      send(rig, { kind: "OrderLookup", at: at(rig), orderLinkId: id, askedAt: at(rig), result: { kind: "absent" } });
    };
    miss(window + 2000);
    miss(window + 2001);
    miss(window + 4000);
    assert.equal(phaseOf(rig), "entry");
    miss(window + 4001);
    assert.equal(phaseOf(rig), "flat");
  }
});

Deno.test("[F-12.6 clock_skew_warn_s recv_window_ms] skew over 1 s warns, over half the window refuses", () => {
  const skewed = (clockSkewMs: number, change: Change = () => undefined) => {
    const rig = rigWith(change);
    rig.vitals = { clockSkewMs };
    send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
    const sent = send(rig, { kind: "Tick", at: at(rig), vitals: vitalsAt(rig) });
    return {
      warned: sent.some((one) => one.kind === "Alert" && one.code === "clock_skew"),
      refused: find(sent, "RefuseStart") !== null,
    };
  };
  assert.deepEqual(skewed(1000), { warned: false, refused: false });
  assert.deepEqual(skewed(-1001), { warned: true, refused: false });
  assert.deepEqual(skewed(2500), { warned: true, refused: false });
  assert.deepEqual(skewed(2501), { warned: true, refused: true });
  assert.equal(
    skewed(1001, (config) => {
      config.runtime.clock_skew_warn_s = 2;
    }).warned,
    false,
  );
});

Deno.test("[F-7.7 market_data_degraded_s] no market frame for 30 s while frames arrive: degraded", () => {
  for (const seconds of [25, 30, 35]) {
    const rig = boot(rigWith((config) => {
      config.runtime.market_data_degraded_s = seconds;
    }));
    const last = at(rig);
    rig.vitals = { marketFrameAt: last };
    skip(rig, seconds * 1000);
    tick(rig);
    const before = rig.bot.degradedSince;
    skip(rig, 1);
    tick(rig);
    assert.equal(before, null);
    assert.notEqual(rig.bot.degradedSince, null);
  }
});

Deno.test("[F-4.3 reconcile_recheck_s] after the first mismatch the looks come a recheck apart", () => {
  for (const seconds of [1, 2]) {
    const rig = rigWith((config) => {
      config.runtime.reconcile_recheck_s = seconds;
    });
    open(rig);
    wait(rig, 1000);
    rig.deaf = true;
    const row = positionRow({ ...rig.venue, net: 50 }, at(rig), { seq: 500 });
    rig.bot = { ...rig.bot, reconcile: { ...rig.bot.reconcile, positionAskedAt: at(rig) } };
    send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: { kind: "position", position: row } });
    skip(rig, seconds * 1000 - 1);
    assert.equal(count(tick(rig), "QueryPosition"), 0);
    skip(rig, 1);
    assert.equal(count(tick(rig), "QueryPosition"), 1);
  }
});

Deno.test("[F-4.1 dedup_keys_min] keys are kept for the overlap and at least the minimum; older rows are ignored", () => {
  const rig = rigWith((config) => {
    config.runtime.dedup_keys_min = 3;
  });
  open(rig);
  skip(rig, 2_000_000);
  const one = (index: number, age: number) =>
    move(rig.venue, {
      side: index % 2 === 0 ? "Sell" : "Buy",
      contracts: 1,
      price: DIP,
      at: epochMs(rig.now - age),
      orderLinkId: rig.bot.trade?.tradeId ?? null,
    });
  const executions = [one(0, 700_000), one(1, 699_000), one(2, 698_000), one(3, 697_000), one(4, 0)];
  for (const execution of executions) send(rig, { kind: "Executed", at: at(rig), execution, source: "backfill" });
  assert.ok(rig.bot.ledger.seen.length >= 3 && rig.bot.ledger.seen.length < 6);
  const net = rig.bot.ledger.net;
  for (const execution of executions) send(rig, { kind: "Executed", at: at(rig), execution, source: "backfill" });
  assert.equal(rig.bot.ledger.net, net);
});

Deno.test("[F-2.3 F-2.4] quantity and phase cannot part: a state that parts them is named", () => {
  const rig = boot(newRig());
  assert.deepEqual(checkInvariants(rig.bot), []);
  const parted = { ...rig.bot, ledger: { ...rig.bot.ledger, net: 5, openValue: 1 } };
  assert.deepEqual(checkInvariants(parted).map((one) => one.name), ["quantity_without_position"]);
  const held = newRig();
  open(held);
  const lost = { ...held.bot, ledger: { ...held.bot.ledger, net: 0, openValue: 0 } };
  assert.ok(checkInvariants(lost).some((one) => one.name === "position_without_quantity"));
  const error = {
    ...held.bot,
    phase: { ...held.bot.phase, position: { ...position(held), stopStatus: "ERROR" as const } },
  };
  assert.ok(checkInvariants(error as typeof held.bot).some((one) => one.name === "stop_error_without_halt"));
});

Deno.test("[F-2.4] a broken invariant is a HALT with its name, and the stop stays", () => {
  const rig = newRig();
  open(rig);
  const entry = rig.bot.past.find((order) => order.role === "entry");
  assert.ok(entry);
  const twice = [1, 2].map((index) => ({
    ...entry,
    id: `${entry.id}_${index + 4}`,
    state: "live" as const,
    end: null,
  }));
  const broken = { ...rig.bot, orders: [...rig.bot.orders, ...twice] };
  const { bot } = transition(broken, { kind: "Market", at: at(rig), seen: rig.bot.market.seen });
  assert.equal(bot.halt?.reason, "invariant_violation:two_entries");
  assert.ok(bot.orders.some((order) => order.role === "stop" && order.state === "live"));
});

Deno.test("[F-3.1 F-4.9] the stop leaves in the step that applied the fill, whatever the interval of entries", () => {
  const rig = rigWith((config) => {
    config.runtime.min_order_interval_ms = 60_000;
  });
  const id = enter(rig);
  const ticket = rig.bot.orders[0]?.ticket;
  assert.ok(ticket);
  create(rig.venue, ticket, at(rig));
  assert.equal(count(filled(rig, id, { contracts: 90, price: DIP }), "PlaceStop"), 1);
});

Deno.test("[F-11.6 F-11.4] an own-form order older than this process that the journal does not know: HALT", () => {
  const rig = newRig();
  const ticket = {
    orderLinkId: "grid_0123456789_l_Buy",
    side: "Buy",
    contracts: position0(),
    orderType: "Limit",
    price: priceCents(4_800_000),
    timeInForce: "PostOnly",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
  } as const;
  create(rig.venue, ticket, epochMs(rig.now - 60_000));
  boot(rig);
  assert.equal(haltOf(rig), "journal_behind_venue");
});

function position0() {
  const rig = newRig();
  open(rig);
  return position(rig).contracts;
}

Deno.test("[F-11.4 F-10.7] a reduce-only order of the next generation for the position we know is ours", () => {
  const rig = newRig();
  const { stop } = openNaked(rig);
  const ticket = need(rig.all, "PlaceStop").ticket;
  const row = create(rig.venue, { ...ticket, orderLinkId: `${stop}_2` }, at(rig));
  send(rig, { kind: "OrderSeen", at: at(rig), order: row });
  assert.equal(haltOf(rig), "-");
  assert.ok(rig.bot.orders.some((order) => order.id === `${stop}_2` && order.role === "stop"));
});

Deno.test("[F-11.7] recorded intents are facts: recovery registers their orders as unknown", () => {
  const rig = newRig();
  const id = enter(rig);
  const intent = need(rig.all, "PlaceEntry");
  const empty = boot(newRig()).bot;
  const known = adoptRecordedIntents(empty, { at: at(rig), intents: [intent] });
  assert.equal(known.orders[0]?.id, id);
  assert.equal(known.orders[0]?.state, "unknown");
  assert.equal(adoptRecordedIntents(known, { at: at(rig), intents: [intent] }), known);
});

Deno.test("[F-11.7] another core with something open: HALT upgraded_mid_position; with nothing open it starts", () => {
  const held = newRig();
  open(held);
  send(held, { kind: "Boot", at: at(held), accountUid: "7", restart: true, upgraded: true });
  assert.equal(haltOf(held), "upgraded_mid_position");
  const flat = boot(newRig());
  send(flat, { kind: "Boot", at: at(flat), accountUid: "7", restart: true, upgraded: true });
  assert.equal(haltOf(flat), "-");
});

Deno.test("[F-2.1 F-12.6] a restart does not reset the clock of an uncovered position", () => {
  const rig = newRig();
  openNaked(rig);
  const since = position(rig).uncoveredSince;
  skip(rig, 3000);
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  assert.equal(position(rig).uncoveredSince, since);
});

Deno.test("[F-12.6] a position closed while the process was down is taken from the executions read back", () => {
  const rig = newRig();
  const { stop } = open(rig);
  rig.deaf = true;
  skip(rig, 60_000);
  show0(rig, stop);
  rig.deaf = false;
  rig.price = 4_740_000;
  boot(rig, true);
  wait(rig, 5000);
  assert.equal(phaseOf(rig), "flat");
  assert.equal(haltOf(rig), "-");
  assert.notEqual(publicWord(rig.bot), "HALT");
});

/** The stop fires at the venue and nobody tells the bot. */
function show0(rig: Rig, stop: string): void {
  const row = rig.venue.orders.get(stop);
  assert.ok(row);
  move(rig.venue, {
    side: "Sell",
    contracts: 90,
    price: 4_740_000,
    at: at(rig),
    orderId: row.orderId,
    orderLinkId: stop,
  });
  for (const [id, one] of rig.venue.orders) {
    rig.venue.orders.set(id, { ...one, status: id === stop ? "Filled" : "Cancelled", updatedAt: at(rig) });
  }
}

Deno.test("[F-1.2 F-3.5] time never runs backwards inside the core", () => {
  const rig = boot(newRig());
  const before = rig.bot.now;
  const { bot } = transition(rig.bot, { kind: "Market", at: epochMs(before - 5000), seen: rig.bot.market.seen });
  assert.equal(bot.now, before);
});

Deno.test("[P-4] every evaluation with a signal is recorded, and once a minute without one", () => {
  const config: Config = defaultTestConfig((change) => {
    change.stages.stage_1.atr_pct_24h_min = 9;
  });
  const rig = boot(newRig(config));
  wait(rig, 2000);
  const before = rig.all.length;
  wait(rig, 60_000);
  const records = rig.all.slice(before).filter((one) => one.kind === "Record" && one.record.type === "evaluation");
  assert.equal(records.length, 1);
  market(rig, DIP);
  assert.equal(tick(rig).filter((one) => one.kind === "Record" && one.record.type === "evaluation").length, 1);
});

Deno.test("[P-12 min_equity_usd] a dry run refuses to start below the minimum equity", () => {
  for (const capital of [98, 99, 100]) {
    const rig = boot(rigWith((config) => {
      config.dry_run.dry_run = true;
      config.goal.capital_usd = capital;
    }));
    assert.equal(count(rig.all, "RefuseStart") > 0, capital < 99);
  }
});

Deno.test("[F-7.17] changed filters block until the next start", () => {
  const rig = boot(newRig());
  const instrument = { ...INSTRUMENT, tickCents: priceCents(50) };
  send(rig, { kind: "InstrumentAnswer", at: at(rig), result: { kind: "instrument", instrument } });
  tick(rig);
  assert.ok(rig.bot.blocks.some((one) => one.reason === "instrument"));
  boot(rig, true);
  tick(rig);
  assert.ok(!rig.bot.blocks.some((one) => one.reason === "instrument"));
});
