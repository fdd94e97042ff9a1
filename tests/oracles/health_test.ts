import { strict as assert } from "node:assert";
import { durationMs, epochMs, picoBtc, priceCents } from "../../src/domain/units.ts";
import { nextDeadline, publicWord, tickPeriodMs } from "../../src/application/transition/mod.ts";
import { block, openStep } from "../../src/application/transition/step.ts";
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
  openId,
  openNaked,
  phaseOf,
  place,
  position,
  positionSeen,
  type Rig,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { funding } from "../core_samples.ts";
import { INSTRUMENT } from "../core_values.ts";
import { answerRead, move, positionRow, refused, UNKNOWN } from "../core_venue.ts";

const lose = (rig: Rig, stream: "private" | "public") =>
  send(rig, { kind: "Link", at: at(rig), stream, status: "lost", cause: "" });
const ready = (rig: Rig, stream: "private" | "public") =>
  send(rig, { kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
const blocked = (rig: Rig, reason: string) => rig.bot.blocks.some((one) => one.reason === reason);
const command = (rig: Rig, name: "halt" | "reset" | "close", accept = false) =>
  need(send(rig, { kind: "OperatorCommand", at: at(rig), id: "1", command: name, reason: "t", accept }), "Answer");
const refusals = (rig: Rig) =>
  rig.all.flatMap((one) => (one.kind === "Record" && one.record.type === "evaluation" ? [one.record.refusal] : []));

Deno.test("[WS-1 F-7.7 F-7.22 ws_heartbeat_timeout_s] flat, private heartbeat over 10 s: FLAT, degraded, entry refused", () => {
  const rig = boot(newRig());
  rig.vitals = { privateFrameAt: at(rig) };
  skip(rig, 10_000);
  assert.equal(count(tick(rig), "ReopenStream"), 0);
  skip(rig, 1);
  market(rig, DIP);
  const sent = tick(rig);
  assert.equal(need(sent, "ReopenStream").stream, "private");
  assert.equal(publicWord(rig.bot), "FLAT");
  assert.notEqual(rig.bot.degradedSince, null);
  assert.equal(refusals(rig).at(-1), "degraded_mode");
});

Deno.test("[WS-2 F-4.5 ws_event_drop_max reconcile_degraded_s] position, 3 drops: IN_POSITION, degraded, one look a second", () => {
  const rig = newRig();
  open(rig);
  rig.vitals = { drops60s: 2 };
  wait(rig, 1000);
  assert.equal(rig.bot.degradedSince, null);
  rig.vitals = { drops60s: 3 };
  wait(rig, 1000);
  assert.notEqual(rig.bot.degradedSince, null);
  assert.equal(publicWord(rig.bot), "IN_POSITION");
  const sent = wait(rig, 6000);
  const looks = sent.filter((one) => one.kind === "QueryPosition" || one.kind === "QueryOpenOrders");
  assert.ok(looks.length >= 5 && looks.length <= 8, `${looks.length} looks`);
  market(rig, position(rig).stop.wantedTrigger - 10);
  assert.equal(count(wait(rig, 3000), "PlaceExit"), 1);
});

Deno.test("[WS-3 F-7.8 degraded_halt_s] degraded for 60 s: HALT degraded_mode_timeout", () => {
  const rig = boot(newRig());
  lose(rig, "private");
  tick(rig);
  wait(rig, 59_000);
  assert.equal(haltOf(rig), "-");
  wait(rig, 1000);
  assert.equal(haltOf(rig), "degraded_mode_timeout");
});

Deno.test("[F-7.7] the working entry is cancelled when degraded", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  lose(rig, "public");
  assert.equal(need(tick(rig), "CancelOrder").orderLinkId, id);
});

Deno.test("[F-7.21 ws_recovery_cooldown_s] recovery needs position, orders and executions; then a 5-minute entry block", () => {
  const rig = boot(newRig());
  lose(rig, "private");
  wait(rig, 2000);
  ready(rig, "private");
  const sent = wait(rig, 2000);
  assert.ok(find(sent, "QueryExecutions"));
  assert.equal(rig.bot.degradedSince, null);
  assert.ok(blocked(rig, "ws_recovery"));
  assert.equal(publicWord(rig.bot), "FLAT");
  wait(rig, 299_000);
  assert.ok(blocked(rig, "ws_recovery"));
  wait(rig, 3000);
  assert.ok(!blocked(rig, "ws_recovery"));
});

Deno.test("[F-7.9 network_failure_timeouts] degraded and 3 REST timeouts in a row", () => {
  for (const [held, reason] of [[false, "network_failure"], [true, "network_failure_with_position"]] as const) {
    const rig = newRig();
    if (held) open(rig);
    else boot(rig);
    rig.vitals = { restTimeoutsInRow: 3 };
    wait(rig, 1000);
    assert.equal(haltOf(rig), "-");
    lose(rig, "private");
    wait(rig, 1000);
    assert.equal(haltOf(rig), reason);
  }
});

Deno.test("[F-7.5 latency_block_s] p95 at 5.0 s: emergency block, the pending entry goes; clears at once below", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  rig.vitals = { restP95: durationMs(4999) };
  assert.equal(count(tick(rig), "CancelOrder"), 0);
  rig.vitals = { restP95: durationMs(5000) };
  assert.equal(need(tick(rig), "CancelOrder").orderLinkId, id);
  assert.ok(blocked(rig, "latency"));
  rig.vitals = { restP95: durationMs(4999) };
  tick(rig);
  assert.ok(!blocked(rig, "latency"));
});

