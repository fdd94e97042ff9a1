/** The state of the bot stays the size it has after its rings are full, however long it runs. */
import { strict as assert } from "node:assert";
import { initialBot, transition } from "../../src/application/transition/mod.ts";
import type { Event } from "../../src/domain/events.ts";
import type { Bot } from "../../src/domain/state.ts";
import { durationMs, epochMs } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { NOON, price, qty } from "../core_values.ts";

/** A seeded walk of the market, a frame a second, a Tick every other one, an hour bar an hour. */
function* events(count: number): Generator<Event> {
  let state = 12_345;
  let cents = 4_000_000;
  for (let second = 1; second <= count; second++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    cents = Math.max(1_000_000, cents + (state % 2_001) - 1_000);
    const at = epochMs(NOON + second * 1000);
    const last = price(cents / 100);
    const quote = { bid: last, bidSize: qty(1_000), ask: last, askSize: qty(1_000) };
    const values = { last, lastMin: last, lastMax: last, mark: last, markMin: last, markMax: last, index: last };
    yield { kind: "Market", at, seen: { ...values, ...quote, fundingRate: null, nextFundingAt: null } };
    if (second % 2 === 0) yield { kind: "Tick", at, vitals: vitals(at) };
    if (second % 60 !== 0) continue;
    // An hour of bars a minute, so that many days of bars pass through.
    const startAt = epochMs(Math.floor(NOON / 3_600_000) * 3_600_000 + (second / 60) * 3_600_000);
    yield {
      kind: "Bars",
      at,
      interval: "1h",
      source: "stream",
      bars: [{ startAt, open: last, high: last, low: last, close: last }],
    };
  }
}
function vitals(at: Event["at"]): Extract<Event, { kind: "Tick" }>["vitals"] {
  const frames = { privateFrameAt: at, publicFrameAt: at, marketFrameAt: at };
  const calls = { restTimeoutsInRow: 0, restCalls60s: 0, restProtectiveCalls60s: 0 };
  return { ...frames, ...calls, drops60s: 0, restP95: durationMs(50), clockSkewMs: 0, journalLagMs: 0 };
}

Deno.test("the state does not grow: its size after 300,000 events is its size after 60,000", () => {
  const fresh = initialBot({ config: defaultTestConfig(), accountUid: "1" });
  let bot: Bot = { ...fresh, blocks: [], boot: { ...fresh.boot, stage: "done", startedAt: epochMs(NOON) } };
  const sizes: number[] = [];
  let count = 0;
  for (const event of events(200_000)) {
    bot = transition(bot, event).bot;
    if (++count === 60_000 || count === 300_000) sizes.push(JSON.stringify(bot).length);
  }
  const [early = 0, late = 0] = sizes;
  assert.ok(early > 1_000 && late < early * 1.05 + 500, `from ${early} to ${late} characters`);
});
