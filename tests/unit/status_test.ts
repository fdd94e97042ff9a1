/** What `status.json` tells a watcher (M-1.2). */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { epochMs, microUsd } from "../../src/domain/units.ts";
import { readStatus, type Status, statusOf } from "../../src/views/status.ts";
import { boot, newRig, open, openNaked, position, type Rig, wait } from "../core_rig.ts";
import { NO_VITALS } from "../core_values.ts";

function told(rig: Rig): Status {
  const facts = {
    writtenAt: epochMs(rig.now),
    version: "0.1.0",
    commit: "abc",
    configHash: "00",
    journalSeq: 7,
    journalHead: "ab",
    start: { at_ms: 1, capital_usd: 100, btc_usd: 40_000 },
    observe: false,
    vitals: { ...NO_VITALS, restCalls60s: 31, drops60s: 2 },
  };
  const read = readStatus(JSON.stringify(statusOf({ bot: rig.bot, guardian: null }, facts)));
  if (read.kind !== "status") throw new Error(JSON.stringify(read));
  return read.status;
}

Deno.test("[M-1.2] status names price and kind of every open order, and the target of the position", () => {
  const rig = newRig();
  const { stop, target, contracts } = open(rig);
  const status = told(rig);
  const orders = Object.fromEntries(status.open_orders.map((order) => [order.id, order]));
  const held = position(rig);
  deepEqual([orders[stop]?.kind, orders[stop]?.price_usd, orders[stop]?.side], [
    "stop",
    held.stop.wantedTrigger / 100,
    "Sell",
  ]);
  deepEqual([orders[target]?.kind, orders[target]?.contracts], ["post-only", contracts]);
  equal(orders[target]?.price_usd, status.position?.target_usd);
  ok((status.position?.target_usd ?? 0) > (status.position?.entry_usd ?? Infinity));
  deepEqual([status.position?.stop_shown_usd, status.position?.protected_without_us], [
    held.stop.wantedTrigger / 100,
    true,
  ]);
});

Deno.test("[M-1.2] a stop that was sent and never shown has no shown price and protects nobody", () => {
  const rig = newRig();
  openNaked(rig);
  const { position: held } = told(rig);
  deepEqual([held?.stop_shown_usd, held?.stop_shown_at_ms, held?.protected_without_us], [null, null, false]);
});

Deno.test("[M-1.2] the age of the stop is that of the newest read which showed it, not of the day it was placed", () => {
  const rig = newRig();
  open(rig);
  wait(rig, 3_600_000);
  const { position: held, written_at_ms: now } = told(rig);
  const age = now - (held?.stop_shown_at_ms ?? 0);
  ok(age >= 0 && age <= 15_000, `${age} ms`);
  const { bot } = rig;
  const stop = held?.stop_id;
  const look = { askedAt: null, nextAt: null, misses: 1, lastMissAt: null };
  rig.bot = { ...bot, orders: bot.orders.map((one) => (one.id === stop ? { ...one, look } : one)) };
  ok(now - (told(rig).position?.stop_shown_at_ms ?? 0) > 3_000_000, "a read that left it out shows nothing");
});

Deno.test("[M-1.2] status says what would refuse an entry now, with the inputs of that gate", () => {
  const rig = boot(newRig());
  wait(rig, 2_000);
  deepEqual([told(rig).entry.refusal, told(rig).entry.gate], ["no_signal", null]);
  rig.bot = { ...rig.bot, risk: { ...rig.bot.risk, tradesToday: 5 } };
  const { entry } = told(rig);
  deepEqual([entry.refusal, entry.gate], ["max_trades_per_day", 2]);
  deepEqual([entry.inputs["trades_today"], entry.inputs["max_trades_per_day"]], [5, 5]);
  const held = newRig();
  open(held);
  equal(told(held).entry.refusal, "state_not_flat");
});

Deno.test("[M-1.2] status draws the grid: next buy and sell around the anchor, judged when the next bar closes", () => {
  const fresh = newRig();
  equal(told(fresh).grid, null);
  const rig = boot(newRig());
  wait(rig, 2_000);
  const { grid } = told(rig);
  ok(grid !== null && grid.spacing_usd > 0);
  equal(grid.anchor_usd, 50_000);
  equal(grid.buy_at_usd, grid.anchor_usd - grid.spacing_usd);
  equal(grid.sell_at_usd, grid.anchor_usd + grid.spacing_usd);
  equal(grid.next_bar_at_ms, Math.ceil(rig.now / 3_600_000) * 3_600_000);
});

Deno.test("[M-1.2] status carries start and three curves, room left with reset times, and the link's figures", () => {
  const rig = boot(newRig());
  wait(rig, 2_000);
  const status = told(rig);
  deepEqual(status.start, { at_ms: 1, capital_usd: 100, btc_usd: 40_000 });
  deepEqual([status.equity_usd, status.trading_usd, status.held_usd], [100, 80, 100]);
  const { day, week } = status.limits;
  equal(day.left_usd, day.cap_usd);
  equal(day.resets_at_ms, Date.UTC(2026, 0, 6));
  equal(week.resets_at_ms, Date.UTC(2026, 0, 12));
  deepEqual([status.rest_calls_60s, status.stream_drops_60s], [31, 2]);
});

Deno.test("[M-1.2] readers take the version they know and name every other", () => {
  deepEqual(readStatus('{"schema":1,"word":"FLAT"}'), { kind: "version", found: 1 });
  deepEqual(readStatus('{"schema":99}'), { kind: "version", found: 99 });
  deepEqual(readStatus(""), { kind: "unreadable", why: "it is empty" });
  deepEqual(readStatus('{"schema":2,"wor'), { kind: "unreadable", why: "it is not whole" });
  const odd = readStatus('{"schema":2}');
  ok(odd.kind === "unreadable");
  match(odd.why, /^written_at_ms: /);
});

Deno.test("[P-11] the cap of the week is that of the week, not of the day", () => {
  const rig = newRig();
  boot(rig);
  wait(rig, 10_000);
  const { risk } = rig.bot;
  ok(risk.week !== null);
  // Yesterday's loss is in the week and no more in the day.
  rig.bot = { ...rig.bot, risk: { ...risk, week: { ...risk.week, realised: microUsd(-4_000_000) } } };
  const { limits } = told(rig);
  deepEqual([limits.day.realised_usd, limits.week.realised_usd], [0, -4]);
  deepEqual([limits.day.left_usd, limits.week.left_usd], [5, 8.5]);
  equal(limits.day.cap_usd?.toFixed(2), "5.00");
  equal(limits.week.cap_usd?.toFixed(2), "12.50");
});

Deno.test("[F-13.5] the worst loss is in dollars at the stop's trigger, not at the entry", () => {
  const rig = newRig();
  open(rig);
  const { position: held } = told(rig);
  const { contracts = 0, entry_usd: entry = null, stop_usd: stop = 0, worst_usd: worst = null } = held ?? {};
  ok(entry !== null && worst !== null);
  // Inverse: BTC lost are worth less dollars at the lower price at which they are lost.
  const btc = contracts / entry - contracts / stop;
  ok(
    Math.abs(worst - btc * stop) < 0.0001,
    `${worst} against ${btc * stop} at the trigger, ${btc * entry} at the entry`,
  );
});