Deno.test("[F-7.6] position status Liq: HALT liquidation", () => {
  const rig = newRig();
  open(rig);
  positionSeen(rig, { status: "Liq" });
  assert.equal(haltOf(rig), "liquidation");
});

Deno.test("[GATE-4 F-7.11] a row with positionIdx 1 or 2: HALT hedge_mode_detected", () => {
  for (const positionIdx of [1, 2]) {
    const rig = boot(newRig());
    positionSeen(rig, { positionIdx });
    assert.equal(haltOf(rig), "hedge_mode_detected");
  }
});

Deno.test("[GATE-1] HALT and a tick with a signal: HALT, no entry", () => {
  const rig = boot(newRig());
  command(rig, "halt");
  skip(rig, 2000);
  market(rig, DIP);
  assert.equal(count(tick(rig), "PlaceEntry"), 0);
  assert.equal(publicWord(rig.bot), "HALT");
});

Deno.test("[GATE-2 GATE-3] COOLDOWN until now + 3 s refuses; a second after its end it is FLAT", () => {
  const rig = boot(newRig());
  const step = openStep(rig.bot, { kind: "Shutdown", at: at(rig) });
  block(step, { reason: "loss_streak", until: epochMs(rig.now + 3000) });
  rig.bot = step.bot;
  market(rig, DIP);
  assert.equal(count(tick(rig), "PlaceEntry"), 0);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
  skip(rig, 4000);
  tick(rig);
  assert.notEqual(publicWord(rig.bot), "COOLDOWN");
});

Deno.test("[GATE-5 F-7.10] a read refused locally for budget changes nothing", () => {
  const rig = boot(newRig());
  const before = publicWord(rig.bot);
  const outcome = { kind: "notSent", reason: "rest_budget_exhausted" } as const;
  for (let call = 0; call < 5; call += 1) {
    send(rig, { kind: "WalletAnswer", at: at(rig), askedAt: at(rig), result: { kind: "failed", outcome } });
    send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: { kind: "failed", outcome } });
  }
  assert.equal(publicWord(rig.bot), before);
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-7.14] an IP ban: 10 min without REST, entries blocked; unprotected: HALT ip_banned", () => {
  const rig = boot(newRig());
  send(rig, { kind: "IpBanned", at: at(rig), until: epochMs(rig.now + 600_000) });
  const sent = wait(rig, 60_000);
  assert.equal(sent.filter((one) => one.kind.startsWith("Query") && one.kind !== "QueryTicker").length, 0);
  assert.ok(blocked(rig, "ip_banned"));
  assert.equal(haltOf(rig), "-");
  const naked = newRig();
  openNaked(naked);
  send(naked, { kind: "IpBanned", at: at(naked), until: epochMs(naked.now + 600_000) });
  assert.equal(haltOf(naked), "ip_banned");
});

Deno.test("[F-7.15] two signed calls refused for the key: HALT credentials, saying where the stop is", () => {
  const rig = newRig();
  open(rig);
  const failed = { kind: "failed", outcome: refused("credentials", 10003) } as const;
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: failed });
  assert.equal(haltOf(rig), "-");
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: failed });
  assert.equal(haltOf(rig), "credentials");
  assert.match(rig.bot.halt?.detail ?? "", /stop ACTIVE/);
});

Deno.test("[F-7.15] a refused WS auth only reconnects", () => {
  const rig = boot(newRig());
  send(rig, { kind: "Link", at: at(rig), stream: "private", status: "auth_refused", cause: "" });
  wait(rig, 2000);
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-7.16 F-7.3] a wallet change that nothing explains for 60 s is a cash flow, outside PnL", () => {
  const rig = boot(newRig());
  const realised = rig.bot.capital.realised;
  rig.venue.walletBtc = 1.0001;
  wait(rig, 90_000);
  const flows = rig.all.filter((one) => one.kind === "Record" && one.record.type === "cash_flow");
  assert.equal(flows.length, 1);
  assert.equal(rig.bot.capital.realised, realised);
});

Deno.test("[F-7.17] instrument not Trading: blocked when flat, HALT instrument with a position", () => {
  const rig = boot(newRig());
  send(rig, {
    kind: "InstrumentAnswer",
    at: at(rig),
    result: { kind: "instrument", instrument: { ...INSTRUMENT, status: "Closed" } },
  });
  tick(rig);
  assert.ok(blocked(rig, "instrument"));
  assert.equal(haltOf(rig), "-");
  const held = newRig();
  open(held);
  send(held, {
    kind: "InstrumentAnswer",
    at: at(held),
    result: { kind: "instrument", instrument: { ...INSTRUMENT, status: "Closed" } },
  });
  assert.equal(haltOf(held), "instrument");
  assert.equal(position(held).stopStatus, "ACTIVE");
});

Deno.test("[F-7.17] announced maintenance blocks entries from 10 minutes before", () => {
  const rig = boot(newRig());
  const window = { from: epochMs(rig.now + 601_000), to: epochMs(rig.now + 900_000) };
  send(rig, { kind: "MaintenanceAnswer", at: at(rig), result: { kind: "maintenance", window } });
  tick(rig);
  assert.ok(!blocked(rig, "instrument"));
  wait(rig, 2000);
  assert.ok(blocked(rig, "instrument"));
});

Deno.test("[F-8.7 reconnect_loop_count] three losses in 5 minutes block entries only", () => {
  const rig = newRig();
  open(rig);
  for (let loss = 0; loss < 3; loss += 1) {
    lose(rig, "private");
    skip(rig, 1000);
    ready(rig, "private");
    wait(rig, 6000);
  }
  assert.ok(blocked(rig, "reconnect_loop"));
  assert.equal(phaseOf(rig), "position");
});

Deno.test("[F-1.28 F-4.2] funding moves cash, never quantity", () => {
  const rig = newRig();
  open(rig);
  const before = rig.bot.capital.realised;
  send(rig, funding(rig, 5_000_000));
  assert.equal(position(rig).contracts, 90);
  assert.equal(rig.bot.capital.realised, before - 5_000_000);
  assert.equal(rig.bot.trade?.funding, 5_000_000);
});

Deno.test("[P-13 P-1] the trade's record is written 10 s after flat; money after that is an adjustment", () => {
  const rig = newRig();
  const { target, stop } = open(rig);
  filled(rig, target, { contracts: 90, price: 4_990_000 });
  send(rig, { kind: "OrderSeen", at: at(rig), order: { ...need0(rig, stop), status: "Deactivated" } });
  const trades = () => rig.all.filter((one) => one.kind === "Record" && one.record.type === "trade");
  wait(rig, 9000);
  assert.equal(trades().length, 0);
  wait(rig, 1000);
  assert.equal(trades().length, 1);
  send(rig, funding(rig, 1_000_000));
  assert.ok(rig.all.some((one) => one.kind === "Record" && one.record.type === "adjustment"));
});

/** The stop's row, deactivated at the venue. */
function need0(rig: Rig, id: string) {
  const row = rig.venue.orders.get(id);
  if (row === undefined) throw new Error(`no order ${id}`);
  rig.venue.orders.set(id, { ...row, status: "Deactivated" });
  return row;
}

Deno.test("[F-4.3 reconcile_mismatch_confirm reconcile_override_pause_s] less at the venue: three looks and a newer row", () => {
  const rig = newRig();
  open(rig);
  const lower = (seq: number) => positionRow({ ...rig.venue, net: 50 }, at(rig), { seq });
  const look = (seq: number) => {
    skip(rig, 1000);
    send(rig, {
      kind: "PositionAnswer",
      at: at(rig),
      askedAt: at(rig),
      result: { kind: "position", position: lower(seq) },
    });
  };
  rig.deaf = true;
  look(200);
  look(200);
  assert.equal(position(rig).contracts, 90);
  look(200);
  assert.equal(position(rig).contracts, 50);
  assert.equal(haltOf(rig), "-");
});

Deno.test("[F-4.3] a look is void when a private event was applied between its request and its answer", () => {
  const rig = newRig();
  open(rig);
  rig.deaf = true;
  skip(rig, 1000);
  const askedAt = at(rig);
  skip(rig, 100);
  send(rig, funding(rig, 1));
  const execution = move(rig.venue, {
    side: "Sell",
    contracts: 1,
    price: DIP,
    at: at(rig),
    orderLinkId: openId(rig, "target"),
  });
  send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  const row = positionRow({ ...rig.venue, net: 90 }, at(rig));
  send(rig, { kind: "PositionAnswer", at: at(rig), askedAt, result: { kind: "position", position: row } });
  assert.equal(rig.bot.reconcile.mismatches, 0);
});

Deno.test("[F-7.8 F-7.7] three lost frames are remembered for a minute: a failed read after it does not halt, a minute of them does", () => {
  const rig = newRig();
  open(rig);
  rig.vitals = { drops60s: 3 };
  wait(rig, 1000);
  assert.notEqual(rig.bot.degradedSince, null);
  wait(rig, 58_000);
  rig.vitals = { drops60s: 0 };
  rig.deaf = true;
  wait(rig, 4_000);
  assert.deepEqual([haltOf(rig), rig.bot.degradedSince === null], ["-", false]);
  rig.deaf = false;
  wait(rig, 4_000);
  assert.deepEqual([haltOf(rig), rig.bot.degradedSince], ["-", null]);
  rig.vitals = { drops60s: 3 };
  wait(rig, 119_000);
  assert.equal(haltOf(rig), "-");
  wait(rig, 3_000);
  assert.equal(haltOf(rig), "degraded_mode_timeout");
});

Deno.test("[F-4.3] less without explanation for 30 s: position and stop kept, no entry, HALT position_disagreement", () => {
  const rig = newRig();
  open(rig);
  rig.deaf = true;
  for (let second = 0; second < 31; second += 1) {
    skip(rig, 1000);
    const row = positionRow({ ...rig.venue, net: 0 }, at(rig), { seq: null });
    send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: { kind: "position", position: row } });
    tick(rig);
  }
  assert.equal(haltOf(rig), "position_disagreement");
  assert.equal(position(rig).contracts, 90);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-4.5 reconcile_flat_s reconcile_position_s reconcile_pending_s wallet_period_s] periods by phase", () => {
  const flat = boot(newRig());
  wait(flat, 30_000);
  assert.equal(count(wait(flat, 60_000), "QueryPosition"), 2);
  assert.equal(count(flat.last, "QueryWallet"), 4);
  const held = newRig();
  open(held);
  wait(held, 10_000);
  assert.equal(count(wait(held, 60_000), "QueryPosition"), 6);
  const entry = newRig();
  const id = enter(entry);
  show(entry, id);
  assert.equal(count(wait(entry, 30_000), "QueryPosition"), 6);
});

Deno.test("[F-4.6 F-4.8] a lost private event and a frame that does not parse bring a look at once, and no guess", () => {
  const rig = newRig();
  open(rig);
  const dropped = send(rig, { kind: "Dropped", at: at(rig), channel: "private", count: 1 });
  assert.ok(find(dropped, "QueryPosition") && find(dropped, "QueryOpenOrders"));
  skip(rig, 1000);
  const broken = send(rig, { kind: "ParseFault", at: at(rig), source: "private:order", detail: "?" });
  assert.ok(find(broken, "QueryPosition") && find(broken, "QueryOpenOrders"));
  skip(rig, 1000);
  send(rig, { kind: "ParseFault", at: at(rig), source: "rest:order", detail: "?" });
  assert.ok(find(tick(rig), "QueryPosition"));
  assert.equal(haltOf(rig), "-");
});

for (
  const lost of [
    { kind: "Dropped", channel: "private", count: 1 },
    { kind: "ParseFault", source: "private:frame", detail: "not JSON" },
  ] as const
) {
  Deno.test(`[F-2.1 F-4.6 F-4.8] ${lost.kind}: lists lag by up to 3 s, so the look is repeated then`, () => {
    const rig = newRig();
    open(rig);
    // Between two routine reads, which fall on round moments of ten seconds.
    wait(rig, 32_000 - at(rig) % 10_000);
    const first = send(rig, { ...lost, at: at(rig) });
    assert.equal(count(first, "QueryOpenOrders"), 1);
    assert.equal(count(wait(rig, 2_000), "QueryOpenOrders"), 0);
    assert.equal(count(wait(rig, 2_000), "QueryOpenOrders"), 1);
    assert.equal(count(wait(rig, 3_000), "QueryOpenOrders"), 0);
  });
}

Deno.test("[F-2.1 F-4.6] the routine look between the two does not take the place of the second", () => {
  const rig = newRig();
  open(rig);
  // A second before the routine look of a round moment of ten seconds.
  wait(rig, 39_000 - at(rig) % 10_000);
  send(rig, { kind: "Dropped", at: at(rig), channel: "private", count: 1 });
  assert.equal(count(wait(rig, 2_000), "QueryOpenOrders"), 1);
  assert.equal(count(wait(rig, 2_000), "QueryOpenOrders"), 1);
});

Deno.test("[F-4.8 F-7.10] a stream of broken frames: looks come a second apart at the closest, three seconds as a rule", () => {
  const rig = newRig();
  open(rig);
  wait(rig, 20_000);
  const broken = Array.from({ length: 300 }, () => {
    skip(rig, 100);
    return count(
      send(rig, { kind: "ParseFault", at: at(rig), source: "private:frame", detail: "not JSON" }),
      "QueryPosition",
    );
  });
  const looks = broken.reduce((sum, one) => sum + one, 0);
  assert.ok(looks >= 10 && looks <= 31, `${looks} looks in 30 s`);
});

Deno.test("[F-3.2 tick_s tick_min_s tick_max_s] 2 s; 1 s while uncovered or unknown; 3 s near the budget", () => {
  const rig = boot(newRig());
  assert.equal(tickPeriodMs(rig.bot), 2000);
  rig.vitals = { restCalls60s: 56, restProtectiveCalls60s: 0 };
  tick(rig);
  assert.equal(tickPeriodMs(rig.bot), 3000);
  const naked = newRig();
  openNaked(naked);
  assert.equal(tickPeriodMs(naked.bot), 1000);
  const unknown = newRig();
  place(unknown, enter(unknown), UNKNOWN);
  assert.equal(tickPeriodMs(unknown.bot), 1000);
});

Deno.test("[F-3.2] the core asks for a tick when silence must be noticed and when a timeout is due", () => {
  const rig = boot(newRig());
  const quiet = nextDeadline(rig.bot);
  assert.ok(quiet !== null && quiet > rig.now && quiet <= rig.now + 10_001);
  const entry = newRig();
  show(entry, enter(entry));
  const due = nextDeadline(entry.bot);
  assert.ok(due !== null && due <= entry.now + 60_000);
});

Deno.test("[F-13.1] the file KILL: HALT within one tick; closes only when configured", () => {
  for (const flatten of [false, true]) {
    const rig = newRig(defaultTestConfig((config) => {
      config.safety.kill_switch_flatten = flatten;
    }));
    const { target } = open(rig);
    const sent = send(rig, { kind: "KillSwitch", at: at(rig), present: true });
    assert.equal(haltOf(rig), "kill_switch");
    assert.equal(count(sent, "PlaceExit"), flatten ? 1 : 0);
    assert.ok(sent.some((one) => one.kind === "CancelOrder" && one.orderLinkId === target));
  }
});

Deno.test("[F-13.2 F-13.6] reset: refused while KILL exists or uncovered; names the cause; held causes need --accept", () => {
  const rig = boot(newRig());
  assert.equal(command(rig, "reset").ok, false);
  send(rig, { kind: "KillSwitch", at: at(rig), present: true });
  assert.match(command(rig, "reset").text, /KILL/);
  send(rig, { kind: "KillSwitch", at: at(rig), present: false });
  assert.match(command(rig, "reset").text, /kill_switch/);
  assert.equal(haltOf(rig), "-");
  rig.bot = { ...rig.bot, halt: { reason: "winrate_hard", since: at(rig), detail: "" } };
  assert.match(command(rig, "reset").text, /--accept/);
  assert.equal(command(rig, "reset", true).ok, true);
  const naked = newRig();
  openNaked(naked);
  command(naked, "halt");
  assert.match(command(naked, "reset").text, /not covered/);
});

Deno.test("[F-13.8 halt_auto_release] a named halt lifts after 5 minutes of agreement, at most 3 times a day", () => {
  const rig = boot(newRig(defaultTestConfig((config) => {
    config.runtime.halt_auto_release = ["degraded_mode_timeout"];
  })));
  for (let time = 1; time <= 4; time += 1) {
    rig.bot = { ...rig.bot, halt: { reason: "degraded_mode_timeout", since: at(rig), detail: "" } };
    wait(rig, 299_000);
    assert.equal(haltOf(rig), "degraded_mode_timeout");
    wait(rig, 40_000);
    assert.equal(haltOf(rig), time <= 3 ? "-" : "degraded_mode_timeout");
  }
});

Deno.test("[F-11.9 F-11.8] no journal and a core fault halt; protection goes on", () => {
  for (const reason of ["journal_unavailable", "core_fault"] as const) {
    const rig = newRig();
    const id = enter(rig);
    show(rig, id);
    if (reason === "core_fault") send(rig, { kind: "CoreFault", at: at(rig), during: "Tick", message: "x" });
    else send(rig, { kind: "JournalHealth", at: at(rig), state: "failed", detail: "full" });
    assert.equal(haltOf(rig), reason);
    assert.equal(count(filled(rig, id, { contracts: 90, price: DIP }), "PlaceStop"), 1);
  }
});

Deno.test("[P-14] durability later than 2 s blocks entries", () => {
  const rig = boot(newRig());
  rig.vitals = { journalLagMs: 2001 };
  tick(rig);
  assert.ok(blocked(rig, "journal_lag"));
  rig.vitals = { journalLagMs: 2000 };
  tick(rig);
  assert.ok(!blocked(rig, "journal_lag"));
});

Deno.test("[F-12.6] the start: venue first, then the checks; a failed one refuses when flat and halts when open", () => {
  const rig = newRig();
  const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  const kinds = sent.map((one) => one.kind).filter((kind) => kind.startsWith("Query"));
  assert.deepEqual(kinds.slice(0, 3), ["QueryPosition", "QueryOpenOrders", "QueryExecutions"]);
  const bad = newRig();
  bad.deaf = true;
  send(bad, { kind: "Boot", at: at(bad), accountUid: "7", restart: false, upgraded: false });
  const answer = { kind: "account", unified: true, marginMode: "REGULAR_MARGIN" } as const;
  const refusal = need(send(bad, { kind: "AccountAnswer", at: at(bad), result: answer }), "RefuseStart");
  assert.equal(refusal.check, "margin_mode");
});

Deno.test("[F-12.5 F-12.6] keys with withdraw or transfer rights and keys of another account are refused", () => {
  const more = { canWithdrawOrTransfer: true, excess: ["FiatBitPay: FaitPayOrder"] };
  for (const change of [more, { readOnly: true }, { uid: "8" }]) {
    const rig = newRig();
    rig.deaf = true;
    send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
    const [event] = answerRead(rig.venue, { kind: "QueryKey" }, { at: at(rig), askedAt: at(rig), price: rig.price }) ??
      [];
    assert.ok(event?.kind === "KeyAnswer" && event.result.kind === "key");
    const refusal = need(send(rig, { ...event, result: { ...event.result, ...change } }), "RefuseStart");
    if (change === more) {
      assert.match(refusal.line, /more than trade contracts: it also carries FiatBitPay: FaitPayOrder;/);
    }
  }
});

Deno.test("[F-7.1 F-7.2 F-7.23 drop_1m_pct surge_1m_pct] a fall or rise of 10 % in a minute is a COOLDOWN with a snapshot", () => {
  for (const price of [4_500_000, 5_500_000]) {
    const rig = boot(newRig());
    wait(rig, 61_000);
    market(rig, price);
    assert.equal(publicWord(rig.bot), "COOLDOWN");
    assert.ok(rig.all.some((one) => one.kind === "Record" && one.record.type === "snapshot"));
  }
});

Deno.test("[F-7.20 cooldown_min recovery_stable_min] the cooldown lifts after 30 minutes and 5 stable minutes", () => {
  const rig = boot(newRig());
  market(rig, 4_500_000);
  wait(rig, 29 * 60_000);
  assert.equal(publicWord(rig.bot), "COOLDOWN");
  wait(rig, 2 * 60_000);
  assert.notEqual(publicWord(rig.bot), "COOLDOWN");
});

Deno.test("[P-1] capital is fixed once, at the first mark, and equity follows own results only", () => {
  const rig = boot(newRig());
  assert.equal(rig.bot.capital.base, picoBtc(Math.floor(100 * 1e14 / 5_000_000)));
  market(rig, 6_000_000, { mark: priceCents(6_000_000) });
  tick(rig);
  assert.equal(rig.bot.capital.base, picoBtc(Math.floor(100 * 1e14 / 5_000_000)));
});
